// The page of a case: the prompt of the chip that was tapped; one press counts once, and none without signal.
// Without this file everything works: the general prompt stands there, and the submit key makes a second press harmless.

for (const form of document.querySelectorAll("[data-once]")) {
  const hint = form.querySelector(".k-hint");
  const text = form.querySelector("textarea");
  form.addEventListener("change", (event) => {
    if (event.target.name !== "type") return;
    if (event.target.dataset.prompt) hint.textContent = event.target.dataset.prompt;
    text.focus({ preventScroll: true });
    form.querySelector("button:last-of-type").scrollIntoView({ block: "nearest" });
  });
}

for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    // Without signal the browser would show its own page and lose the sentence; the strip says what to do.
    if (form.dataset.sent || !navigator.onLine) return event.preventDefault();
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});
