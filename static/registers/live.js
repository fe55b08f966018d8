// What others enter appears here within seconds, with who, when and why; what is being typed stays.

const EVERY = 4000;
const EVERY_HIDDEN = 20000;

export function listen(register, data, signedOut) {
  let timer;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(poll, document.visibilityState === 'visible' ? EVERY : EVERY_HIDDEN);
  };

  async function poll() {
    let response;
    try {
      response = await fetch(`${data.changes}?since=${register.since}`, { headers: { Accept: 'application/json' }, redirect: 'manual', cache: 'no-store', signal: AbortSignal.timeout(10000) });
    } catch { again(); return; }
    if (response.type === 'opaqueredirect') { signedOut(); again(); return; }
    if (response.ok) apply(await response.json());
    again();
  }

  function apply(changes) {
    let { since } = changes;
    for (const mark of changes.marks) {
      const row = register.byId.get(mark.pupil);
      if (!row || mark.entry <= row.seen) continue;
      if (row.pending) { since = Math.min(since, mark.entry - 1); continue; } // its answer comes first
      const before = { ...row.state };
      register.stand(row, mark);
      row.fault = '';
      if (!row.is(before)) {
        row.flash();
        if (mark.byId !== register.user) register.say(`${row.name}: ${mark.said}`);
      }
      register.show(row);
    }
    register.since = Math.max(register.since, since);
    const waiting = new Map(changes.waiting.map((each) => [each.pupil, each]));
    for (const row of register.rows) {
      const now = waiting.get(row.id) ?? null;
      if (row.pending || (row.waiting?.id ?? null) === (now?.id ?? null)) continue;
      row.waiting = now;
      register.show(row);
    }
    register.count();
    const asked = document.getElementById('reminded');
    if (asked && asked.textContent !== changes.reminded) asked.textContent = changes.reminded;
    if (changes.sent && !register.isSent && register.rows.every((row) => !row.pending)) location.reload();
  }

  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') { clearTimeout(timer); poll(); } });
  addEventListener('online', poll);
  again();
}
