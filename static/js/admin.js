// Gives the search boxes of Django admin (select2) the name of the field they stand for.

function nameBoxes() {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = select.labels?.[0]?.textContent.trim();
    const box = select.nextElementSibling?.querySelector("[role=combobox]");
    // A choice of several has its own search box inside, and a button among the items of its list.
    if (label) box?.querySelector("[role=searchbox]")?.setAttribute("aria-label", label);
    box?.querySelector("ul")?.setAttribute("role", "presentation");
    if (!box || !label || box.hasAttribute("aria-label")) continue;
    box.setAttribute("aria-label", label);
    box.removeAttribute("aria-labelledby");
    box.querySelector("[role=textbox]")?.setAttribute("aria-label", label);
  }
}

new MutationObserver(nameBoxes).observe(document.body, { childList: true, subtree: true });
nameBoxes();
