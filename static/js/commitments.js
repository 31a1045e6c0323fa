// Until when: only the fields of the chosen term are in sight. Without this file all of them are, and what is filled in
// says which is meant. One press counts once, and none without signal.

for (const box of document.querySelectorAll("[data-terms]")) {
  const parts = [...box.querySelectorAll("[data-term]")];
  const show = () => {
    const chosen = box.querySelector("[name=term]:checked")?.value ?? "";
    for (const part of parts) {
      const wrong = part.querySelector(".k-bad");
      const typed = !chosen && [...part.querySelectorAll("input")].some((one) => one.value);
      part.hidden = part.dataset.term !== chosen && !wrong && !typed;
    }
  };
  box.addEventListener("change", show);
  show();
}

for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent || !navigator.onLine) return event.preventDefault();
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});
