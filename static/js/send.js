// Send a quick log: once, however often it is tried (the server knows its key), and say plainly what became of it.

const PATIENCE = 45_000;

async function get(url) {
  return fetch(url, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE) });
}

// A token of the session as it is now: { token, user }, or null when nobody is signed in.
export async function freshToken(url) {
  const answer = await get(url);
  return answer.ok && !answer.redirected ? answer.json() : null;
}

function post(url, fields, photo) {
  const body = new FormData();
  for (const [name, value] of fields) body.append(name, value);
  if (photo) body.append("photo", photo, photo.type === "image/jpeg" ? "foto.jpg" : "foto");
  return fetch(url, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(PATIENCE),
  });
}

// One of: { saved: url, number }, { page: html } (something to put right), { problem: "unsent" | "busy" | "expired" |
// "stranger" | "refused" }.
export async function send({ url, tokenUrl, fields, photo, user, fetchToken }) {
  try {
    let pairs = fields;
    const renew = async () => {
      const fresh = await freshToken(tokenUrl);
      if (!fresh) return "expired";
      if (user && fresh.user !== user) return "stranger";
      pairs = [
        ...fields.filter(([name]) => name !== "csrfmiddlewaretoken" && name !== "writer"),
        ["csrfmiddlewaretoken", fresh.token],
        ["writer", fresh.user],
      ];
      return "";
    };
    let problem = fetchToken ? await renew() : "";
    if (problem) return { problem };
    let answer = await post(url, pairs, photo);
    if (answer.status === 403) {
      problem = await renew();
      if (problem) return { problem };
      answer = await post(url, pairs, photo);
    }
    if (answer.redirected) return { problem: "expired" };
    if (answer.status === 413) return { problem: "refused" };
    if (!answer.ok) return { problem: answer.status >= 500 ? "busy" : "refused" };
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
      const { url: saved, number } = await answer.json();
      return { saved, number };
    }
    return { page: await answer.text() };
  } catch {
    return { problem: "unsent" };
  }
}
