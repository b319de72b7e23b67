/**
 * What this browser measures of its own line, every two seconds, from `getStats` of both legs.
 */
import { signal } from "@preact/signals-core";

/** @typedef {import("../state/types.js").LineStats} LineStats */
/** @typedef {import("../state/types.js").Measured} Measured */
/** @typedef {{ bytes: number, packets: number, lost: number, fraction: number, rtt: number | null, path: Measured["path"], limited: Measured["limited"] }} Totals sums since the start, and what holds now */

/** Long enough for a steady figure, short enough to see what a switch does. */
export const EVERY = 2000;
/** Looks in a row before it is believed that something keeps the own pictures small: every encoder is slow to begin with. */
const BELIEVED = 3;

/**
 * @param {Iterable<any>} report of an RTCPeerConnection
 * @param {"up" | "down"} direction
 * @returns {Totals}
 */
export function totals(report, direction) {
  /** @type {Totals} */
  const sum = { bytes: 0, packets: 0, lost: 0, fraction: 0, rtt: null, path: "", limited: "" };
  const rows = [...report];
  for (const one of rows) {
    if (direction === "up" && one.type === "outbound-rtp") {
      sum.bytes += (one.bytesSent ?? 0) + (one.headerBytesSent ?? 0);
      sum.packets += one.packetsSent ?? 0;
      if (one.active !== false) sum.limited = worse(sum.limited, one.qualityLimitationReason);
    } else if (direction === "up" && one.type === "remote-inbound-rtp") {
      // The worst stream is what the viewers notice.
      sum.fraction = Math.max(sum.fraction, one.fractionLost ?? 0);
    } else if (direction === "down" && one.type === "inbound-rtp") {
      sum.bytes += (one.bytesReceived ?? 0) + (one.headerBytesReceived ?? 0);
      sum.packets += one.packetsReceived ?? 0;
      sum.lost += one.packetsLost ?? 0;
    } else if (one.type === "candidate-pair" && (one.nominated || one.selected) && one.currentRoundTripTime !== undefined) {
      sum.rtt = Math.round(one.currentRoundTripTime * 1000);
      sum.path = pathOf(rows.find((other) => other.id !== undefined && other.id === one.localCandidateId));
    }
  }
  return sum;
}

/** A busy device spoils every line. @param {Measured["limited"]} known @param {string} [reason] @returns {Measured["limited"]} */
function worse(known, reason) {
  if (reason === "cpu" || known === "cpu") return "cpu";
  return reason === "bandwidth" ? "bandwidth" : known;
}

/** What the own end of a pair of candidates goes over. @param {any} local @returns {Measured["path"]} */
function pathOf(local) {
  if (local?.candidateType === "relay") return "relay";
  return local?.protocol === "tcp" ? "tcp" : local?.protocol === "udp" ? "udp" : "";
}

/**
 * @param {Totals} before
 * @param {Totals} now
 * @param {number} ms between them
 * @returns {LineStats}
 */
export function between(before, now, ms) {
  const packets = Math.max(0, now.packets - before.packets);
  // Packets that came late count as not lost after all: the difference may be negative.
  const lost = Math.max(0, now.lost - before.lost);
  const loss = lost + packets > 0 ? lost / (lost + packets) : 0;
  return {
    // A leg that was made anew starts from nothing again.
    bitrate: Math.round((Math.max(0, now.bytes - before.bytes) * 8000) / Math.max(1, ms)),
    loss: Math.max(loss, now.fraction),
    rtt: now.rtt,
  };
}

export class Stats {
  latest = signal(/** @type {Measured | null} */ (null));
  /** @type {unknown} */
  #timer = null;
  /** @type {{ at: number, up: Totals, down: Totals } | null} */
  #before = null;
  /** For how many looks the same was in the way. */
  #limited = { by: /** @type {Measured["limited"]} */ (""), looks: 0 };

  /**
   * @param {import("./environment.js").Environment} environment
   * @param {() => { up: RTCPeerConnection | null, down: RTCPeerConnection | null }} connections
   */
  constructor(environment, connections) {
    this.environment = environment;
    this.connections = connections;
  }

  start() {
    if (this.#timer === null) this.#timer = this.environment.timers.set(() => void this.#look(), EVERY);
  }

  stop() {
    if (this.#timer !== null) this.environment.timers.clear(this.#timer);
    this.#timer = null;
    this.#before = null;
    this.latest.value = null;
  }

  /** @param {Measured["limited"]} by @returns {Measured["limited"]} */
  #believed(by) {
    this.#limited = { by, looks: by === this.#limited.by ? this.#limited.looks + 1 : 1 };
    return this.#limited.looks >= BELIEVED ? by : "";
  }

  async #look() {
    const { up, down } = this.connections();
    const [sent, received] = await Promise.all([read(up, "up"), read(down, "down")]);
    if (this.#timer === null) return; // stopped meanwhile
    const now = { at: this.environment.now(), up: sent, down: received };
    const before = this.#before;
    if (before) {
      const ms = now.at - before.at;
      this.latest.value = {
        up: between(before.up, now.up, ms),
        down: between(before.down, now.down, ms),
        path: sent.path || received.path,
        limited: this.#believed(sent.limited),
      };
    }
    this.#before = now;
    this.#timer = this.environment.timers.set(() => void this.#look(), EVERY);
  }
}

/** @param {RTCPeerConnection | null} pc @param {"up" | "down"} direction */
async function read(pc, direction) {
  try {
    return totals([.../** @type {Map<string, any>} */ (/** @type {unknown} */ ((await pc?.getStats()) ?? new Map())).values()], direction);
  } catch {
    return totals([], direction); // closed while it was asked
  }
}
