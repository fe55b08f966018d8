// The register page and the evacuation list without a network. Network first, always; the kept page only when there is none, and not for long.
// What is kept is forgotten on signing out (forget.js), on being signed out, and after KEPT_FOR.

const PAGES = 'registers-pages';
const FILES = 'registers-files';
const KEPT_FOR = 90 * 60 * 1000;
const isList = (url) => /\/registers\/evacuation\/$/.test(url.pathname);
const isRegister = (url) => /\/registers\/\d+\/\d{4}-\d{2}-\d{2}\/(AM|PM)\/$/.test(url.pathname);

const isKept = (url) => isRegister(url) || isList(url);

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('message', (event) => {
  const { keep, files } = event.data ?? {};
  if (!keep || !isKept(new URL(keep))) return;
  event.waitUntil((async () => {
    const cache = await caches.open(FILES);
    await Promise.allSettled(files.map((file) => cache.add(file)));
    const response = await fetch(keep, { redirect: 'manual', cache: 'no-store' });
    if (response.ok) await keepPage(keep, response);
  })());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate' && isKept(url)) event.respondWith(page(request, event));
  else if (url.pathname.startsWith('/static/')) event.respondWith(file(request, event));
});

async function keepPage(key, response) {
  const cache = await caches.open(PAGES);
  const registers = (await cache.keys()).filter((kept) => isRegister(new URL(kept.url)));
  for (const old of registers.slice(0, -2)) await cache.delete(old); // two registers are enough, and the one list
  const headers = new Headers(response.headers);
  headers.set('X-Kept-At', Date.now());
  headers.delete('Set-Cookie');
  await cache.put(key, new Response(await response.blob(), { headers }));
}

async function page(request, event) {
  let response;
  try {
    response = await fetch(request);
  } catch {
    return await kept(request) ?? new Response('<!doctype html><meta charset="utf-8"><title>No network</title><h1>No network</h1><p>This page was not kept on this device. Marks you made here wait and are sent when the network is back.</p>', { status: 503, headers: { 'Content-Type': 'text/html; charset=utf-8' } });
  }
  if (response.type === 'opaqueredirect') event.waitUntil(caches.delete(PAGES));
  else if (response.ok) event.waitUntil(keepPage(request.url, response.clone()));
  return response;
}

async function kept(request) {
  const found = await (await caches.open(PAGES)).match(request.url, { ignoreVary: true });
  if (!found || Date.now() - Number(found.headers.get('X-Kept-At')) > KEPT_FOR) return null;
  const text = (await found.text()).replace(/id="(register|evacuation)"/, 'id="$1" data-cached');
  return new Response(text, { headers: found.headers });
}

async function file(request, event) {
  const cache = await caches.open(FILES);
  try {
    const response = await fetch(request);
    if (response.ok) event.waitUntil(cache.put(request, response.clone()));
    return response;
  } catch (error) {
    const found = await cache.match(request, { ignoreVary: true });
    if (found) return found;
    throw error;
  }
}
