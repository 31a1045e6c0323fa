// Saved: the draft of this case is not needed any more; share where the phone can.

import * as draft from "./draft.js";

const id = document.querySelector("[data-logged]")?.dataset.logged;
if (id) draft.remove(id).catch(() => {});

for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) break;
  button.hidden = false;
  const text = document.getElementById(button.dataset.share).textContent;
  button.addEventListener("click", () => navigator.share({ text }).catch(() => {}));
}
