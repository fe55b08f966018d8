// Fingers and mice: one tap goes round (present, N, L, blank), a long press opens the palette.

const LONG_PRESS = 500;
const HOLD = 600; // taps in a row are one save

export function handleTouch(register) {
  register.cycle = (row) => {
    const round = register.isSettled() && row.state.letter ? [register.present, 'N', 'L'] : [register.present, 'N', 'L', ''];
    const at = round.indexOf(row.state.letter);
    if ((row.state.letter && at < 0) || (row.others && !register.setsAny) || (register.amends && register.isSettled())) { register.openPalette(row); return; }
    const letter = round[(at + 1) % round.length];
    register.mark(row, letter, { minutes: letter === 'L' ? register.minutesNow() : null, hold: HOLD });
    register.say(`${row.name}: ${row.said}`);
  };

  for (const row of register.rows) {
    let timer;
    let wasLong = false;
    const stop = () => clearTimeout(timer);
    row.button.addEventListener('pointerdown', ({ button }) => {
      wasLong = false;
      stop();
      if (button === 0) timer = setTimeout(() => { wasLong = true; register.openPalette(row); }, LONG_PRESS);
    });
    for (const end of ['pointerup', 'pointercancel', 'pointerleave']) row.button.addEventListener(end, stop);
    row.button.addEventListener('contextmenu', (event) => {
      event.preventDefault();
      stop();
      if (!wasLong) { wasLong = true; register.openPalette(row); }
    });
    row.button.addEventListener('click', ({ detail }) => {
      if (detail === 0 && !matchMedia('(pointer: coarse)').matches) return; // Space and Enter are the keyboard's; assistive taps come here
      if (!wasLong) register.cycle(row);
      wasLong = false;
    });
    row.more.addEventListener('click', () => register.openPalette(row));
  }
}
