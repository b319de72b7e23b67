/** What is wrong with a line, in words; without a catalogue the sentences are their English keys. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { causeWords, notes, ownWords, theirWords } from "../../../static/js/views/line_words.js";

/** @typedef {import("../../../static/js/state/context.js").LineProblem} LineProblem */
/** @typedef {import("../../../static/js/state/context.js").LineCause} LineCause */

/** @param {LineProblem["problem"]} name @param {Partial<LineProblem>} [more] @returns {LineProblem} */
const problem = (name, more = {}) => ({ problem: name, level: "weak", since: 0, ...more });
const NAMES = /** @type {const} */ (["blocked", "lost", "up.loss", "up.slow", "down.loss", "down.slow", "delay"]);
const name = (/** @type {string} */ person) => person.toUpperCase();

describe("the own line", () => {
  test("has a sentence and an advice for every problem, and no mark is left open", () => {
    const texts = NAMES.map((each) => ownWords(problem(each, { loss: 0.1, bitrate: 300_000, rtt: 900, shown: 1, wished: 2 }), true));
    assert.equal(new Set(texts.map(({ text }) => text)).size, NAMES.length);
    for (const { text, advice } of texts) {
      assert.ok(text && advice);
      assert.doesNotMatch(text + advice, /[{}]|undefined|NaN/);
    }
  });
  test("is told what helps: the camera only where it is on", () => {
    const lossy = problem("up.loss", { loss: 0.12 });
    assert.match(ownWords(lossy, true).text, /^12\s?% of what you send is lost/);
    assert.match(ownWords(lossy, true).advice, /Turn your camera off/);
    assert.doesNotMatch(ownWords(lossy, false).advice, /camera/);
  });
  test("says what it carries", () => {
    const slow = (/** @type {number} */ shown, /** @type {number} */ wished) => ownWords(problem("down.slow", { bitrate: 300_000, shown, wished }), false).text;
    assert.equal(slow(0, 2), "Your line carries 300 kbit/s: sound, but no picture.");
    assert.equal(slow(1, 2), "Your line carries 300 kbit/s: sound and 1 of 2 pictures.");
    assert.equal(slow(1, 1), "Your line carries 300 kbit/s: sound and a small picture.");
    assert.equal(slow(2, 2), "Your line carries 300 kbit/s: sound and small pictures.");
    const up = (/** @type {number} */ shown) => ownWords(problem("up.slow", { bitrate: 90_000, shown, wished: 3 }), true).text;
    assert.match(up(0), /only hear you/);
    assert.match(up(1), /sharp picture of you: 90 kbit/);
  });
});

describe("somebody else's line", () => {
  test("has a sentence for every problem", () => {
    const texts = NAMES.map((each) => theirWords(problem(each, { loss: 0.1, bitrate: 180_000, rtt: 900, shown: 1, wished: 2 })));
    assert.equal(new Set(texts).size, NAMES.length);
    for (const text of texts) assert.doesNotMatch(text, /[{}]|undefined|NaN/);
  });
  test("says what this person gets", () => {
    const slow = (/** @type {number} */ shown, /** @type {number} */ wished) => theirWords(problem("down.slow", { bitrate: 180_000, shown, wished }));
    assert.equal(slow(0, 1), "hears you, but gets no picture: 180 kbit/s.");
    assert.equal(slow(1, 3), "hears you and gets 1 of 3 pictures: 180 kbit/s.");
    assert.equal(slow(1, 1), "hears you and gets a small picture: 180 kbit/s.");
    assert.match(theirWords(problem("up.slow", { bitrate: 1, shown: 0, wished: 2 })), /does not get through/);
  });
});

describe("the cause", () => {
  /** @type {(kind: LineCause["kind"], affected: number, person?: string | null, weak?: boolean) => string} */
  const words = (kind, affected, person = null, weak = false) => causeWords({ kind, person, affected, of: 25 }, { me: "me", weak }, name);
  test("tells a teacher whether it is their own line", () => {
    assert.equal(words("publisher", 23, "me"), "Your own line is the cause: 23 out of 25 miss part of what you send.");
    assert.match(words("publisher", 23, "anna"), /^The line of ANNA is the cause: 23 out of 25/);
    assert.match(words("common", 20), /^20 out of 25 .* the server/);
    assert.match(words("viewers", 3), /^3 people have weak connections; that is not your line/);
    assert.match(words("viewers", 1), /^1 person has/);
  });
  test("does not say that of a line that is weak itself", () => {
    assert.equal(words("viewers", 3, null, true), "2 other people have weak connections.");
    assert.equal(words("viewers", 2, null, true), "1 other person has a weak connection.");
  });
});

describe("what else is worth knowing", () => {
  const stats = { bitrate: 0, loss: 0, rtt: null };
  /** @type {(path: import("../../../static/js/state/context.js").Measured["path"], limited?: import("../../../static/js/state/context.js").Measured["limited"]) => import("../../../static/js/state/context.js").Measured} */
  const measured = (path, limited = "") => ({ up: stats, down: stats, path, limited });
  const calm = { measured: measured("udp"), inherits: false, camera: true, sending: false };
  test("is nothing on a usual line", () => {
    assert.deepEqual(notes(calm), []);
    assert.deepEqual(notes({ ...calm, measured: null }), []);
  });
  test("is the way that media take, and others' losses", () => {
    assert.match(notes({ ...calm, measured: measured("tcp") }).join(), /UDP is blocked/);
    assert.match(notes({ ...calm, measured: measured("relay") }).join(), /relay/);
    assert.match(notes({ ...calm, inherits: true }).join(), /somebody else's line/);
  });
  test("is what keeps the own picture small, while there is one", () => {
    assert.match(notes({ ...calm, measured: measured("udp", "cpu") }).join(), /device is too busy/);
    assert.match(notes({ ...calm, measured: measured("udp", "bandwidth") }).join(), /no room/);
    assert.deepEqual(notes({ ...calm, measured: measured("udp", "bandwidth"), sending: true }), []);
    assert.deepEqual(notes({ ...calm, measured: measured("udp", "cpu"), camera: false }), []);
  });
});
