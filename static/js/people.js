// After a tap on a WhatsApp button: ask, once, whether the message was sent. Without this file the link below does it.

for (const link of document.querySelectorAll("a[data-asks]")) {
  const question = document.getElementById(link.dataset.asks);
  if (question) link.addEventListener("click", () => (question.hidden = false));
}
