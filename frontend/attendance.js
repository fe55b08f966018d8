// What every page may use. Built with `npm run build` into static/attendance.js; pages work without it.
import {
  Button, CharacterCount, Checkboxes, createAll, ErrorSummary, NotificationBanner, PasswordInput, Radios, ServiceNavigation, SkipLink, Tabs,
} from 'govuk-frontend';
import { keepSignedIn, toldOfTheEnd } from './still_here.js';

const components = [CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, PasswordInput, Radios, ServiceNavigation, SkipLink, Tabs];

const start = (scope) => {
  components.forEach((component) => createAll(component, undefined, scope));
  createAll(Button, { preventDoubleClick: true }, scope);
};

document.body.classList.add('js-enabled', 'govuk-frontend-supported');
start(document);
keepSignedIn();
// A part brought in by htmx gets its behaviour too; the whole body was done above.
document.addEventListener('htmx:load', ({ detail: { elt } }) => elt !== document.body && start(elt));

// A short confirmation: `HX-Trigger: {"toast": "Saved"}` from the server or a `toast` event from a script.
const toasts = document.getElementById('toasts');
document.addEventListener('toast', ({ detail }) => {
  const { value = detail, kind = 'done' } = detail ?? {};
  const toast = document.createElement('p');
  toast.className = `app-toast app-toast--${kind}`;
  toast.textContent = String(value);
  toasts.append(toast);
  setTimeout(() => toast.remove(), 8000);
});

// A write that failed must not look like a success. A poll that failed keeps quiet: the next one comes.
const why = { 0: 'the server did not answer. Try again.', 403: 'your role does not include this.', 404: 'it is not there any more. Load the page again.' };
const failed = ({ detail: { xhr, requestConfig } }) => requestConfig.verb === 'get' || document.dispatchEvent(new CustomEvent('toast', {
  detail: { value: `That was not saved: ${why[xhr.status] ?? 'something went wrong on our side. Try again.'}`, kind: 'error' },
}));
document.addEventListener('htmx:sendError', failed);
document.addEventListener('htmx:responseError', failed);

// Signed out meanwhile: the answer is the sign-in page, which belongs in the whole window, not in a part of it.
document.addEventListener('htmx:beforeSwap', ({ detail }) => {
  if (!detail.xhr.responseURL || new URL(detail.xhr.responseURL).pathname !== '/sign-in/') return;
  detail.shouldSwap = false;
  if (!toldOfTheEnd()) window.location.reload();
});

document.addEventListener('click', ({ target }) => {
  if (target.closest('[data-print]')) window.print();
  const open = document.querySelector('.app-switcher[open]');
  if (open && !open.contains(target)) open.open = false;
});
document.addEventListener('keydown', ({ key }) => {
  const open = key === 'Escape' && document.querySelector('.app-switcher[open]');
  if (open) { open.open = false; open.querySelector('summary').focus(); }
});

// What was typed into a search before the scripts had come is looked for all the same. htmx takes it for what always
// stood there, so it is taken out and put back.
const retype = (field) => {
  const typed = field.value;
  for (const value of ['', typed]) {
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
};
document.addEventListener('htmx:load', ({ detail: { elt } }) => elt === document.body
  && [...document.querySelectorAll('[hx-trigger^="input changed"]')].filter((field) => field.value !== field.defaultValue).forEach(retype));

// A list or a choice that is sent as soon as it changes; its button stays for who has no script.
document.addEventListener('change', ({ target }) => target.closest('[data-submit-on-change]')?.requestSubmit());
