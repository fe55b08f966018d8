// What waits in this browser: every save, kept in IndexedDB until the server has answered for it.
// Ids, codes and notes only, never a name; each belongs to the person who made it.

const open = () => new Promise((resolve, reject) => {
  const request = indexedDB.open('registers', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('saves', { keyPath: 'seq', autoIncrement: true });
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

export class Queue {
  constructor(user) {
    this.user = user;
    this.ready = open().then((database) => { this.database = database; }, () => { Object.assign(this, { memory: [], next: 1 }); }); // no storage: a private window
  }

  store(mode = 'readwrite') { return this.database.transaction('saves', mode).objectStore('saves'); }

  // All saves of this person, the oldest first.
  async all() {
    await this.ready;
    const saves = this.memory ?? await done(this.store('readonly').getAll());
    return saves.filter((save) => save.user === this.user).sort((a, b) => a.seq - b.seq);
  }

  async add(save) {
    save.user = this.user;
    await this.ready;
    if (this.memory) { save.seq = this.next; this.next += 1; this.memory.push(save); } else save.seq = await done(this.store().add(save));
    return save;
  }

  async put(save) {
    if (this.memory) this.memory = this.memory.map((each) => (each.seq === save.seq ? save : each));
    else await done(this.store().put(save));
  }

  // The server has answered: the save goes, and what was typed upon it rests on its versions from now on.
  async answered(save, versions) {
    const later = (await this.all()).filter((each) => each.seq > save.seq && each.marks?.some((mark) => mark.after === save.key));
    const rested = later.map((each) => ({
      ...each,
      marks: each.marks.map((mark) => (mark.after === save.key ? { ...mark, after: null, version: versions.get(mark.pupil) ?? mark.version } : mark)),
    }));
    if (this.memory) {
      for (const each of rested) await this.put(each);
      this.memory = this.memory.filter((each) => each.seq !== save.seq);
      return;
    }
    await new Promise((resolve, reject) => {
      const store = this.store();
      for (const each of rested) store.put(each);
      store.delete(save.seq);
      store.transaction.oncomplete = resolve;
      store.transaction.onerror = () => reject(store.transaction.error);
    });
  }
}
