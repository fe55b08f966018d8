// The idle time-out, as the person meets it: typing counts as being there, the end is announced, and what was typed
// outlives it. Only a page with `data-idle` on its body (minutes) does this; the register keeps its marks by itself.

const MINUTE = 60000;
const { idle, stillHere: address, person } = document.body.dataset;
const limit = Number(idle) * MINUTE;
const margin = Math.min(MINUTE, limit / 4); // the server notes when it was asked last to the minute
const warning = Math.min(2 * MINUTE, limit / 4);

let end; // when this browser is signed out, if nothing is done
let asked; // when the server last heard of us
let typed = false; // since then
let wrote = false; // ever on this page
let dialog;
const tabs = idle && new BroadcastChannel('still-here');

const seen = () => { asked = Date.now(); end = asked + limit - margin; typed = false; };

export function keepSignedIn() {
  if (!idle) return;
  seen();
  tabs.postMessage(person);
  tabs.onmessage = ({ data }) => { if (data === person) { seen(); if (dialog?.dataset.is === 'warning') dialog.close(); } };
  document.addEventListener('input', ({ target }) => { if (target.closest('form')) { typed = true; wrote = true; } });
  document.addEventListener('submit', holdBack, true);
  setInterval(watch, 10000);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && watch());
}

// The sign-in page came for a part of this one: true when it was told here, so that nothing typed goes with a reload.
export function toldOfTheEnd() {
  if (!idle || !wrote) return false;
  tellOfTheEnd();
  return true;
}

async function watch() {
  const now = Date.now();
  if (typed && now - asked > limit / 6) await ask();
  else if (now >= end) await isStillHere();
  else if (now >= end - warning && !dialog) warn();
}

// In, out, somebody else, or nobody answers. Only `in` is the same person with a session that goes on.
async function ask() {
  try {
    const response = await fetch(address, { redirect: 'manual', cache: 'no-store' });
    if (response.type === 'opaqueredirect') return 'out';
    const answer = await response.json();
    if (String(answer.person) !== person) return 'somebody else';
    for (const field of document.querySelectorAll('[name=csrfmiddlewaretoken]')) field.value = answer.token;
    document.body.setAttribute('hx-headers', JSON.stringify({ 'X-CSRFToken': answer.token }));
    seen();
    tabs.postMessage(person);
    return 'in';
  } catch { return 'nobody'; }
}

async function isStillHere() {
  const answer = await ask();
  if (answer === 'in') dialog?.close();
  else if (answer !== 'nobody') tellOfTheEnd();
  return answer;
}

// A form that is sent after the end would only lead to the sign-in page, and what is in it would be gone.
async function holdBack(event) {
  if (Date.now() < end) return;
  const { target, submitter } = event;
  event.preventDefault();
  event.stopImmediatePropagation();
  const answer = await isStillHere();
  if (answer === 'in') target.requestSubmit(submitter);
  else if (answer === 'nobody') document.dispatchEvent(new CustomEvent('toast', { detail: { value: 'The server did not answer. What you typed is still here: try again.', kind: 'error' } }));
}

function show(is, title, ...parts) {
  dialog?.close();
  dialog = document.createElement('dialog');
  dialog.className = 'app-dialog';
  dialog.dataset.is = is;
  const heading = Object.assign(document.createElement('h2'), { className: 'govuk-heading-m', id: 'still-here', textContent: title });
  dialog.setAttribute('aria-labelledby', 'still-here');
  dialog.append(heading, ...parts);
  const mine = dialog;
  mine.addEventListener('close', () => { mine.remove(); if (dialog === mine) dialog = undefined; });
  document.body.append(mine);
  mine.showModal();
}

const paragraph = (text) => Object.assign(document.createElement('p'), { className: 'govuk-body', textContent: text });
function button(text, act) {
  const made = Object.assign(document.createElement('button'), { type: 'button', className: 'govuk-button', textContent: text });
  made.addEventListener('click', act);
  return made;
}

function warn() {
  const at = new Date(end).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  show('warning', 'Are you still there?',
    paragraph(`Nothing has been done here for a while. You will be signed out at ${at}.`),
    button('Stay signed in', isStillHere));
}

function tellOfTheEnd() {
  if (dialog?.dataset.is === 'end') return;
  const state = paragraph('What you typed is still on this page. Sign in in another tab, come back to this one, and go on.');
  state.setAttribute('role', 'status');
  const link = Object.assign(document.createElement('a'), { className: 'govuk-link', href: '/sign-in/', target: '_blank', rel: 'noopener', textContent: 'Sign in (opens a new tab)' });
  const way = document.createElement('p');
  way.className = 'govuk-body';
  way.append(link);
  const why = { out: 'You are not signed in yet.', 'somebody else': 'Somebody else is signed in here now: copy what you typed, and load the page again.', nobody: 'The server did not answer. Try again.' };
  show('end', 'You were signed out', state, way, button('Go on', async () => {
    const answer = await ask();
    if (answer === 'in') dialog.close(); else state.textContent = why[answer];
  }));
}
