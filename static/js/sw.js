// The worker behind every page. It keeps our own files, the empty quick log and the page "no signal", and nothing else:
// no page with data is ever stored. KAWAL is written before this text by the server, with a version of what it keeps.

const CACHE = `kawal-${KAWAL.version}`;
const [SHELL, OFFLINE] = KAWAL.pages;
const HASHED = /\.[0-9a-f]{12}\./;
// After so long without an answer the quick log opens from the phone.
const PATIENCE = 8000;

self.addEventListener("install", (event) => {
  const fresh = (url) => (HASHED.test(url) ? new Request(url) : new Request(url, { cache: "reload" }));
  const requests = [...KAWAL.files, ...KAWAL.pages].map(fresh);
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(requests))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

async function kept(url) {
  return (await caches.open(CACHE)).match(url);
}

async function file(request) {
  if (HASHED.test(request.url)) return (await kept(request.url)) ?? fetch(request);
  try {
    return await fetch(request);
  } catch (error) {
    const copy = await kept(request.url);
    if (copy) return copy;
    throw error;
  }
}

async function page(request, path) {
  const answer = fetch(request);
  const isLog = path === KAWAL.log;
  try {
    if (!isLog) return await answer;
    const late = new Promise((resolve) => setTimeout(() => resolve(null), PATIENCE));
    return (await Promise.race([answer, late])) ?? (await kept(SHELL)) ?? (await answer);
  } catch {
    return (await kept(isLog ? SHELL : OFFLINE)) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith(KAWAL.static)) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(page(request, url.pathname));
});
