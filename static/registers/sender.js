// Sends what waits, one save after the other, each until the server has answered for it.
// Only one tab of a browser sends at a time; all of them hear the answers.

const WAITS = [1000, 2000, 4000, 8000, 15000];
const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

class Unanswered extends Error {}
class SignedOut extends Error {}

export class Sender {
  // heard(save, status, body) for every answer, told(state) whenever something changes:
  // saved, saving, waiting (no network), signed-out.
  constructor(queue, form, { heard, told }) {
    Object.assign(this, { queue, form, heard, told, failures: 0, tabs: new BroadcastChannel('registers') });
    this.tabs.onmessage = ({ data }) => data.user === queue.user && this.heard(data.save, data.status, data.body);
    addEventListener('online', () => this.hurry());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.hurry());
  }

  get token() { return this.form.elements.csrfmiddlewaretoken.value; }

  async push(save) {
    await this.queue.add(save);
    this.pump();
    return save;
  }

  hurry() {
    this.wake?.();
    this.pump();
  }

  async pump() {
    if (this.pumping) { this.again = true; return; }
    this.pumping = true;
    try {
      do {
        this.again = false;
        await this.alone(() => this.sendAll());
      } while (this.again);
      this.told('saved');
    } catch (error) {
      if (error instanceof SignedOut) { this.told('signed-out'); return; }
      this.told('waiting');
      if (!(error instanceof Unanswered)) throw error;
      this.pause();
    } finally {
      this.pumping = false;
    }
  }

  async pause() {
    const wait = WAITS[Math.min(this.failures, WAITS.length - 1)];
    this.failures += 1;
    await Promise.race([sleep(wait), new Promise((resolve) => { this.wake = resolve; })]);
    this.pump();
  }

  alone(work) { return navigator.locks ? navigator.locks.request('registers', work) : work(); }

  async sendAll() {
    for (let [save] = await this.queue.all(); save; [save] = await this.queue.all()) {
      const hold = (save.notBefore ?? 0) - Date.now();
      if (hold > 0) { await sleep(Math.min(hold, 1000)); continue; }
      this.told('saving');
      const { status, body } = await this.send(save);
      this.failures = 0;
      const entered = (body.answers ?? []).filter(({ outcome }) => outcome === 'taken' || outcome === 'amended');
      await this.queue.answered(save, new Map(entered.map(({ pupil, version }) => [pupil, version])));
      this.tabs.postMessage({ user: this.queue.user, save, status, body });
      await this.heard(save, status, body);
    }
  }

  async send(save, isRetry = false) {
    const headers = { 'X-CSRFToken': this.token, Accept: 'application/json' };
    const age = Math.max(0, Date.now() - save.madeAt);
    let body;
    if (save.marks) {
      headers['Content-Type'] = 'application/json';
      body = JSON.stringify({ key: save.key, age, reason: save.reason, marks: save.marks });
    } else body = new URLSearchParams({ ...save.fields, age });
    let response;
    try {
      response = await fetch(save.url, { method: 'POST', headers, body, redirect: 'manual', keepalive: true, signal: AbortSignal.timeout(20000) });
    } catch { throw new Unanswered(); }
    if (response.type === 'opaqueredirect') throw new SignedOut();
    if (response.status >= 500 || response.status === 429) throw new Unanswered();
    const answer = await response.json().catch(() => null);
    if (response.status === 403 && !answer && !isRetry) {
      await this.renew();
      return this.send(save, true);
    }
    return { status: response.status, body: answer ?? { reasons: [response.status === 403 ? 'You may not take this register any more.' : 'The server could not read this.'] } };
  }

  // After signing in again, in this tab or another, the page's token is an old one.
  async renew() {
    let response;
    try { response = await fetch(location.href, { redirect: 'manual', cache: 'no-store' }); } catch { throw new Unanswered(); }
    if (response.type === 'opaqueredirect') throw new SignedOut();
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const token = page.querySelector('#register [name=csrfmiddlewaretoken]');
    if (token) this.form.elements.csrfmiddlewaretoken.value = token.value;
  }
}
