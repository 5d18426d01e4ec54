// Collects events and sends them in batches. Each has a name of its own, so that one sent twice is stored once.
const WAIT = 400;
const MOST_WAITING = 200;
const MOST_IN_BATCH = 50;
const MOST_TRIES = 4;

function newName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Sender {
  constructor(address, facts) {
    this.address = address;
    this.facts = facts;
    this.waiting = [];
    this.tries = 0;
    this.stopped = false;
    this.timer = 0;
  }

  track(event, properties = {}) {
    this.add({ type: "track", event, properties: { ...this.facts(), ...properties } });
  }

  add(event) {
    if (this.stopped || this.waiting.length >= MOST_WAITING) return;
    this.waiting.push({ ...event, messageId: newName(), timestamp: new Date().toISOString() });
    this.later(WAIT);
  }

  later(milliseconds) {
    if (this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.send();
    }, milliseconds);
  }

  take() {
    const batch = this.waiting.splice(0, MOST_IN_BATCH);
    return [batch, JSON.stringify({ batch, sentAt: new Date().toISOString() })];
  }

  // The page may be gone before an answer comes: the browser delivers by itself.
  leave() {
    while (this.waiting.length && !this.stopped) {
      const [, body] = this.take();
      navigator.sendBeacon(this.address, new Blob([body], { type: "application/json" }));
    }
  }

  async send() {
    if (!this.waiting.length || this.stopped) return;
    const [batch, body] = this.take();
    try {
      const answer = await fetch(this.address, { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive: true });
      if (answer.status === 429 || answer.status >= 500) throw new Error(String(answer.status));
      this.tries = 0;
      if (!answer.ok || (await answer.json()).reason) this.stop();
    } catch {
      this.again(batch);
    }
    if (this.waiting.length) this.later(WAIT);
  }

  again(batch) {
    this.tries += 1;
    if (this.tries > MOST_TRIES) return this.stop();
    this.waiting.unshift(...batch);
    this.later(WAIT * 4 ** this.tries);
  }

  stop() {
    this.stopped = true;
    this.waiting = [];
  }
}
