/**
 * Keeps one peer connection alive: notices that it has gone, negotiates again, gives up when that is pointless.
 *
 * A leg is renewed in two ways. Gently: ICE starts again on the same connection, which a changed network needs. Or afresh:
 * the connection is thrown away and made anew, which is needed when the server no longer knows it (its media worker died).
 */
import { signal } from "@preact/signals-core";
import { alarm } from "./environment.js";

/** @typedef {import("./environment.js").Environment} Environment */
/** @typedef {"idle" | "connecting" | "connected" | "lost"} LegState */

/**
 * Short breaks (a lost Wi-Fi beacon; Safari while it negotiates) mend themselves within this; ICE begins to complain after
 * some 5 s of silence, so that a viewer sees a still picture for 7 s at the worst. To restart ICE in vain costs little.
 */
const PATIENCE = 1500;
/** ICE and DTLS take four round trips; a connection that is not there after this is not coming. */
const CONNECTS_WITHIN = 12_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;
/** Refusals that another attempt cannot change. */
const FINAL = new Set(["media.no_codec", "media.bad_sdp", "media.too_many", "not_allowed", "closed", "bad_message"]);

export class Leg {
  state = signal(/** @type {LegState} */ ("idle"));
  /** The refusal that ended it, "" otherwise. */
  refusal = signal("");
  #attempt = 0;
  #running = false;
  /** @type {"" | "gently" | "afresh"} */
  #again = "";
  #generation = 0;

  /**
   * @param {Environment} environment
   * @param {(afresh: boolean) => Promise<{ ok: true } | { ok: false, code: string }>} negotiate may throw
   * @param {() => void} doubted nothing comes any more: the network may be another one
   */
  constructor(environment, negotiate, doubted) {
    this.environment = environment;
    this.negotiate = negotiate;
    this.doubted = doubted;
    this.patience = alarm(environment.timers);
    this.retry = alarm(environment.timers);
  }

  /** @param {boolean} afresh */
  async renew(afresh) {
    if (this.#running) {
      this.#again = afresh || this.#again === "afresh" ? "afresh" : "gently";
      return;
    }
    this.#running = true;
    this.patience.clear();
    this.retry.clear();
    this.refusal.value = "";
    if (this.state.value === "idle") this.state.value = "connecting";
    const generation = this.#generation;
    let outcome;
    try {
      outcome = await this.negotiate(afresh);
    } catch {
      // The browser refuses its own or the server's description: only a new connection can help.
      outcome = { ok: /** @type {const} */ (false), code: "media.unknown_peer" };
    }
    this.#running = false;
    if (generation !== this.#generation) return; // stopped meanwhile
    const again = this.#again;
    this.#again = "";
    if (again) void this.renew(again === "afresh");
    else if (!outcome.ok) this.#refused(outcome.code, afresh);
    else if (this.state.value !== "connected") this.patience.set(() => this.#broken(), CONNECTS_WITHIN);
  }

  /** Tell what the connection says of itself. @param {RTCPeerConnectionState} state */
  changed(state) {
    if (state === "connected") {
      this.#attempt = 0;
      this.patience.clear();
      this.retry.clear();
      this.state.value = "connected";
    } else if (state === "disconnected") {
      this.doubted();
      if (!this.patience.running) this.patience.set(() => this.#broken(), PATIENCE);
    } else if (state === "failed") {
      this.doubted();
      this.#broken();
    }
  }

  /** Forget everything; `renew` begins anew. */
  stop() {
    this.#generation += 1;
    this.#attempt = 0;
    this.#again = "";
    this.patience.clear();
    this.retry.clear();
    this.state.value = "idle";
  }

  #broken() {
    if (this.retry.running || this.#running) return;
    this.state.value = "lost";
    // The first time gently; if that did not help, the server may have forgotten us.
    this.#later(this.#attempt > 0);
  }

  /** @param {string} code @param {boolean} afresh what was refused */
  #refused(code, afresh) {
    // Nobody was asked: the line to the server is away, and sound and picture may well go on without it.
    if (code === "offline") return this.#later(afresh);
    this.state.value = "lost";
    if (FINAL.has(code)) this.refusal.value = code;
    else this.#later(true);
  }

  /** @param {boolean} afresh */
  #later(afresh) {
    const wait = this.#attempt === 0 ? 0 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempt);
    this.#attempt += 1;
    this.retry.set(() => void this.renew(afresh), wait * (0.75 + this.environment.random() / 2));
  }
}
