// How long each family has been waited for goes on counting while the page is open: `data-waiting` is its minutes when drawn.
const OVERDUE = 30;
const drawn = new WeakMap();

function count() {
  for (const part of document.querySelectorAll('[data-waiting]')) {
    if (!drawn.has(part)) drawn.set(part, performance.now());
    const minutes = Number(part.dataset.waiting) + Math.floor((performance.now() - drawn.get(part)) / 60000);
    part.querySelector('b').textContent = `${minutes} min`;
    part.classList.toggle('app-deadline--overdue', minutes >= OVERDUE);
  }
}

count();
setInterval(count, 10000);
