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

// Choose a code from a list: arrows and letters, Enter; `{ letter }`, or null when nothing was chosen.
export const choose = (title, codes, looks, { current, clearable }) => new Promise((resolve) => {
  let chosen = null;
  const options = [];
  const list = element('ul', { role: 'listbox', tabindex: '0', 'aria-label': 'Codes' });
  let group = '';
  for (const code of clearable ? [...codes, { letter: '', short: 'No mark', meaning: 'Take the mark back', group: 'blank' }] : codes) {
    if (code.group !== group && code.letter) list.append(element('li', { class: 'rg-group', role: 'presentation' }, code.group));
    group = code.group;
    const look = looks[code.letter]?.[0] ?? 'blank';
    const option = element('li', { role: 'option', id: `option-${options.length}`, class: 'rg-option', 'aria-selected': 'false' },
      element('span', { class: `rg-code rg-code--${look}`, 'aria-hidden': 'true' }, code.letter),
      element('span', {}, element('b', {}, code.letter ? `${code.short}` : 'No mark'), element('small', {}, code.meaning)));
    option.setAttribute('aria-label', `${code.letter || 'Blank'}, ${code.short}. ${code.meaning}`);
    option.addEventListener('click', () => { chosen = code; dialog.close(); });
    options.push([option, code]);
    list.append(option);
  }
  const dialog = show(title, list);
  let at = Math.max(0, options.findIndex(([, code]) => code.letter === current));
  const select = (index) => {
    options[at]?.[0].setAttribute('aria-selected', 'false');
    at = Math.max(0, Math.min(options.length - 1, index));
    options[at][0].setAttribute('aria-selected', 'true');
    options[at][0].scrollIntoView({ block: 'nearest' });
    list.setAttribute('aria-activedescendant', options[at][0].id);
  };
  let typed = '';
  list.addEventListener('keydown', (event) => {
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: options.length - 1 };
    if (event.key in moves) select(moves[event.key]);
    else if (event.key === 'Enter' || event.key === ' ') { [, chosen] = options[at]; dialog.close(); }
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      const key = event.key.toUpperCase();
      const find = (letters) => options.findIndex(([, code]) => code.letter && code.letter.startsWith(letters));
      typed = find(typed + key) >= 0 ? typed + key : key;
      if (find(typed) >= 0) select(find(typed));
    } else return;
    event.preventDefault();
  });
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
