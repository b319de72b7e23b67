/**
 * The line to the server (PROTOCOL.md, section 3): it comes up, goes down and comes back, and nothing is lost or doubled.
 *
 * Knows nothing of the page: the socket, the clock and the timers are brought by the caller. Socket.IO's own reconnection
 * is switched off, because it would neither know which refusals are final nor hurry when the network is back.
 */
import { Asks } from "./asks.js";
import { alarm } from "./environment.js";
import { CommandQueue } from "./queue.js";

/** @typedef {import("./environment.js").Environment} Environment */
/** @typedef {import("./types.js").Line} Line */
/** @typedef {import("./types.js").Handlers} Handlers */
/** @typedef {import("./types.js").Welcome} Welcome */
/** @typedef {import("./types.js").Status} Status */
/** @typedef {import("../state/types.js").Reply} Reply */
/** @typedef {import("../state/types.js").Refusal} Refusal */
/** @typedef {import("../state/store.js").Batch} Batch */

const VERSION = 1;
/** The server welcomes at once; through a line with 3 s of delay there are three round trips before. */
const WELCOME_WITHIN = 15_000;
/** An answer needs one round trip and one disk write; after this the line is taken for dead. */
const ANSWER_WITHIN = 10_000;
/** The same after a hint that the network has changed, when it is more likely dead than slow. */
const PROBE_WITHIN = 4_000;
const PROBE_EVERY = 5_000;
/** The first attempt comes soon, since most breaks are short; the last are far enough apart to spare a server that starts. */
const FIRST_DELAY = 400;
const LONGEST_DELAY = 10_000;
/** After these many gaps in a row without news, the numbers are hopeless: ask for a snapshot. */
const GAPS = 3;
const COME_BACK = new Set(["slow", "shutdown"]);
const PASSING = new Set(["too_fast", "unavailable", "too_many"]);

export class Connection {
  /** @type {Status | "idle"} */
  status = "idle";
  #seat;
  #attempt = 0;
  #offset = 0;
  #welcomed = false;
  #gaps = 0;
  #resuming = false;
  #fresh = false;
  #lastProbe = 0;
  #readmitted = false;

  /**
   * @param {object} parts
   * @param {import("./types.js").OpenLine} parts.open
   * @param {Environment} parts.environment
   * @param {string} parts.seat
   * @param {Handlers} parts.handlers
   */
  constructor({ open, environment, seat, handlers }) {
    this.#seat = seat;
    this.environment = environment;
    this.handlers = handlers;
    this.retry = alarm(environment.timers);
    this.patience = alarm(environment.timers);
    this.asks = new Asks({
      environment,
      emit: (event, message, answer) => void this.socket.emit(event, message, answer),
      silent: () => this.#lost(0),
    });
    this.queue = new CommandQueue({
      environment,
      transmit: (item, answer) => {
        const { id, type, data } = item;
        this.asks.ask("command", { id, type, data }, ANSWER_WITHIN, (reply) => answer(/** @type {Reply | null} */ (reply)));
      },
      changed: (items) => handlers.queued(items),
    });
    this.socket = open((give) => give({ v: VERSION, seat: this.#seat, since: this.#fresh ? null : handlers.last() }));
    this.#listen();
  }

  /** Connect, and stay connected until `stop` or a final refusal. */
  start() {
    if (this.status !== "idle") return;
    this.#become("connecting");
    this.#connect();
  }

  /** Go away for good. @param {string} [code] what unanswered commands are told */
  stop(code = "closed") {
    if (this.status === "over") return;
    this.#become("over");
    this.retry.clear();
    this.#down();
    this.socket.disconnect();
    this.queue.refuseAll(code);
  }

  /** @param {string} type @param {Record<string, any>} [data] @param {string} [id] @returns {Promise<Reply>} never rejects */
  send(type, data = {}, id = this.environment.newId()) {
    if (this.status === "over") return Promise.resolve({ ok: false, code: "closed" });
    return this.queue.add(type, data, id, this.clock());
  }

  /** Say something that may be lost. @param {string} type @param {Record<string, any>} [fields] */
  signal(type, fields = {}) {
    if (this.status === "live") this.socket.emit("signal", { type, ...fields });
  }

  /** @param {number} before @param {number} limit */
  history(before, limit) {
    return /** @type {Promise<{ ok: true, events: any[], more: boolean } | Refusal>} */ (this.#request("history", { before, limit }));
  }

  /** A message of section 4. @param {Record<string, any>} message @returns {Promise<any>} the answer or a refusal; never rejects */
  media(message) {
    return this.#request("media", message);
  }

  /** Now, in ms, on the server's clock. */
  clock() {
    return Math.round(this.environment.now() + this.#offset);
  }

  /**
   * The network may have changed: do not sleep through that, and do not trust a line that only looks alive. A TCP
   * connection that has lost its network says nothing for a minute.
   */
  hint() {
    if (this.retry.running) this.#connect();
    else if (this.status === "live" && this.environment.now() - this.#lastProbe >= PROBE_EVERY) {
      this.#lastProbe = this.environment.now();
      this.#resume(PROBE_WITHIN);
    }
  }

  /** The network is another one: the line, if there is one, is stuck in the old. Coming back is cheap and loses nothing. */
  moved() {
    if (this.retry.running) this.#connect();
    else if (this.status === "live") this.#lost(0);
  }

  #listen() {
    const { socket, handlers } = this;
    socket.on("connect_error", (error) => void this.#refused(error?.data));
    socket.on("disconnect", () => this.#lost(0));
    socket.on("waiting", () => {
      this.patience.clear();
      this.#become("waiting");
    });
    socket.on("welcome", (welcome) => this.#enter(welcome));
    socket.on("events", (batch) => this.#deliver(batch));
    socket.on("signal", (signal) => handlers.signal(signal));
    socket.on("media", (message) => handlers.media(message));
    socket.on("bye", ({ code }) => {
      // Everybody comes back after a restart: spread them over the time that it takes anyway.
      if (COME_BACK.has(code)) this.#lost(500 + this.environment.random() * 2000);
      else this.#end(code);
    });
  }

  #connect() {
    this.retry.clear();
    this.patience.set(() => this.#lost(0), WELCOME_WITHIN);
    this.socket.connect();
  }

  /** @param {Welcome} welcome */
  #enter(welcome) {
    const again = this.#welcomed;
    this.patience.clear();
    this.#welcomed = true;
    this.#attempt = 0;
    this.#gaps = 0;
    this.#fresh = false;
    this.#readmitted = false;
    this.#offset = welcome.now - this.environment.now();
    this.handlers.welcome(welcome, again);
    this.#become("live");
    this.queue.resume();
  }

  /** @param {Batch} batch */
  #deliver(batch) {
    for (const { at } of batch.events) this.#align(at);
    if (this.handlers.events(batch)) {
      this.#gaps = 0;
      return;
    }
    this.#gaps += 1;
    if (this.#gaps > GAPS) {
      this.#fresh = true;
      this.#lost(0);
    } else if (!this.#resuming) this.#resume(ANSWER_WITHIN);
  }

  /**
   * What left the server at `at` cannot be from the future: the clock is at least so far ahead. The freshest of many events
   * brings the error below one way of the fastest packet.
   *
   * @param {number} at
   */
  #align(at) {
    this.#offset = Math.max(this.#offset, at - this.environment.now());
  }

  /** Ask for what is missing; also a sign of life. @param {number} within ms */
  #resume(within) {
    const since = this.handlers.last();
    if (since === null) return;
    this.#resuming = true;
    this.asks.ask("resume", { since }, within, (reply) => {
      this.#resuming = false;
      if (reply === null || reply.ok || PASSING.has(reply.code)) return;
      this.#fresh = true;
      this.#lost(0);
    });
  }

  /** @param {string} event @param {Record<string, any>} message @returns {Promise<any>} */
  #request(event, message) {
    if (this.status !== "live") return Promise.resolve({ ok: false, code: "offline" });
    return new Promise((resolve) => {
      this.asks.ask(event, message, ANSWER_WITHIN, (reply) => resolve(reply ?? { ok: false, code: "offline" }));
    });
  }

  /** A refused connection. @param {{ code?: string, retry_after?: number } | undefined} refusal absent when nobody answered */
  async #refused(refusal) {
    const code = refusal?.code;
    if (code === undefined || PASSING.has(code)) return this.#lost(refusal?.retry_after ?? 0);
    if (code === "unauthorized" && !this.#readmitted) {
      this.#readmitted = true; // once: a server that refuses its own fresh seat means it
      this.patience.clear();
      const seat = await this.handlers.readmit();
      if (seat !== null && this.status !== "over") {
        this.#seat = seat;
        this.socket.disconnect(); // the refused attempt may still hold a transport open
        return this.#connect();
      }
    }
    return this.#end(code);
  }

  /** The line is gone: come back after a while, at least after `least` ms. @param {number} least */
  #lost(least) {
    if (this.status === "over" || this.retry.running) return;
    this.#become(this.#welcomed ? "reconnecting" : this.status === "waiting" ? "waiting" : "connecting");
    // Half of the delay is chance, so that a class does not come back in one instant.
    const longest = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#attempt);
    const delay = longest * (0.5 + this.environment.random() / 2);
    this.#attempt += 1;
    this.retry.set(() => this.#connect(), Math.max(least, delay));
    this.#down();
    this.socket.disconnect();
  }

  #down() {
    this.patience.clear();
    this.queue.pause();
    this.#resuming = false;
    this.asks.cancelAll();
  }

  /** @param {string} code */
  #end(code) {
    if (this.status === "over") return;
    this.handlers.over(code); // first, so that nobody sees an end without its reason
    this.stop(code === "blocked" ? code : "closed");
  }

  /** @param {Status} status */
  #become(status) {
    if (this.status === status) return;
    this.status = status;
    this.handlers.status(status);
  }
}
