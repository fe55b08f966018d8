// The keyboard: a code typed is set and the cursor moves on; arrows, Home and End, undo, find by name.

import { Row } from './row.js';

const PREFIX_MILLISECONDS = 1000;

export function handleKeys(register) {
  const { form, rows } = register;
  const grid = document.getElementById('grid');
  const find = document.getElementById('find');
  let prefix = '';
  let timer;

  grid.setAttribute('role', 'grid');
  for (const cell of grid.querySelectorAll('[role="cell"]')) cell.setAttribute('role', 'gridcell');

  const rowOf = (target) => register.byId.get(Number(target.closest('tr')?.dataset.pupil));
  const go = (index) => rows[Math.max(0, Math.min(rows.length - 1, index))].button.focus();

  // The cursor moves at once, so that the next key is the next pupil's; only a question holds it.
  const setCode = (row, letter) => {
    const isLate = Boolean(register.byLetter.get(letter)?.late);
    const moveOn = (made) => {
      if (!made) { row.button.focus(); return; }
      register.say(`${row.name}: ${row.said}`);
      if (isLate) { row.minutesInput.focus(); row.minutesInput.select(); } else register.next(row);
    };
    const made = register.mark(row, letter, { minutes: isLate ? register.minutesNow() : null });
    if (made instanceof Promise) made.then(moveOn); else moveOn(made);
  };

  const settlePrefix = (row) => {
    clearTimeout(timer);
    const typed = prefix;
    prefix = '';
    row.show();
    if (!typed) return;
    if (register.byLetter.has(typed)) setCode(row, typed); else register.hint(row, `${typed} is not a whole code.`);
  };

  const type = (row, key) => {
    clearTimeout(timer);
    const typed = prefix + key.toUpperCase();
    if (typed === '/' || typed === '\\') { setCode(row, register.present); return; }
    const longer = register.codes.some((code) => code.letter.startsWith(typed) && code.letter !== typed);
    if (longer) { prefix = typed; row.button.textContent = `${typed}…`; timer = setTimeout(() => settlePrefix(row), PREFIX_MILLISECONDS); return; }
    if (register.byLetter.has(typed)) { prefix = ''; setCode(row, typed); return; }
    if (prefix) { prefix = ''; register.hint(row, `${typed} is not a code.`); return undefined; }
    if (/^\d$/.test(key) && ['L', 'U'].includes(row.state.letter)) { row.minutesInput.focus(); row.minutesInput.value = ''; return 'native'; }
    const known = register.looks[typed];
    const whose = register.setsAny ? 'for the headteacher to decide: record the request as leave, or enter N until then' : 'set by the office: tell them, or enter N with a note';
    register.hint(row, known ? `${typed}, ${known[1]}, is ${whose}.` : `${typed} is not a code.`);
    return undefined;
  };

  const openFind = () => { find.value = ''; find.focus(); };

  // What a key does at a pupil's mark; null where the browser keeps it to itself.
  const press = (row, key) => {
    const index = rows.indexOf(row);
    const moves = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1, PageDown: index + 10, PageUp: index - 10 };
    if (key in moves) { settlePrefix(row); go(moves[key]); }
    else if (key === 'ArrowRight') (row.tr.classList.contains('rg-row--late') ? row.minutesInput : row.more).focus();
    else if (key === 'Delete' || key === 'Backspace') { if (prefix) { prefix = ''; row.show(); } else register.mark(row, ''); }
    else if (key === 'Enter') { if (prefix) settlePrefix(row); else register.openPalette(row); }
    else if (key === ' ') register.cycle(row);
    else if (key === '.') noteOf(row);
    else if (key === '?') showKeys(row);
    else if (key.toLowerCase() === 'f' && !register.codes.some((code) => code.letter.startsWith('F'))) openFind();
    else if (key.length === 1) return type(row, key) === 'native' ? null : undefined;
    else return null;
    return undefined;
  };

  // The keys stand below the last pupil: they are brought into sight, and Escape leads back to where she was.
  const legend = document.querySelector('.rg-key');
  let asked;
  const showKeys = (row) => {
    asked = row;
    legend.open = true;
    legend.querySelector('summary').focus();
    legend.scrollIntoView({ block: 'end' });
  };
  legend.addEventListener('keydown', ({ key }) => key === 'Escape' && asked?.button.focus());

  grid.addEventListener('keydown', (event) => {
    const row = rowOf(event.target);
    if (!row || event.target !== row.button || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== 'k') return;
      event.preventDefault();
      openFind();
      return;
    }
    if (press(row, event.key) !== null) event.preventDefault();
  });

  const noteOf = (row) => {
    row.noting = true;
    row.show();
    row.noteInput.focus();
  };
  register.noteOf = noteOf;

  for (const row of rows) {
    const { minutesInput, noteInput } = row;
    row.more.addEventListener('keydown', ({ key }) => key === 'ArrowLeft' && row.button.focus());
    const commitMinutes = () => {
      const minutes = Row.number(minutesInput.value);
      if (minutes !== row.state.minutes && (minutes !== null || minutesInput.value === '')) register.mark(row, row.state.letter, { minutes, note: row.state.note });
      else minutesInput.value = row.state.minutes ?? '';
    };
    minutesInput.addEventListener('change', commitMinutes);
    minutesInput.addEventListener('keydown', (event) => {
      const { key } = event;
      if (key === 'Enter' || key === 'ArrowDown') { commitMinutes(); register.next(row); }
      else if (key === 'ArrowUp') { commitMinutes(); go(rows.indexOf(row) - 1); }
      else if (key === 'Escape') { minutesInput.value = row.state.minutes ?? ''; row.button.focus(); }
      else if (key.length === 1 && !/\d/.test(key) && !event.ctrlKey && !event.metaKey) {
        commitMinutes(); // a code typed here is the next pupil's
        register.next(row);
        const next = rows[rows.indexOf(row) + 1];
        if (next && key !== ' ') press(next, key);
      } else return;
      event.preventDefault();
    });
    const commitNote = () => {
      row.noting = false;
      const note = noteInput.value.trim().replace(/\s+/g, ' ');
      if (note !== row.state.note && row.state.letter) register.mark(row, row.state.letter, { minutes: row.state.minutes, note });
      else if (note && !row.state.letter) { row.fault = 'A note stands beside a mark: mark the pupil first.'; row.noting = true; }
      row.show();
    };
    noteInput.addEventListener('change', commitNote);
    noteInput.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') { commitNote(); register.next(row); }
      else if (event.key === 'Escape') { noteInput.value = row.state.note; row.noting = false; row.show(); row.button.focus(); }
      else return;
      event.preventDefault();
    });
    noteInput.addEventListener('blur', () => { if (row.noting) commitNote(); });
    row.button.addEventListener('blur', () => {
      if (prefix) settlePrefix(row);
      if (row.hint) { row.hint = ''; row.show(); }
    });
  }

  document.addEventListener('keydown', (event) => {
    const isTyping = event.target.matches('input, textarea, select') && event.target.type !== 'hidden';
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && !isTyping) {
      event.preventDefault();
      register.undo();
    }
  });

  // Find a pupil by typing a name: the others step back, Enter goes to the first that fits.
  find.closest('.rg-find').hidden = false;
  const fits = () => {
    const typed = find.value.trim().normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
    return typed ? rows.filter((row) => row.plain.includes(typed)) : rows;
  };
  const filter = () => {
    const found = new Set(fits());
    for (const row of rows) row.tr.classList.toggle('rg-hidden', !found.has(row));
    register.say(find.value ? `${found.size} found` : '');
  };
  find.addEventListener('input', filter);
  find.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === 'ArrowDown') {
      const [row] = fits();
      if (row) { find.value = ''; filter(); row.button.focus(); row.tr.scrollIntoView({ block: 'center' }); }
    } else if (event.key === 'Escape') { find.value = ''; filter(); rows[0].button.focus(); }
    else return;
    event.preventDefault();
  });
  form.elements.reason?.addEventListener('keydown', (event) => event.key === 'Enter' && event.preventDefault());
}


