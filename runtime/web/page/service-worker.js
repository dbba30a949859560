/** Keeps every file of the page, so that it works without a network once it was open. */

// name and hash of each file; `qibu export --web` fills this in
const FILES = {};

const worker = /** @type {any} */ (globalThis);
const CACHE = "qibu";
const LARGE = /^(models|ort)\//; // come when the page asks for them, and then once only

/** @param {string} name */
const addressOf = (name) =>
  new URL(name.split("/").map(encodeURIComponent).join("/"), worker.registration.scope).href;

/** @param {string} name */
const keyOf = (name) => `${addressOf(name)}?${/** @type {Record<string, string>} */ (FILES)[name]}`;

/** What is still being stored, by name. @type {Map<string, Promise<void>>} */
const coming = new Map();

/** Fetch a file past the browser's own cache, which may be older. @param {string} name */
async function fetchInto(name) {
  const response = await fetch(addressOf(name), { cache: "no-cache" });
  const cache = await caches.open(CACHE);
  const stored = response.ok ? cache.put(keyOf(name), response.clone()) : Promise.resolve();
  const done = stored.catch(() => {}); // without room it works with a network only
  coming.set(name, done);
  return { response, stored: done };
}

/** @param {string[]} names */
async function fill(names) {
  const cache = await caches.open(CACHE);
  for (const name of names) {
    await coming.get(name);
    if (!(await cache.match(keyOf(name)))) await (await fetchInto(name)).stored;
  }
}

async function forgetOld() {
  const cache = await caches.open(CACHE);
  const wanted = new Set(Object.keys(FILES).map(keyOf));
  for (const request of await cache.keys()) {
    if (!wanted.has(request.url)) await cache.delete(request);
  }
}

worker.addEventListener("install", (/** @type {any} */ event) => {
  const small = Object.keys(FILES).filter((name) => !LARGE.test(name));
  const install = async () => {
    // at a first visit the page has them, and waits to ask for its model through here
    if (await caches.has(CACHE)) await fill(small);
    await worker.skipWaiting();
  };
  event.waitUntil(install());
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(forgetOld().then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { pathname, origin } = new URL(event.request.url);
  const scope = new URL(worker.registration.scope);
  if (event.request.method !== "GET" || origin !== scope.origin) return;
  const name = decodeURIComponent(pathname.slice(scope.pathname.length)) || "index.html";
  if (!(name in FILES)) return;
  event.respondWith(
    (async () => {
      const cache = await caches.open(CACHE);
      const known = await cache.match(keyOf(name));
      if (known) return known;
      const { response, stored } = await fetchInto(name);
      event.waitUntil(stored);
      return response;
    })(),
  );
});

// the page asks whether all is there, which also fetches what isn't
worker.addEventListener("message", (/** @type {any} */ event) => {
  const done = fill(Object.keys(FILES)).then(
    () => event.ports[0].postMessage(true),
    () => event.ports[0].postMessage(false),
  );
  event.waitUntil(done);
});
