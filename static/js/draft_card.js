// The card "not finished yet": shown when this phone keeps a draft of the one who is signed in.

import * as draft from "./draft.js";

const card = document.querySelector("[data-draft-card]");
const clock = new Intl.DateTimeFormat("id", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", day: "numeric", month: "short" });

function moment(row) {
  const at = new Date(row.at);
  const isToday = at.toDateString() === new Date().toDateString();
  return isToday ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`;
}

async function show() {
  const rows = await draft.list(card.dataset.owner || (await draft.owner()));
  card.hidden = !rows.length;
  if (!rows.length) return;
  const kept = await draft.load(rows[0].id);
  const story = kept?.fields.find(([name]) => name === "story")?.[1] ?? "";
  card.querySelector("[data-draft-text]").textContent = story.length > 80 ? `${story.slice(0, 80)}…` : story || "…";
  card.querySelector("[data-draft-at]").textContent = moment(rows[0]);
  const link = card.querySelector("a");
  if (!link) return;
  for (const old of card.querySelectorAll("[data-draft-more]")) old.remove();
  const path = link.getAttribute("href").split("#")[0];
  link.href = `${path}#${rows[0].id}`;
  let last = link;
  for (const row of rows.slice(1, 5)) {
    const more = Object.assign(link.cloneNode(), { href: `${path}#${row.id}`, textContent: moment(row) });
    more.dataset.draftMore = "";
    last.after(" ", more);
    last = more;
  }
}

if (card && draft.safe) {
  show().catch(() => {});
  document.addEventListener("kawal:draft", () => show().catch(() => {}));
}
