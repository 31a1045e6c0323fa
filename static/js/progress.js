// The page of a paper that is being made looks again by itself, and moves its bar without loading anew.
const part = document.getElementById("kemajuan");

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return location.reload();
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("kemajuan");
    if (!fresh) return location.reload();
    const [bar, now] = [part.querySelector("progress"), fresh.querySelector("progress")];
    bar.max = now.max;
    bar.value = now.value;
    part.querySelector("h2").textContent = fresh.querySelector("h2").textContent;
  } catch {
    // no signal: look again later
  }
  setTimeout(look, 2000);
}

if (part) setTimeout(look, 1500);
