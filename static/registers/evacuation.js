// The evacuation list without a network: the worker keeps the newest copy, of this page and, from other pages, on the way.

export async function keepList(worker, list) {
  if (!('serviceWorker' in navigator)) return;
  try {
    const registration = await navigator.serviceWorker.register(worker, { scope: new URL('./', new URL(worker, location)).pathname });
    const active = registration.active ?? await new Promise((resolve) => {
      const coming = registration.installing ?? registration.waiting;
      coming.addEventListener('statechange', () => coming.state === 'activated' && resolve(coming));
    });
    const files = performance.getEntriesByType('resource').map((entry) => entry.name).filter((name) => name.includes('/static/'));
    active.postMessage({ keep: list, files });
  } catch (error) {
    console.info('The evacuation list is not kept for later:', error.message);
  }
}

const page = document.getElementById('evacuation');
if (page) {
  keepList(page.dataset.worker, location.href.split('#')[0]);
  // On paper everybody is named: what is folded on the screen is opened.
  addEventListener('beforeprint', () => document.querySelectorAll('.ev details').forEach((part) => { part.open = true; }));
  if (page.hasAttribute('data-cached')) {
    const said = document.createElement('p');
    said.className = 'app-warning';
    said.textContent = 'There is no network: this is the list as it was at the time above.';
    page.append(said);
  }
}
