// The quick log with a script: it keeps a draft, shows whom to call, whispers what is logged already, and sends by
// itself when there is signal again. Every word comes from the page; without this file the form is posted as it is.

import * as draft from "./draft.js";
import { send } from "./send.js";

const RESTORE_FOR = 12 * 3600 * 1000;
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "submit_key", "writer"]);
const RETRY = [5000, 15_000, 30_000, 60_000];
const clock = new Intl.DateTimeFormat("id", { hour: "2-digit", minute: "2-digit" });

let form, photo, user, id, timer, retryTimer, looking;
let state = "typing";
let tries = 0;

const $ = (selector, root = form) => root.querySelector(selector);
const all = (selector, root = form) => [...root.querySelectorAll(selector)];

// --- The draft ---

function fields() {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_KEPT.has(name));
}

function isEmpty() {
  const usual = new Set(["numbers", "reporter_is", "carry", "desk", "place_body", "problem_main"]);
  return !photo && fields().every(([name, value]) => usual.has(name) || !value);
}

async function keep() {
  clearTimeout(timer);
  if (!draft.safe || !user || state === "sent" || isEmpty()) return;
  try {
    const at = await draft.save({ id, user, state, fields: fields(), photo });
    sayKept(form.dataset.saved, at);
  } catch {
    sayKept(form.dataset.memory);
  }
}

function sayKept(words, at) {
  const line = document.getElementById("tersimpan");
  line.textContent = at ? `${words} ${clock.format(at)}` : words;
}

function keepSoon() {
  clearTimeout(timer);
  timer = setTimeout(keep, 400);
}

function fill(kept) {
  form.reset();
  for (const input of all("input[type=checkbox], input[type=radio]")) input.checked = false;
  for (const [name, value] of kept.fields) {
    const inputs = all(`[name="${CSS.escape(name)}"]`);
    const choice = inputs.find((input) => ["checkbox", "radio"].includes(input.type) && input.value === value);
    if (choice) choice.checked = true;
    else if (inputs[0] && !["checkbox", "radio", "file"].includes(inputs[0].type)) inputs[0].value = value;
  }
  photo = kept.photo;
  showPhoto();
  for (const fold of all("details"))
    fold.open = all("input:not([type=hidden]), select", fold).some((input) =>
      ["checkbox", "radio"].includes(input.type)
        ? input.checked && !input.defaultChecked
        : input.value && input.type !== "file" && !(input.name === "desk"),
    );
  look();
}

function use(key) {
  id = key;
  $("[name=submit_key]").value = key;
}

async function restore() {
  const rows = await draft.list(user);
  const wanted = location.hash.slice(1) || id;
  const mine = rows.find((row) => row.id === wanted) ?? rows.find((row) => row.state === "waiting" || Date.now() - row.at < RESTORE_FOR);
  const kept = mine && (await draft.load(mine.id));
  if (!kept) return;
  use(kept.id);
  fill(kept);
  const tip = document.getElementById("draf");
  $("[data-words]", tip).textContent = `${form.dataset.restored} ${clock.format(kept.at)}`;
  tip.hidden = false;
  sayKept(form.dataset.saved, kept.at);
  if (kept.state === "waiting") {
    state = "waiting";
    submit({ fetchToken: true });
  }
}

async function throwAway(button) {
  if (!button.dataset.sure) {
    button.dataset.sure = "1";
    button.textContent = button.dataset.ask;
    return;
  }
  await draft.remove(id).catch(() => {});
  startAnew();
}

function startAnew() {
  clearTimeout(retryTimer);
  if (location.hash) history.replaceState(null, "", location.pathname);
  state = "typing";
  use(crypto.randomUUID());
  photo = null;
  form.reset();
  for (const input of all("textarea, input:not([type=hidden], [type=checkbox], [type=radio])")) input.value = "";
  document.getElementById("draf").hidden = true;
  document.getElementById("belum-terkirim").hidden = true;
  document.getElementById("tersimpan").textContent = "";
  showPhoto();
  look();
  $("[name=story]").focus();
}

// --- Whom to call first ---

function look() {
  const flags = all("[name=red_flags]:checked").length;
  const emergency = $("[name=urgency][value=emergency]");
  if (flags && !emergency.checked) emergency.checked = true;
  const call = document.getElementById("telepon-dulu");
  const appears = call.hidden && emergency.checked;
  call.hidden = !emergency.checked;
  if (appears) call.scrollIntoView({ block: "nearest" }); // the numbers, above the bar, without another swipe
  const me = $("[name=reporter_is]:checked")?.value === "me";
  document.getElementById("pelapor").hidden = me;
  const chosen = all("[name=problems]:checked").map((input) => input.value);
  const main = $("[name=problem_main]");
  if (!chosen.includes(main.value)) main.value = chosen[0] ?? "";
}

// --- What is logged already, and the numbers in the story ---

let asked = "";

async function whisper() {
  const body = new FormData();
  for (const [name, value] of fields()) if (value) body.append(name, value);
  const clue = ["story", "reporter_phone", "patient_phone", "other_phone", "place_body"].map((name) => body.get(name) ?? "");
  const names = fields().filter(([name, value]) => /_(name|nik|jkn|kk|kpj)$/.test(name) && value.length > 3);
  const question = JSON.stringify([clue, names]);
  if (question === asked || (clue[0].length < 12 && !clue[1] && !clue[2] && !clue[4] && !names.length)) return;
  asked = question;
  looking?.abort();
  looking = new AbortController();
  try {
    const token = $("[name=csrfmiddlewaretoken]")?.value;
    if (!token || !navigator.onLine) return;
    body.append("csrfmiddlewaretoken", token);
    const answer = await fetch(form.dataset.similar, { method: "POST", body, signal: looking.signal });
    if (answer.redirected) return tell("expired");
    if (answer.ok) showHints(await answer.text());
  } catch {
    asked = ""; // no signal, or a newer question
  }
}

function showHints(html) {
  const box = document.getElementById("mirip");
  box.innerHTML = html;
  const numbers = all("template[data-number]", box);
  const choice = document.getElementById("nomor");
  choice.hidden = choice.disabled = !numbers.length;
  $("[data-found]", choice).replaceChildren(
    ...numbers.map((number) => Object.assign(document.createElement("li"), { textContent: number.innerHTML.trim() })),
  );
  box.hidden = !$("[data-hits]", box);
  const near = document.activeElement?.closest("#catat .k-field");
  if (near && !box.hidden && near.id !== "tempat") (near.closest(".k-half") ?? near).after(box);
}

// --- Places and regions while typing ---

function suggest(box, kind) {
  const input = $("input[type=text]", box);
  const list = $("[data-suggestions]", box);
  let waiting, latest;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    if (kind === "place") $("[name=place_body]").value = "";
    waiting = setTimeout(async () => {
      const token = $("[name=csrfmiddlewaretoken]")?.value;
      latest?.abort();
      if (input.value.trim().length < 2 || !token || !navigator.onLine) return list.replaceChildren();
      latest = new AbortController();
      const body = new FormData();
      for (const [name, value] of Object.entries({ q: input.value, kind, csrfmiddlewaretoken: token })) body.append(name, value);
      try {
        const answer = await fetch(form.dataset.places, { method: "POST", body, signal: latest.signal });
        if (answer.ok && !answer.redirected) list.innerHTML = await answer.text();
      } catch {
        // no signal: what is typed is enough
      }
    }, 250);
  });
  box.addEventListener("keydown", (event) => event.key === "Escape" && list.replaceChildren());
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    input.value = button.dataset.name;
    if (kind === "place") {
      $("[name=place_body]").value = button.dataset.uuid;
      const here = $("[name=whereabouts][value=facility]");
      if (here && !all("[name=whereabouts]:checked").some((one) => one.value)) here.checked = true;
    }
    list.replaceChildren();
    input.focus();
    changed();
  });
}

// --- The photo ---

let preview;

function showPhoto(words = form.dataset.photoReady) {
  const line = document.getElementById("foto-siap");
  if (preview) URL.revokeObjectURL(preview);
  preview = photo ? URL.createObjectURL(photo) : "";
  line.hidden = !photo && words === form.dataset.photoReady;
  const picture = photo ? Object.assign(new Image(72, 72), { className: "k-thumb", alt: "", src: preview }) : "";
  $("[data-picture]", line).replaceChildren(picture);
  $("[data-words]", line).textContent = photo ? `${words} · ${Math.ceil(photo.size / 1024)} kB` : words;
}

async function takePhoto(input) {
  const [file] = input.files;
  if (!file) return;
  const { shrink } = await import("./photo.js");
  photo = await shrink(file);
  input.value = "";
  if (photo.size > 5 * 1024 * 1024) {
    photo = null;
    showPhoto(form.dataset.photoBig);
  } else showPhoto();
  await keep();
}

// --- Sending ---

function tell(problem) {
  const box = document.getElementById("belum-terkirim");
  const words = problem !== "unsent" && problem !== "busy" ? form.dataset[problem] : draft.safe ? form.dataset.unsent : form.dataset.memory;
  $("[data-words]", box).textContent = words;
  $("[data-sign-in]", box).hidden = !["expired", "stranger"].includes(problem);
  $("[data-again]", box).hidden = ["expired", "stranger"].includes(problem);
  box.hidden = false;
  box.scrollIntoView({ block: "center" });
}

function busy(is) {
  const button = $("button[type=submit]");
  button.disabled = is;
  if (is) button.setAttribute("aria-busy", "true");
  else button.removeAttribute("aria-busy");
  button.dataset.words ??= button.textContent;
  const words = [...button.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  if (words) words.data = is ? form.dataset.sending : button.dataset.words;
}

async function submit({ url = form.action, fetchToken = false } = {}) {
  if (form.dataset.underway) return;
  form.dataset.underway = "1";
  clearTimeout(retryTimer);
  busy(true);
  state = "waiting";
  await keep();
  const told = await send({
    url,
    tokenUrl: document.body.dataset.token,
    fields: [...new FormData(form)].filter(([, value]) => typeof value === "string"),
    photo,
    user,
    fetchToken: fetchToken || !$("[name=csrfmiddlewaretoken]"),
  });
  delete form.dataset.underway;
  if (told.saved) {
    removeEventListener("beforeunload", warn);
    state = "sent";
    await draft.remove(id).catch(() => {});
    location.assign(told.saved);
    return;
  }
  busy(false);
  if (told.page) return showPage(told.page);
  if (told.problem === "unsent" || told.problem === "busy") {
    const pause = RETRY[Math.min(tries++, RETRY.length - 1)];
    retryTimer = setTimeout(() => state === "waiting" && submit({ url, fetchToken: true }), pause);
  } else {
    state = "typing";
    await keep();
  }
  tell(told.problem);
}

// The answer is the form with something to put right: it takes the place of this one.
function showPage(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const fresh = page.getElementById("catat");
  if (!fresh) return tell("refused");
  state = "typing";
  const kept = photo;
  form.replaceWith(fresh);
  document.title = page.title;
  begin(fresh);
  photo = kept;
  showPhoto();
  keep();
  (document.getElementById("galat") ?? fresh).focus();
  document.getElementById("galat")?.scrollIntoView();
}

function warn(event) {
  if (!draft.safe && !isEmpty()) event.preventDefault();
}

function changed() {
  if (state === "waiting" && !form.dataset.underway) {
    state = "typing";
    clearTimeout(retryTimer);
    document.getElementById("belum-terkirim").hidden = true;
  }
  keepSoon();
  clearTimeout(whisperTimer);
  whisperTimer = setTimeout(whisper, 900);
}

let whisperTimer;

function begin(found) {
  form = found;
  id = $("[name=submit_key]").value || crypto.randomUUID?.();
  use(id);
  form.addEventListener("input", changed);
  form.addEventListener("change", (event) => {
    if (event.target.name === "problems" && event.target.checked && !$("[name=problem_main]").value)
      $("[name=problem_main]").value = event.target.value;
    if (event.target.type === "file") takePhoto(event.target);
    look();
    changed();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tries = 0;
    submit();
  });
  $("[data-again]").addEventListener("click", () => submit({ fetchToken: true }));
  $("[data-fresh]").addEventListener("click", startAnew);
  $("[data-away]").addEventListener("click", (event) => throwAway(event.currentTarget));
  $("[data-drop-photo]").addEventListener("click", () => {
    photo = null;
    showPhoto();
    keep();
  });
  document.getElementById("mirip").addEventListener("click", (event) => {
    const help = event.target.closest("[data-help]");
    if (help) submit({ url: help.dataset.help });
  });
  suggest(document.getElementById("tempat"), "place");
  suggest(document.getElementById("wilayah"), "region");
  look();
}

const found = document.getElementById("catat");
if (found) {
  begin(found);
  addEventListener("online", () => state === "waiting" && submit({ fetchToken: true }));
  addEventListener("pagehide", keep);
  document.addEventListener("visibilitychange", () => document.hidden && keep());
  addEventListener("beforeunload", warn);
  addEventListener("pageshow", (event) => event.persisted && state === "sent" && location.reload());
  user = document.body.dataset.user ?? null;
  if (!draft.safe) sayKept(form.dataset.memory);
  else
    draft
      .owner(user)
      .then((known) => (user = known))
      .then(() => !document.getElementById("galat") && restore())
      .catch(() => sayKept(form.dataset.memory));
}
