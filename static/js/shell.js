// What every page has: the strip when there is no signal, toasts that go, shortcuts, the weekday beside a date.
// Words come from data-* attributes; without this file every page still works.

const strip = document.getElementById("tanpa-sinyal");

function tellSignal(back) {
  if (!strip) return;
  strip.querySelector("span").textContent = back ? strip.dataset.on : strip.dataset.off;
  strip.classList.toggle("s-selesai", back);
  strip.hidden = false;
  if (back) setTimeout(() => (strip.hidden = navigator.onLine), 4000);
}
window.addEventListener("offline", () => tellSignal(false));
window.addEventListener("online", () => tellSignal(true));
if (!navigator.onLine) tellSignal(false);

for (const toast of document.querySelectorAll(".k-toast")) {
  const close = toast.querySelector("[data-close]");
  if (close) {
    close.hidden = false;
    close.addEventListener("click", () => toast.remove());
  }
  if (!toast.dataset.fades) continue;
  let timer;
  const start = () => (timer = setTimeout(() => toast.remove(), Number(toast.dataset.fades)));
  const stop = () => clearTimeout(timer);
  for (const event of ["pointerenter", "focusin"]) toast.addEventListener(event, stop);
  for (const event of ["pointerleave", "focusout"]) toast.addEventListener(event, start);
  start();
}

document.querySelector("[data-focus]")?.focus();

// The chosen chip of a row that slides comes into view.
for (const chip of document.querySelectorAll(".k-slide [aria-current]")) {
  chip.scrollIntoView({ inline: "center", block: "nearest" });
}

// The weekday of what was picked, in the language of the page.
const dayName = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "long" });
function nameDay(input) {
  let word = document.getElementById(`${input.id}_hari`);
  if (!word) {
    word = document.createElement("output");
    word.id = `${input.id}_hari`;
    word.className = "k-weekday";
    word.htmlFor = input.id;
    input.after(word);
  }
  const [year, month, day] = input.value.slice(0, 10).split("-").map(Number);
  word.textContent = day ? dayName.format(new Date(year, month - 1, day)) : "";
}
for (const input of document.querySelectorAll("input[type=date], input[type=datetime-local]")) {
  nameDay(input);
  input.addEventListener("input", () => nameDay(input));
}

// Shortcuts: one key each, off by a setting of the account, never while typing.
function typing(target) {
  return target.closest("input, textarea, select, [contenteditable], dialog");
}
function step(forward) {
  const rows = [...document.querySelectorAll(".k-row h3 a, .k-links a")];
  const at = rows.indexOf(document.activeElement);
  rows[Math.min(Math.max(at + (forward ? 1 : -1), 0), rows.length - 1)]?.focus();
}
const shortcuts = {
  "/": () => {
    const field = document.getElementById("cari");
    if (field?.offsetParent) field.focus();
    else document.querySelector(".k-top a.k-pho.k-icon")?.click();
  },
  n: () => document.querySelector(".k-nav .k-log")?.click(),
  j: () => step(true),
  k: () => step(false),
  "?": () => document.getElementById("tombol-cepat")?.showModal(),
};
if (document.body.hasAttribute("data-shortcuts")) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const act = shortcuts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
