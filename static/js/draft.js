// Drafts of the quick log on this phone: encrypted with a key that WebCrypto never gives away, bound to their writer.
// Without a secure context nothing is kept (`safe` is false) and the page says so.

const NAME = "kawal";
const OLDEST = 7 * 24 * 3600 * 1000;
export const safe = Boolean(globalThis.isSecureContext && globalThis.indexedDB && globalThis.crypto?.subtle);

function asked(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function database() {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("drafts", { keyPath: "id" });
    opening.result.createObjectStore("keys");
  };
  return asked(opening);
}

async function store(name, mode, use) {
  const db = await database();
  try {
    const transaction = db.transaction(name, mode);
    const result = asked(use(transaction.objectStore(name)));
    await new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    return await result;
  } finally {
    db.close();
  }
}

async function key() {
  const known = await store("keys", "readonly", (keys) => keys.get("draft"));
  if (known) return known;
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  try {
    await store("keys", "readwrite", (keys) => keys.add(fresh, "draft"));
    return fresh;
  } catch {
    return store("keys", "readonly", (keys) => keys.get("draft")); // another tab was first
  }
}

async function seal(bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), bytes) };
}

async function unseal({ iv, data }) {
  return crypto.subtle.decrypt({ name: "AES-GCM", iv }, await key(), data);
}

// Keep a draft: `fields` are the [name, value] pairs of the form, `photo` a Blob or null, `state` "typing" or "waiting".
export async function save({ id, user, state, fields, photo }) {
  const row = { id, user, state, at: Date.now(), text: await seal(new TextEncoder().encode(JSON.stringify(fields))) };
  if (photo) row.photo = { ...(await seal(await photo.arrayBuffer())), type: photo.type };
  await store("drafts", "readwrite", (drafts) => drafts.put(row));
  return row.at;
}

// What is kept of a user, newest first: { id, user, state, at }. Drafts of a week ago are thrown away.
export async function list(user) {
  if (!safe) return [];
  const rows = await store("drafts", "readonly", (drafts) => drafts.getAll());
  const old = rows.filter((row) => Date.now() - row.at > OLDEST);
  for (const row of old) await remove(row.id);
  return rows
    .filter((row) => row.user === user && !old.includes(row))
    .sort((one, other) => other.at - one.at)
    .map(({ id, state, at }) => ({ id, user, state, at }));
}

export async function lastDraft(user) {
  return (await list(user))[0] ?? null;
}

// The fields and the photo of a draft, or null.
export async function load(id) {
  const row = await store("drafts", "readonly", (drafts) => drafts.get(id));
  if (!row) return null;
  try {
    const fields = JSON.parse(new TextDecoder().decode(await unseal(row.text)));
    const photo = row.photo ? new Blob([await unseal(row.photo)], { type: row.photo.type }) : null;
    return { id, user: row.user, state: row.state, at: row.at, fields, photo };
  } catch {
    await remove(id); // its key is gone, so it can never be read again
    return null;
  }
}

export async function remove(id) {
  if (safe) await store("drafts", "readwrite", (drafts) => drafts.delete(id));
}

// Nothing stays: drafts, key, and the pages kept for when there is no signal.
export async function clear() {
  if (!safe) return;
  await store("drafts", "readwrite", (drafts) => drafts.clear());
  await store("keys", "readwrite", (keys) => keys.clear());
}

// Who wrote here last: the copy of the form that opens without signal cannot know who is signed in.
export async function owner(user) {
  if (!safe) return null;
  if (user) await store("keys", "readwrite", (keys) => keys.put(user, "owner"));
  return user ?? (await store("keys", "readonly", (keys) => keys.get("owner"))) ?? null;
}
