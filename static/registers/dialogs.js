// The palette of codes, and the two questions a register asks. Native dialogs: the browser keeps the focus inside.

const element = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'class') made.className = value; else if (value !== false) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children);
  return made;
};
export { element };

const show = (title, ...body) => {
  const close = element('button', { type: 'button', class: 'rg-dialog__close', 'aria-label': 'Close' }, '×');
  const dialog = element('dialog', { class: 'rg-dialog', 'aria-labelledby': 'dialog-title' }, element('h2', { id: 'dialog-title' }, title), close, ...body);
  document.body.append(dialog);
  close.addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
  return dialog;
};

// Choose a code from a list: arrows and letters, Enter; `{ letter, note }`, or null when nothing was chosen. A code that
// asks for something (the activity, the cause) goes on to the note; for any other the note may stay as it is.
export const choose = (title, codes, looks, { current, note, clearable }) => new Promise((resolve) => {
  let chosen = null;
  const options = [];
  const list = element('ul', { role: 'listbox', tabindex: '0', 'aria-label': 'Codes' });
  const label = element('label', { class: 'govuk-label', for: 'palette-note' });
  const fault = element('p', { class: 'rg-fault', id: 'palette-fault', role: 'alert' });
  const input = element('input', { class: 'govuk-input', id: 'palette-note', maxlength: '500', autocomplete: 'off', 'aria-describedby': 'palette-fault', value: note });
  const set = element('button', { class: 'govuk-button' });
  const form = element('form', { class: 'rg-dialog__body rg-dialog__note', novalidate: true }, label, fault, element('div', {}, input, set));
  let isTyped = false;
  // The note of the mark that stands belongs to its code; another code begins without it unless it was written anew.
  const noteOf = (code) => (isTyped || code.letter === current ? input.value.trim().replace(/\s+/g, ' ') : '');
  const take = ([option, code]) => {
    if (code.asks && !noteOf(code)) {
      select(options.findIndex(([each]) => each === option));
      if (document.activeElement === input) fault.textContent = `${code.letter} needs this: ${code.asks}`;
      input.focus();
      return;
    }
    chosen = { ...code, note: noteOf(code) };
    dialog.close();
  };
  let group = '';
  for (const code of clearable ? [...codes, { letter: '', short: 'No mark', meaning: 'Take the mark back', group: 'blank' }] : codes) {
    if (code.group !== group && code.letter) list.append(element('li', { class: 'rg-group', role: 'presentation' }, code.group));
    group = code.group;
    const look = looks[code.letter]?.[0] ?? 'blank';
    const option = element('li', { role: 'option', id: `option-${options.length}`, class: 'rg-option', 'aria-selected': 'false' },
      element('span', { class: `rg-code rg-code--${look}`, 'aria-hidden': 'true' }, code.letter),
      element('span', {}, element('b', {}, code.letter ? `${code.short}` : 'No mark'), element('small', {}, code.meaning)));
    option.setAttribute('aria-label', `${code.letter || 'Blank'}, ${code.short}. ${code.meaning}`);
    const pair = [option, code];
    option.addEventListener('click', () => take(pair));
    options.push(pair);
    list.append(option);
  }
  const dialog = show(title, list, form);
  let at = Math.max(0, options.findIndex(([, code]) => code.letter === current));
  const select = (index) => {
    options[at]?.[0].setAttribute('aria-selected', 'false');
    at = Math.max(0, Math.min(options.length - 1, index));
    const [option, code] = options[at];
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    list.setAttribute('aria-activedescendant', option.id);
    label.textContent = code.asks || 'Note, if there is something to say';
    fault.textContent = '';
    set.textContent = code.letter ? `Set ${code.letter}` : 'Take it back';
  };
  let typed = '';
  list.addEventListener('keydown', (event) => {
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: options.length - 1 };
    if (event.key in moves) select(moves[event.key]);
    else if (event.key === 'Enter' || event.key === ' ') take(options[at]);
    else if (event.key === '.') input.focus();
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      const key = event.key.toUpperCase();
      const find = (letters) => options.findIndex(([, code]) => code.letter && code.letter.startsWith(letters));
      typed = find(typed + key) >= 0 ? typed + key : key;
      if (find(typed) >= 0) select(find(typed));
    } else return;
    event.preventDefault();
  });
  input.addEventListener('input', () => { isTyped = true; });
  form.addEventListener('submit', (event) => { event.preventDefault(); take(options[at]); });
  dialog.addEventListener('close', () => resolve(chosen));
  select(at);
  list.focus();
});

// Ask for one line of text; null when the person thinks better of it.
export const ask = (title, text, { label, value = '', button = 'Save' }) => new Promise((resolve) => {
  let answer = null;
  const input = element('input', { class: 'govuk-input', id: 'answer', maxlength: '500', autocomplete: 'off', value });
  const fault = element('p', { class: 'rg-fault', role: 'alert' });
  const form = element('form', { class: 'rg-dialog__body rg-ask', method: 'dialog', novalidate: true }, element('p', {}, text),
    element('div', { class: 'govuk-form-group' }, element('label', { class: 'govuk-label', for: 'answer' }, label), fault, input),
    element('button', { class: 'govuk-button' }, button));
  const dialog = show(title, form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!input.value.trim()) { fault.textContent = `${label}: fill this in.`; input.focus(); return; }
    answer = input.value.trim();
    dialog.close();
  });
  dialog.addEventListener('close', () => resolve(answer));
  input.focus();
});

// Ask which of several ways; the key of the one chosen, or null. The first is the safe one and has the focus.
export const decide = (title, paragraphs, ways) => new Promise((resolve) => {
  let chosen = null;
  const buttons = Object.entries(ways).map(([key, text], n) => {
    const button = element('button', { type: 'button', class: n ? 'govuk-button' : 'govuk-button govuk-button--secondary' }, text);
    button.addEventListener('click', () => { chosen = key; dialog.close(); });
    return button;
  });
  const dialog = show(title, element('div', { class: 'rg-dialog__body' }, ...paragraphs.map((text) => element('p', {}, text)), ...buttons));
  dialog.addEventListener('close', () => resolve(chosen));
  buttons[0].focus();
});
