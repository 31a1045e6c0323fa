// Facilities asked: names while typing, and at once who asked this one before. Without this file the list of the region is
// there, and the server says the same when the form is sent.

const form = document.getElementById("tanya");
if (form) {
  const field = form.elements.facility;
  const list = document.getElementById("faskes");
  const said = form.querySelector("[data-said]");
  const asked = [...form.querySelectorAll("[data-asked]")];
  const key = (name) => name.toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();
  let waiting, latest;

  function hint() {
    const before = asked.find((one) => key(one.dataset.asked) === key(field.value));
    form.elements.again.value = before?.dataset.uuid ?? "";
    said.textContent = before?.textContent ?? "";
  }

  async function suggest() {
    const words = field.value.trim();
    latest?.abort();
    if (words.length < 2 || !navigator.onLine) return;
    latest = new AbortController();
    const body = new FormData();
    body.append("q", words);
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    try {
      const answer = await fetch(form.dataset.places, { method: "POST", body, signal: latest.signal });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const known = new Set([...list.options].map((one) => one.value));
      for (const { dataset } of page.querySelectorAll("button[data-name]"))
        if (!known.has(dataset.name)) list.append(new Option("", dataset.name));
    } catch {
      // no signal: what is typed is enough
    }
  }

  field.addEventListener("input", () => {
    hint();
    clearTimeout(waiting);
    waiting = setTimeout(suggest, 250);
  });

  for (const each of document.querySelectorAll("form[method=post]")) {
    each.addEventListener("submit", (event) => {
      if (each.dataset.sent || !navigator.onLine) return event.preventDefault();
      each.dataset.sent = "1";
      event.submitter?.setAttribute("aria-busy", "true");
    });
  }
  window.addEventListener("pageshow", () => {
    delete form.dataset.sent;
    for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  });
}
