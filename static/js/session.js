// Warns two minutes before the session ends and hides names after half an hour of rest. The server does the real work:
// this only tells what it has done, or will do. Words and times come from data-* attributes.

const box = document.getElementById("sesi");
const link = box?.querySelector("a");
const form = box?.querySelector("form");

function tell(words, address, label) {
  box.querySelector("#sesi-kata").textContent = words;
  link.hidden = !address;
  form.hidden = Boolean(address);
  if (address) {
    const here = location.pathname + location.search;
    link.href = `${address}?next=${encodeURIComponent(here)}`;
    link.textContent = label;
  }
  box.hidden = false;
}

async function ask(options) {
  try {
    const answer = await fetch(box.dataset.ask, options);
    return answer.ok ? (await answer.json()).rest : null;
  } catch {
    return null;
  }
}

let endsAt, timer;
function later(act, milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(act, Math.min(milliseconds, 2 ** 30));
}

function over() {
  clearTimeout(timer);
  tell(box.dataset.over, box.dataset.signIn, box.dataset.again);
}

// Another tab may have kept the session alive, so the server is asked before anything is said.
async function check() {
  const rest = await ask();
  if (rest === 0) return over();
  if (rest !== null) endsAt = Date.now() + rest * 1000;
  plan();
}

function plan() {
  const left = endsAt - Date.now();
  const untilWarning = left - Number(box.dataset.warning) * 1000;
  if (untilWarning > 1000) {
    box.hidden = true;
    return later(check, untilWarning);
  }
  tell(box.dataset.soon);
  later(check, Math.max(left, 0) + 1500);
}

function watchSession(rest) {
  endsAt = Date.now() + rest * 1000;
  plan();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const rest = await ask({ method: "POST", body: new FormData(form) });
    if (rest === 0) return over();
    if (rest) {
      endsAt = Date.now() + rest * 1000;
      plan();
    }
  });
  // A phone that slept has missed its timers.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && endsAt - Date.now() <= Number(box.dataset.warning) * 1000) check();
  });
}

function watchNames(lock) {
  const loadedAt = Date.now();
  let locked = false;
  function hide() {
    if (locked || Date.now() - loadedAt < lock * 1000) return;
    const names = document.querySelectorAll("[data-identity]");
    if (!names.length) return;
    locked = true;
    for (const name of names) name.hidden = true;
    tell(box.dataset.locked, box.dataset.unlock, box.dataset.open);
  }
  setTimeout(hide, lock * 1000 + 500);
  document.addEventListener("visibilitychange", () => document.hidden || hide());
}

if (box?.dataset.rest) watchSession(Number(box.dataset.rest));
if (box?.dataset.lock) watchNames(Number(box.dataset.lock));
