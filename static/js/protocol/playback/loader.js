/**
 * Fetches what the schedule has chosen: lists as JSON, media as ranges, each cluster handed on as soon as it is whole.
 *
 * What was fetched stays for a while, so that a tile that moves to another place of the page costs no line.
 */

/** @typedef {import("./types.js").Cluster} Cluster */
/** @typedef {{ offset: number, octets: number }} Stretch */
/** @typedef {{ ok: false, code: string, status: number, retryAfter: number | null }} Failure status 0: no answer at all */
/** @template T @typedef {{ ok: true, data: T } | Failure} Outcome */

const CACHE_OCTETS = 48 << 20;
/** Without an octet for so long a request is lost, ms. */
const STANDSTILL = 12_000;

export class Loader {
  /** `segment@offset` -> what lies there, the oldest first. @type {Map<string, ArrayBuffer>} */
  #cache = new Map();
  #cached = 0;

  /**
   * @param {import("./types.js").Load} load
   * @param {import("./line.js").Line} line
   * @param {import("./types.js").PlayerEnvironment} environment
   */
  constructor(load, line, environment) {
    this.load = load;
    this.line = line;
    this.environment = environment;
  }

  /**
   * @template T
   * @param {string} path
   * @param {AbortSignal} signal
   * @returns {Promise<Outcome<T>>}
   */
  async json(path, signal) {
    /** @type {Uint8Array[]} */
    const parts = [];
    const failure = await this.#get(path, {}, signal, (part) => void parts.push(part));
    if (failure) return failure;
    try {
      return { ok: true, data: JSON.parse(await new Blob(/** @type {BlobPart[]} */ (parts)).text()) };
    } catch {
      return { ok: false, code: "internal", status: 502, retryAfter: null };
    }
  }

  /** @param {string} segment @param {Stretch} stretch */
  cached(segment, { offset }) {
    return this.#cache.get(`${segment}@${offset}`) ?? null;
  }

  /**
   * Take in heads of files that came with a list, in base64: each saves a round trip.
   *
   * @param {Readonly<Record<string, string>> | undefined} heads by segment
   */
  takeHeads(heads) {
    for (const [segment, text] of Object.entries(heads ?? {})) {
      this.#keep(`${segment}@0`, Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
    }
  }

  /**
   * Fetch stretches of one file that lie one behind another, and hand each on when it is whole.
   *
   * @param {string} segment
   * @param {readonly Stretch[]} stretches
   * @param {AbortSignal} signal
   * @param {(stretch: Stretch, data: ArrayBuffer) => void} deliver
   * @returns {Promise<Failure | null>} null: all were delivered
   */
  async media(segment, stretches, signal, deliver) {
    const [first, last] = [stretches[0], stretches.at(-1)];
    if (!first || !last) return null;
    let next = 0;
    let held = new Uint8Array(0);
    const take = (/** @type {Uint8Array} */ part) => {
      held = joined(held, part);
      for (let stretch = stretches[next]; stretch && held.length >= stretch.octets; stretch = stretches[next]) {
        const data = held.slice(0, stretch.octets).buffer;
        held = held.subarray(stretch.octets);
        next += 1;
        this.#keep(`${segment}@${stretch.offset}`, data);
        deliver(stretch, data);
      }
    };
    const range = `bytes=${first.offset}-${last.offset + last.octets - 1}`;
    const failure = await this.#get(`media/${segment}`, { Range: range }, signal, take);
    if (failure) return failure;
    // An answer that ends before it should: cut off on its way.
    return next === stretches.length ? null : { ok: false, code: "offline", status: 0, retryAfter: null };
  }

  /**
   * @param {string} path
   * @param {Record<string, string>} headers
   * @param {AbortSignal} outer
   * @param {(part: Uint8Array) => void} take
   * @returns {Promise<Failure | null>}
   */
  async #get(path, headers, outer, take) {
    const { line, environment } = this;
    const asked = environment.now();
    const patience = new Patience(environment.timers, outer);
    let begun = false;
    try {
      const response = await this.load(path, { headers, signal: patience.signal });
      if (!response.ok) return await failureOf(response);
      // Without Range support the whole file would come, from its beginning.
      if (headers["Range"] !== undefined && response.status !== 206) return { ok: false, code: "internal", status: 502, retryAfter: null };
      line.begin(environment.now(), asked);
      begun = true;
      const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return null;
        patience.renew();
        line.take(environment.now(), value.length);
        take(value);
      }
    } catch {
      return { ok: false, code: outer.aborted ? "aborted" : "offline", status: 0, retryAfter: null };
    } finally {
      patience.end();
      if (begun) line.end(environment.now());
    }
  }

  /** @param {string} name @param {ArrayBuffer} data */
  #keep(name, data) {
    if (this.#cache.has(name)) return;
    this.#cache.set(name, data);
    this.#cached += data.byteLength;
    for (const [old, { byteLength }] of this.#cache) {
      if (this.#cached <= CACHE_OCTETS) break;
      this.#cache.delete(old);
      this.#cached -= byteLength;
    }
  }
}

/** Ends a request when it is no longer wanted, or when nothing came for too long. */
class Patience {
  #own = new AbortController();
  /** @type {unknown} */
  #timer;

  /** @param {import("../environment.js").Timers} timers @param {AbortSignal} outer */
  constructor(timers, outer) {
    this.timers = timers;
    this.outer = outer;
    outer.addEventListener("abort", this.#abort);
    if (outer.aborted) this.#abort();
    this.renew();
  }

  get signal() {
    return this.#own.signal;
  }

  renew() {
    this.timers.clear(this.#timer);
    this.#timer = this.timers.set(this.#abort, STANDSTILL);
  }

  end() {
    this.timers.clear(this.#timer);
    this.outer.removeEventListener("abort", this.#abort);
  }

  #abort = () => this.#own.abort();
}

/** @param {Uint8Array} held @param {Uint8Array} part @returns {Uint8Array<ArrayBuffer>} */
function joined(held, part) {
  const whole = new Uint8Array(held.length + part.length);
  whole.set(held);
  whole.set(part, held.length);
  return whole;
}

/** @param {Response} response @returns {Promise<Failure>} */
async function failureOf(response) {
  const after = Number(response.headers.get("Retry-After"));
  const retryAfter = after > 0 ? Math.min(after, 60) * 1000 : null;
  let code = "";
  try {
    const said = (await response.json())?.code;
    if (typeof said === "string") code = said;
  } catch {
    // A proxy's page: the number says enough.
  }
  return { ok: false, code: code || CODES[response.status] || "internal", status: response.status, retryAfter };
}

/** @type {Record<number, string>} */
const CODES = { 401: "signed_out", 403: "forbidden", 404: "not_found", 410: "gone", 416: "range" };
