// Keep this page for when the network is gone: the worker serves it then, for as long as a register's session lasts.

export async function keepPage(worker) {
  if (!('serviceWorker' in navigator)) return; // plain http in a school's own network: marks wait all the same
  try {
    const known = navigator.serviceWorker.controller;
    await navigator.serviceWorker.register(worker, { scope: new URL('./', new URL(worker, location)).pathname });
    const { active } = await navigator.serviceWorker.ready;
    if (!known) active.postMessage({ keep: location.href, files: performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => name.includes('/static/')) });
  } catch (error) {
    console.info('This page is not kept for later:', error.message);
  }
}
