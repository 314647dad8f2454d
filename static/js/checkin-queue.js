// What couldn't be sent waits in this phone's storage under its own key and is sent again, however often, until the
// server has answered: the same key is the same claim.
export class Queue {
  constructor(name) {
    this.name = name;
    this.entries = this.read();
  }

  read() {
    try {
      const kept = JSON.parse(localStorage.getItem(this.name));
      return Array.isArray(kept) ? kept : [];
    } catch { return []; }
  }

  write() {
    try {
      if (this.entries.length) localStorage.setItem(this.name, JSON.stringify(this.entries));
      else localStorage.removeItem(this.name);
    } catch { /* it is still in memory */ }
  }

  add(entry) {
    if (this.entries.some((e) => e.key === entry.key || e.code === entry.code && e.unit === entry.unit && e.absent === entry.absent)) return;
    this.entries.push(entry);
    this.write();
  }

  waiting(unit) { return this.entries.filter((e) => e.unit === unit && !e.absent).length; }

  get length() { return this.entries.length; }

  // flush sends one after the other and stops at the first that doesn't get through. send returns what the server said,
  // or nothing if it couldn't be asked.
  async flush(send, told) {
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.entries.length) {
        const answer = await send(this.entries[0]);
        if (!answer) return;
        told(this.entries.shift(), answer);
        this.write();
      }
    } finally { this.busy = false; }
  }
}
