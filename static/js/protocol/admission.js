/**
 * The way into a class (PROTOCOL.md, section 2): a join token or an invitation of the address, or the cookie, in; a seat out.
 *
 * A secret of the address is taken out of it at once, so that it is not in the history, in a bookmark or on a projector. The
 * seat is kept for this tab alone: two tabs may be two people, and a closed tab is a person who went.
 */
import { ask } from "./api.js";

/** @typedef {import("../state/types.js").Refusal} Refusal */

/**
 * @typedef {object} Seat
 * @property {string} seat
 * @property {import("../state/types.js").Me} person
 * @property {import("../state/types.js").ClassInfo} class
 * @property {RTCIceServer[]} ice_servers
 */

/** @typedef {{ token: string } | { invitation: string, name?: string } | {}} Claim */

/**
 * What of the browser is needed.
 *
 * @typedef {object} Surroundings
 * @property {{ href: string }} location
 * @property {{ state: any, replaceState(data: any, unused: string, url: string): void }} history
 * @property {Pick<Storage, "getItem" | "setItem" | "removeItem"> | null} storage of the tab; null where it is forbidden
 * @property {typeof fetch} fetch
 * @property {() => number} now
 */

/** A seat is good for 12 hours; one that ends within a class is renewed before it. */
const SEAT_LASTS = 11 * 3_600_000;

const SECRETS = /** @type {const} */ (["token", "invitation"]);

/** @param {Pick<Surroundings, "location">} surroundings @returns {string} the id in `/class/ID`, "" on another page */
export function classId({ location }) {
  return /^\/class\/([A-Za-z][A-Za-z0-9_-]{0,63})\/?$/.exec(new URL(location.href).pathname)?.[1] ?? "";
}

/**
 * Take the secret out of the address: of its fragment, which no server and no log ever sees, or of its query.
 *
 * @param {Pick<Surroundings, "location" | "history">} surroundings
 * @returns {Claim}
 */
export function takeClaim({ location, history }) {
  const url = new URL(location.href);
  const fragment = new URLSearchParams(url.hash.slice(1));
  const [name, secret] =
    SECRETS.map((key) => /** @type {const} */ ([key, fragment.get(key) || url.searchParams.get(key)])).find(([, value]) => value) ?? [];
  for (const key of SECRETS) url.searchParams.delete(key);
  if (SECRETS.some((key) => fragment.has(key))) url.hash = "";
  if (url.href !== location.href) history.replaceState(history.state, "", url.pathname + url.search + url.hash);
  return name && secret ? { [name]: secret } : {};
}

const SEATS = "sabak.seat.";

/**
 * Forget every seat of this tab: who signs in or out here next is somebody else.
 *
 * @param {Storage | undefined} storage
 */
export function forgetSeats(storage) {
  for (const key of Object.keys(storage ?? {})) if (key.startsWith(SEATS)) storage?.removeItem(key);
}

export class Admission {
  /** @param {string} id the class @param {Surroundings} surroundings */
  constructor(id, surroundings) {
    this.id = id;
    this.surroundings = surroundings;
    this.key = SEATS + id;
    const claim = takeClaim(surroundings);
    /** What the address brought; it beats a seat that was kept, since somebody has just followed a link. @type {Claim} */
    this.claim = claim;
    /** True where a name has to be asked for first. */
    this.needsName = "invitation" in claim;
    if (Object.keys(claim).length > 0) this.forget();
  }

  /**
   * Get a seat: the one of this tab, else a new one.
   *
   * @param {string} [name] of a guest with an invitation
   * @returns {Promise<{ ok: true, seat: Seat } | Refusal>} never rejects
   */
  async enter(name) {
    const kept = this.#kept();
    if (kept) return { ok: true, seat: kept };
    const body = "invitation" in this.claim && name ? { ...this.claim, name } : this.claim;
    const answer = await this.#ask(body);
    if (answer.ok) this.#keep(answer.seat);
    return answer;
  }

  /**
   * Say what the invitation opens, before a name is asked for.
   *
   * @returns {Promise<{ ok: true, info: import("../state/types.js").ClassInfo } | Refusal>} never rejects
   */
  async peek() {
    const code = "invitation" in this.claim ? this.claim.invitation : "";
    /** @type {import("./api.js").Outcome<{ class_id: string, title: string, language: string, recording: import("../state/types.js").ClassInfo["recording"] }>} */
    const outcome = await ask("POST", "/api/invitations/peek", { code }, { fetch: this.surroundings.fetch });
    if (!outcome.ok) return outcome;
    const { class_id: id, title, language, recording } = outcome.data;
    return id === this.id ? { ok: true, info: { id, title, language, recording } } : { ok: false, code: "unauthorized" };
  }

  /** Get another seat because the old one is no longer accepted. @returns {Promise<Seat | null>} */
  async again() {
    this.forget();
    const answer = await this.#ask("invitation" in this.claim ? {} : this.claim);
    if (!answer.ok) return null;
    this.#keep(answer.seat);
    return answer.seat;
  }

  forget() {
    this.surroundings.storage?.removeItem(this.key);
  }

  /** @param {Claim} body @returns {Promise<{ ok: true, seat: Seat } | Refusal>} */
  async #ask(body) {
    /** @type {import("./api.js").Outcome<Seat>} */
    const outcome = await ask("POST", `/api/classes/${this.id}/admission`, body, { fetch: this.surroundings.fetch });
    return outcome.ok ? { ok: true, seat: outcome.data } : outcome;
  }

  /** @param {Seat} seat */
  #keep(seat) {
    try {
      this.surroundings.storage?.setItem(this.key, JSON.stringify({ ...seat, until: this.surroundings.now() + SEAT_LASTS }));
    } catch {
      // Storage is full: the seat is lost with the page, and the next one asks again.
    }
  }

  /** @returns {Seat | null} */
  #kept() {
    const text = this.surroundings.storage?.getItem(this.key) ?? null;
    if (text === null) return null;
    try {
      const { until, ...seat } = JSON.parse(text);
      if (until > this.surroundings.now() && typeof seat.seat === "string") return seat;
    } catch {
      // Written by another version of this page.
    }
    this.forget();
    return null;
  }
}
