/** The far end of a Socket.IO line, played by a test. */

/** @typedef {{ event: string, message: any, ack: ((reply: any) => void) | undefined }} Sent */

export class FakeLine {
  /** @type {Map<string, (...args: any[]) => void>} */
  #listeners = new Map();
  connects = 0;
  disconnects = 0;
  up = false;
  /** @type {any} what came with the last connect */
  auth = null;
  /** @type {Sent[]} */
  sent = [];

  /** @param {(give: (auth: object) => void) => void} auth */
  constructor(auth) {
    this.giveAuth = auth;
  }

  /** @param {string} event @param {(...args: any[]) => void} listener */
  on(event, listener) {
    this.#listeners.set(event, listener);
  }

  /** @param {string} event @param {any} message @param {(reply: any) => void} [ack] */
  emit(event, message, ack) {
    if (!this.up) throw new Error(`${event} on a line that is down`);
    this.sent.push({ event, message, ack });
  }

  connect() {
    this.connects += 1;
    this.giveAuth((auth) => (this.auth = auth));
  }

  disconnect() {
    this.disconnects += 1;
    this.cut();
  }

  // What the server or the network does.

  /** @param {string} event @param {any} [message] */
  say(event, message) {
    this.#listeners.get(event)?.(message);
  }

  /** @param {object} [more] */
  welcome(more = {}) {
    this.up = true;
    this.say("welcome", { v: 1, person: { id: "u_1", name: "A", role: "student" }, connection: "x", now: 0, upto: 0, state: {}, ...more });
  }

  /** The network goes away, or one of the two hangs up. */
  cut() {
    if (!this.up) return;
    this.up = false;
    this.say("disconnect", "transport close");
  }

  /** @param {any} [data] */
  refuse(data) {
    this.say("connect_error", Object.assign(new Error("refused"), { data }));
  }

  /** Take what was sent of one kind. @param {string} event @returns {Sent[]} */
  take(event) {
    const found = this.sent.filter((one) => one.event === event);
    this.sent = this.sent.filter((one) => one.event !== event);
    return found;
  }
}
