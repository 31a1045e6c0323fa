// On every page: keep the quick log at hand for when there is no signal, send what could not go out, forget at sign-out.

import * as draft from "./draft.js";
import { send } from "./send.js";

const { user, worker, log, token, sent } = document.body.dataset;

if (worker && "serviceWorker" in navigator) {
  addEventListener("load", () => setTimeout(() => navigator.serviceWorker.register(worker).catch(() => {}), 3000));
}

// Sign-out: the server says Clear-Site-Data too, but not every browser listens.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.action.endsWith("/akun/keluar/") || form.dataset.cleared) return;
  event.preventDefault();
  form.dataset.cleared = "1";
  try {
    await draft.clear();
    for (const name of await caches.keys()) await caches.delete(name);
    for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
  } catch {
    // nothing was kept
  }
  form.submit();
});

function tellSent({ saved, number }) {
  const toast = Object.assign(document.createElement("div"), { className: "k-toast", textContent: `${sent} ` });
  toast.setAttribute("role", "status");
  toast.append(Object.assign(document.createElement("a"), { href: saved, textContent: number }));
  let place = document.querySelector(".k-toasts");
  if (!place) {
    place = Object.assign(document.createElement("div"), { className: "k-toasts" });
    document.body.append(place);
  }
  place.append(toast);
}

// What waits for signal goes out from any page but the quick log itself, which has its own eyes on it.
async function sendWaiting() {
  if (!navigator.onLine) return;
  for (const row of await draft.list(user)) {
    if (row.state !== "waiting") continue;
    const kept = await draft.load(row.id);
    if (!kept) continue;
    const fields = [...kept.fields, ["submit_key", kept.id]];
    const told = await send({ url: log, tokenUrl: token, fields, photo: kept.photo, user, fetchToken: true });
    if (told.saved) {
      await draft.remove(row.id);
      tellSent(told);
    } else if (told.page || told.problem === "refused") await draft.save({ ...kept, state: "typing" }); // to be put right
    document.dispatchEvent(new CustomEvent("kawal:draft", { detail: told }));
    if (told.problem) return;
  }
}

if (user && log && draft.safe && !document.getElementById("catat")) {
  draft.owner(user).then(sendWaiting).catch(() => {});
  addEventListener("online", () => sendWaiting().catch(() => {}));
}
