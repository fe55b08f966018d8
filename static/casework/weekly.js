// The weekly meeting by keyboard: Ctrl and Enter saves what was typed and goes to the next child, from any field.

const form = document.querySelector('[data-save-on-ctrl-enter]');

form?.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.repeat) return;
  event.preventDefault();
  form.requestSubmit();
});
