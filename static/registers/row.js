// One pupil's line: what is marked, what the server knows of it, and how both look.

import { element } from './dialogs.js';

const same = (a, b) => a.letter === b.letter && (a.minutes ?? null) === (b.minutes ?? null) && a.note === b.note;

export class Row {
  constructor(tr, looks) {
    Object.assign(this, { tr, looks, id: Number(tr.dataset.pupil), name: tr.querySelector('.rg-name').textContent.trim() });
    this.plain = this.name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
    [this.input, this.minutesInput, this.noteInput] = ['code', 'minutes', 'note'].map((field) => tr.querySelector(`[name="${field}-${this.id}"]`));
    this.state = { letter: this.input.value, minutes: Row.number(this.minutesInput.value), note: this.noteInput.value };
    this.saved = { ...this.state };
    this.version = Number(tr.dataset.version);
    this.seen = this.version;
    this.others = tr.dataset.others ?? '';
    this.waiting = tr.dataset.waiting ? JSON.parse(tr.dataset.waiting) : null;
    this.pending = null; // the key of the last save of this row that has no answer yet
    this.fault = '';
    this.hint = ''; // why the last key did nothing
    this.why = tr.querySelector('.rg-why');
    this.build();
    this.show();
  }

  static number(text) { return /^\d{1,4}$/.test(text) ? Number(text) : null; }

  build() {
    this.button = element('button', { type: 'button', class: 'rg-code', id: `mark-${this.id}` });
    this.more = element('button', { type: 'button', class: 'rg-open', tabindex: '-1', 'aria-label': `Codes and note of ${this.name}`, title: 'Codes and note' }, '⋯');
    this.clash = element('div', { class: 'rg-clash' });
    this.faultText = element('span', { class: 'rg-fault' });
    this.input.type = 'hidden';
    this.input.after(this.button, this.more);
    this.tr.querySelector('.rg-fault')?.remove();
    this.why.before(this.faultText, this.clash);
  }

  // What a person or the server put here; the screen follows.
  set(state) {
    this.state = { letter: state.letter ?? '', minutes: state.minutes ?? null, note: state.note ?? '' };
    this.hint = '';
    this.show();
  }

  is(state) { return same(this.state, state); }

  get look() { return this.looks[this.state.letter] ?? ['blank', 'no mark']; }

  get said() {
    const minutes = this.state.minutes === null ? '' : `, ${this.state.minutes} minutes late`;
    return `${this.look[1]}${minutes}`;
  }

  show() {
    const { letter, minutes, note } = this.state;
    this.button.textContent = letter;
    this.button.className = `rg-code rg-code--${letter ? this.look[0] : 'blank'}${letter === 'L' ? ' rg-code--late' : ''}`;
    const note_ = note ? `, note: ${note}` : '';
    const by = this.others ? `, entered by ${this.others}` : '';
    this.button.setAttribute('aria-label', `${this.name}: ${this.said}${note_}${by}${this.pending ? ', not yet saved' : ''}`);
    this.input.value = letter;
    if (document.activeElement !== this.minutesInput) this.minutesInput.value = minutes ?? '';
    if (document.activeElement !== this.noteInput) this.noteInput.value = note;
    const isLate = letter === 'L' || letter === 'U';
    this.tr.classList.toggle('rg-row--late', isLate);
    this.tr.classList.toggle('rg-row--noted', Boolean(note) && !this.others || this.noting === true);
    this.tr.classList.toggle('rg-row--clash', Boolean(this.waiting));
    this.tr.classList.toggle('rg-row--proposed', Boolean(this.waiting?.proposed));
    this.tr.classList.toggle('rg-row--error', Boolean(this.fault || this.hint));
    this.tr.classList.toggle('rg-saving', Boolean(this.pending));
    this.faultText.textContent = this.fault || this.hint;
  }

  // Another mark is wanted here than the one that stands: say both, and let whoever may choose.
  ask(choices) {
    this.clash.replaceChildren();
    if (!this.waiting) return;
    const text = element('p', {}, `${this.waiting.said}${this.waiting.proposed ? ', after the register had closed or was sent: the office decides' : ''}. Here stands ${this.state.letter || 'no mark'}${this.why.textContent ? `: ${this.why.textContent}` : '.'}`);
    this.clash.append(text, ...Object.entries(choices).map(([label, act]) => {
      const button = element('button', { type: 'button', class: 'govuk-button govuk-button--secondary' }, label);
      button.addEventListener('click', act);
      return button;
    }));
  }

  flash() {
    this.tr.classList.remove('rg-row--new');
    void this.tr.offsetWidth; // restart the animation
    this.tr.classList.add('rg-row--new');
  }
}
