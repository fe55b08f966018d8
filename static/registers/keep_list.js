// While the board is open, the evacuation list is kept on this device too, at most five minutes old.

import { keepList } from './evacuation.js';

const { worker, list } = document.getElementById('keep-list').dataset;
const keep = () => keepList(worker, new URL(list, location).href);
keep();
setInterval(keep, 5 * 60 * 1000);
