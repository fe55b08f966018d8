// The register: every mark saved as it is made, what others enter shown as it comes, nothing lost without a network.

import { Queue } from './queue.js';
import { Sender } from './sender.js';
import { Row } from './row.js';
import { ask, choose, decide } from './dialogs.js';
import { handleKeys } from './keys.js';
import { handleTouch } from './touch.js';
import { listen } from './live.js';
import { keepPage } from './offline.js';

const form = document.getElementById('register');
if (form) start();

function start() {
  const data = form.dataset;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const looks = read('looks');
  const codes = read('palette');
  const register = {
    form, looks, codes, present: data.present,
    byLetter: new Map(codes.map((code) => [code.letter, code])),
    rows: [...document.querySelectorAll('#grid tbody tr')].map((tr) => new Row(tr, looks)),
    user: Number(data.user), amends: Boolean(data.amends), setsAny: Boolean(data.any),
    since: Number(data.since), isSent: Boolean(data.sent), undos: [],
  };
  register.byId = new Map(register.rows.map((row) => [row.id, row]));
  const clock = keptClock(data);
  register.now = () => Date.now() + clock;
  register.isClosed = () => register.now() >= Number(data.closes) * 1000;
  register.isSettled = () => register.isSent || register.isClosed();
  register.minutesNow = () => {
    const late = Math.floor((register.now() - Number(data.opens) * 1000) / 60000);
    return late > 0 && !register.isClosed() ? late : null;
  };

  const stateText = document.getElementById('state');
  const live = document.createElement('p');
  live.className = 'govuk-visually-hidden';
  live.setAttribute('aria-live', 'polite');
  form.append(live);
  register.say = (text) => { live.textContent = text; };
  register.hint = (row, text) => { row.hint = text; row.show(); register.say(text); };

  const queue = new Queue(register.user);
  const sender = new Sender(queue, form, { heard, told });
  const savesOfThisPage = (save) => save.url === data.save;

  // Marking. True when the mark is made at once; a promise of that where something has to be asked first.
  register.mark = (row, letter, { minutes, note, hold = 0, undoing = false } = {}) => {
    const wanted = { letter, minutes: minutes ?? null, note: note ?? (letter === row.state.letter ? row.state.note : '') };
    if (letter && !register.byLetter.has(letter) && !undoing) { register.hint(row, `${letter} is not a code you may set.`); return false; }
    if (row.is(wanted)) return true;
    if (!letter && row.others && !register.setsAny) { register.hint(row, `${row.others} entered this mark. Change it, with a note that says why, instead of taking it away.`); return false; }
    const questions = questionsOf(row, wanted);
    if (!questions.length) { put([[row, wanted]], { hold, undoing }); return true; }
    return (async () => {
      for (const question of questions) if (!await question()) return false;
      put([[row, wanted]], { undoing });
      return true;
    })();
  };

  function questionsOf(row, wanted) {
    const code = register.byLetter.get(wanted.letter);
    const questions = [];
    const askNote = (title, text, options) => async () => { wanted.note = await ask(title, text, options); return wanted.note; };
    if (row.others && !register.setsAny && (!wanted.note || wanted.note === row.saved.note)) {
      questions.push(askNote(`${row.name}: ${row.state.letter} was entered by ${row.others}`, row.why.textContent, { label: 'Why do you change it?', button: 'Change the mark' }));
    } else if (code?.asks && !wanted.note) questions.push(askNote(`${row.name}: ${code.short}`, code.meaning, { label: code.asks }));
    const isAmendment = register.amends && (register.isSent || (register.isClosed() && row.state.letter));
    if (isAmendment && !form.elements.reason.value.trim()) {
      questions.push(async () => {
        const reason = await ask('This is an amendment', 'The register was sent or has closed. The record keeps the mark as it was, the new one, your reason, name and position.', { label: 'Reason for the amendment' });
        form.elements.reason.value = reason ?? '';
        return reason;
      });
    }
    return questions;
  }

  // Several marks are one save, and one step to undo. Taps that follow each other on one pupil are one save as well.
  function put(changes, { hold = 0, undoing = false } = {}) {
    const [[first]] = changes;
    const { held } = register;
    const goesOn = hold && held?.row === first && Date.now() < held.save.notBefore - 100;
    const steps = changes.map(([row, wanted]) => ({ row, before: { ...row.state }, after: wanted }));
    if (goesOn) held.steps[0].after = changes[0][1];
    else if (!undoing) register.undos.push(steps);
    const save = goesOn ? held.save : { key: uuid(), url: data.save, reason: form.elements.reason?.value.trim() ?? '', marks: changes.map(([row]) => ({ pupil: row.id, version: row.version, after: row.pending })) };
    changes.forEach(([, wanted], n) => Object.assign(save.marks[n], { code: wanted.letter, minutes: wanted.minutes, note: wanted.note }));
    Object.assign(save, { madeAt: Date.now(), notBefore: hold ? Date.now() + hold : 0 });
    for (const [row, wanted] of changes) {
      Object.assign(row, { pending: save.key, fault: '' });
      row.set(wanted);
    }
    count();
    if (goesOn) held.pushed = held.pushed.then(() => queue.put(save));
    else {
      const pushed = sender.push(save);
      register.held = hold ? { row: first, save, steps, pushed } : null;
    }
  }

  register.allPresent = () => {
    const blank = register.rows.filter((row) => !row.state.letter);
    if (blank.length) put(blank.map((row) => [row, { letter: register.present, minutes: null, note: '' }]));
    register.say(blank.length ? `${blank.length === 1 ? 'One pupil' : `${blank.length} pupils`} without a mark: present now.` : 'There was no blank.');
  };

  register.undo = async () => {
    const step = register.undos.pop();
    if (!step) { register.say('There is nothing to undo.'); return; }
    count();
    const back = step.filter(({ row, after }) => row.is({ minutes: null, note: '', ...after }) && !row.waiting);
    if (back.length === 1) await register.mark(back[0].row, back[0].before.letter, { ...back[0].before, undoing: true });
    else if (back.length) put(back.map(({ row, before }) => [row, before]), { undoing: true });
    back[0]?.row.button.focus();
    register.say(back.length ? `Undone: ${back.length === 1 ? `${back[0].row.name}, ${back[0].row.said}` : `${back.length} marks`}.` : 'Somebody else changed that meanwhile; it stays.');
  };

  register.openPalette = async (row) => {
    const chosen = await choose(row.name, codes, looks, { current: row.state.letter, note: row.state.note, clearable: Boolean(row.state.letter) && !register.isSettled() });
    row.button.focus();
    if (chosen && await register.mark(row, chosen.letter, { minutes: chosen.late ? register.minutesNow() : null, note: chosen.note })) register.next(row);
  };

  register.next = (row) => {
    const next = register.rows[register.rows.indexOf(row) + 1];
    (next ?? row).button.focus();
  };

  // What the server says of a save, in whichever tab it was sent.
  async function heard(save, status, body) {
    if (save.url === data.send) { await sent(status, body); return; }
    if (!savesOfThisPage(save)) return;
    const answers = new Map((body.answers ?? []).map((answer) => [answer.pupil, answer]));
    for (const mark of save.marks) {
      const row = register.byId.get(mark.pupil);
      const answer = answers.get(mark.pupil) ?? { outcome: 'refused', reasons: body.reasons ?? [] };
      if (row) answered(row, mark, answer, save);
    }
    count();
  }

  function answered(row, mark, answer, save) {
    const isLast = row.pending === save.key;
    if (isLast) row.pending = null;
    if (answer.outcome === 'taken' || answer.outcome === 'amended') {
      Object.assign(row, { version: answer.version, seen: Math.max(row.seen, answer.version) });
      if (isLast) {
        row.saved = { ...row.state };
        row.others = '';
        row.waiting = null;
        row.why.textContent = '';
      }
    } else if (isLast) {
      const typed = `${mark.code || 'blank'}${mark.minutes === null ? '' : `, ${mark.minutes} minutes`}${mark.note ? `, “${mark.note}”` : ''}`;
      if (answer.standing) stand(row, answer.standing); else row.set(row.saved);
      if (answer.outcome === 'clash') row.waiting = { code: mark.code, minutes: mark.minutes, note: mark.note, mine: true, said: `You marked ${typed} at ${time(save.madeAt + clock)}` };
      else if (answer.outcome === 'proposed') row.waiting = { code: mark.code, mine: true, proposed: true, said: `You marked ${typed} at ${time(save.madeAt + clock)}` };
      else row.fault = `${typed} was not saved. ${answer.reasons.join(' ')}`;
      register.say(`${row.name}: ${row.fault || row.waiting.said}`);
    }
    show(row);
  }

  // The mark that stands at the server takes the place of what is shown.
  function stand(row, standing) {
    // Whoever fills a blank takes nothing from anybody; and one that is blank as before needs no word.
    Object.assign(row, { version: standing.version, seen: Math.max(row.seen, standing.entry), others: standing.code && standing.others });
    if (standing.code || row.state.letter) row.why.textContent = standing.others ? standing.said : '';
    row.set({ letter: standing.code, minutes: standing.minutes, note: standing.note });
    row.saved = { ...row.state };
  }
  register.stand = stand;

  function show(row) {
    row.show();
    const { waiting } = row;
    if (!waiting) { row.ask({}); return; }
    const keep = async () => {
      const { status, body } = await sender.send({ url: data.settle, madeAt: Date.now(), fields: { pupil: row.id } }).catch(() => ({ status: 0, body: { reasons: ['The server does not answer. Try again.'] } }));
      if (status === 200) row.waiting = null; else row.fault = body.reasons.join(' ');
      show(row);
      row.button.focus();
    };
    const take = async () => {
      if (await register.mark(row, waiting.code, { minutes: waiting.minutes, note: waiting.note || undefined })) row.waiting = null;
      show(row);
      row.button.focus();
    };
    const stands = row.state.letter || 'the blank';
    if (waiting.proposed && !register.amends) row.ask({ 'Withdraw it': keep });
    else if (waiting.mine || register.setsAny) row.ask({ [`Use ${waiting.code}`]: take, [`Keep ${stands}`]: keep });
    else row.ask({});
  }
  register.show = show;

  // Sending
  register.send = async () => {
    const faults = register.rows.filter((row) => row.fault).map((row) => row.name);
    const blank = register.rows.filter((row) => !row.state.letter).map((row) => row.name);
    const open = register.rows.filter((row) => row.waiting && !row.waiting.proposed).map((row) => row.name);
    const paragraphs = [];
    if (blank.length) paragraphs.push(`${blank.length === 1 ? 'One pupil has' : `${blank.length} pupils have`} no mark: ${blank.join(', ')}.`);
    if (open.length) paragraphs.push(`Two marks to choose between: ${open.join(', ')}. The one that stands is sent.`);
    if (faults.length) paragraphs.push(`Not saved: ${faults.join(', ')}.`);
    if (paragraphs.length) {
      const send = blank.length ? `Send ${blank.length === 1 ? 'the pupil' : 'them'} as N` : 'Send all the same';
      const way = await decide('The register is not complete', paragraphs, { back: 'Go back', send });
      if (way !== 'send') { (register.rows.find((row) => !row.state.letter || row.waiting || row.fault) ?? register.rows[0]).button.focus(); return; }
    }
    const fields = { blanks: blank.length ? 'N' : '' };
    document.getElementById('send').disabled = true;
    await sender.push({ key: uuid(), url: data.send, madeAt: Date.now(), fields });
  };

  async function sent(status, body) {
    if (status === 200) { sessionStorage.setItem('register-sent', data.send); location.reload(); return; }
    const button = document.getElementById('send');
    if (button) button.disabled = false;
    await decide('The register was not sent', body.reasons ?? [], { back: 'Go back' });
  }

  // The line above the grid
  const undoButton = document.getElementById('undo');
  undoButton.addEventListener('click', () => register.undo());
  function count() {
    const marked = register.rows.filter((row) => row.state.letter).length;
    document.getElementById('marked').textContent = marked;
    document.querySelector('.rg-count').classList.toggle('rg-count--all', marked === register.rows.length);
    undoButton.hidden = !register.undos.length;
  }
  register.count = count;

  let touched = false;
  let slow;
  async function told(state) {
    clearTimeout(slow);
    const waiting = await waitingMarks();
    const isWaiting = state === 'waiting' || state === 'slow';
    stateText.className = `rg-state${isWaiting ? ' rg-state--waiting' : ''}${state === 'signed-out' ? ' rg-state--stopped' : ''}`;
    if (state === 'saving') {
      touched = true;
      slow = setTimeout(() => told('slow'), 3000);
    }
    if (state === 'signed-out') {
      const link = Object.assign(document.createElement('a'), { className: 'govuk-link', href: `/sign-in/?next=${encodeURIComponent(location.pathname)}`, textContent: 'Sign in again' });
      stateText.replaceChildren(link, waiting ? ` to send ${waiting}; they are kept on this device.` : ' to go on.');
    } else if (isWaiting) stateText.textContent = `${waiting || 'Your register'} waiting for the network`;
    else stateText.textContent = state === 'saving' ? 'Saving …' : touched ? 'All saved' : '';
  }

  async function waitingMarks() {
    const marks = (await queue.all()).reduce((sum, save) => sum + (save.marks?.length ?? 0), 0);
    return marks ? `${marks} mark${marks === 1 ? '' : 's'}` : '';
  }

  document.getElementById('all-present')?.addEventListener('click', (event) => { event.preventDefault(); register.allPresent(); });
  document.getElementById('send')?.addEventListener('click', (event) => { event.preventDefault(); register.send(); });
  form.addEventListener('submit', (event) => event.preventDefault());
  document.querySelector('form[action$="/sign-out/"]')?.addEventListener('submit', async (event) => {
    event.preventDefault();
    const waiting = (await queue.all()).length;
    if (waiting && await decide('Some marks wait to be sent', [`They stay on this device and are sent when you sign in here again.`], { stay: 'Stay here', leave: 'Sign out' }) !== 'leave') return;
    event.target.submit();
  });

  // What waited while the page was closed is shown as it was typed, and sent.
  async function goOn() {
    const waiting = (await queue.all()).filter(savesOfThisPage);
    const made = new Set(register.rows.filter((row) => row.pending)); // typed already, while this was read
    for (const save of waiting) {
      touched = true;
      for (const mark of save.marks) {
        const row = register.byId.get(mark.pupil);
        if (!row || made.has(row)) continue;
        row.pending = save.key;
        row.set({ letter: mark.code, minutes: mark.minutes, note: mark.note });
      }
    }
    count();
    sender.pump();
  }

  // How long it is still open; at the close the page says so without being asked.
  const when = document.getElementById('when');
  const left = () => {
    if (register.isSent) return;
    const minutes = Math.ceil((Number(data.closes) * 1000 - register.now()) / 60000);
    if (minutes > 0 && minutes <= 5) document.getElementById('left').textContent = `, ${minutes} minute${minutes === 1 ? '' : 's'} left`;
    if (minutes > 0 || when.dataset.closed || !document.getElementById('left')) return;
    when.dataset.closed = 'yes';
    when.textContent = 'This register has closed. Send it: it will be recorded as late.';
    register.say(when.textContent);
  };
  if (!register.isClosed()) setInterval(left, 15000);
  left();

  form.classList.add('rg--live');
  handleKeys(register);
  handleTouch(register);
  count();
  register.rows.forEach(show);
  goOn();
  listen(register, data, () => told('signed-out', 1));
  keepPage(data.worker);
  if (sessionStorage.getItem('register-sent') === data.send) {
    sessionStorage.removeItem('register-sent');
    const panel = document.getElementById('sent');
    panel?.focus();
  } else if (!register.isSent && matchMedia('(pointer: fine)').matches) (register.rows.find((row) => !row.state.letter) ?? register.rows[0])?.button.focus({ preventScroll: true });
}

function uuid() { // randomUUID is there on https and localhost only
  return crypto.randomUUID?.() ?? '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (c) => (Number(c) ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (Number(c) / 4)))).toString(16));
}

function time(milliseconds) { return new Date(milliseconds).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/London' }); }

// How far the school's clock is from this browser's; a page opened without a network keeps what it was told before.
function keptClock(data) {
  const kept = Number(localStorage.getItem('registers-clock'));
  if ('cached' in data && Number.isFinite(kept)) return kept;
  const clock = Number(data.now) * 1000 - Date.now();
  localStorage.setItem('registers-clock', clock);
  return clock;
}
