/** Sizes, jumps, silence and the edge of a running class: what is decided without a browser. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Jumps } from "../../../../static/js/protocol/playback/jumps.js";
import { Edge } from "../../../../static/js/protocol/playback/live.js";
import { silences, speaking } from "../../../../static/js/protocol/playback/silence.js";
import { chooseSizes } from "../../../../static/js/protocol/playback/sizes.js";
import { laneOf, rowsOf } from "../../support/recorded.js";

/** @typedef {import("../../../../static/js/protocol/playback/sizes.js").Picture} Picture */

describe("the size of pictures", () => {
  /** @param {string} track @param {Partial<Picture>} [more] @returns {Picture} */
  const picture = (track, more = {}) => ({ track, main: false, height: 0, now: null, sizes: { small: { bitrate: 150_000, height: 180 }, best: { bitrate: 1_200_000, height: 720 } }, ...more });
  /** @param {number | null} bitrate @param {readonly Picture[]} pictures @param {object} [more] */
  const choose = (bitrate, pictures, more = {}) => Object.fromEntries(chooseSizes({ mode: "everything", bitrate, rate: 1, sound: 50_000, pictures, ...more }));
  const main = picture("main", { main: true, height: 700 });

  test("an unknown line begins with the small one, a good line has the best", () => {
    assert.deepEqual(choose(null, [main]), { main: "small" });
    assert.deepEqual(choose(5e6, [main]), { main: "best" });
  });

  test("up takes more room than staying", () => {
    const need = (1_200_000 + 50_000) / 0.85;
    assert.deepEqual(choose(need * 1.05, [main]), { main: "small" });
    assert.deepEqual(choose(need * 1.05, [{ ...main, now: "best" }]), { main: "best" });
    assert.deepEqual(choose(need * 0.95, [{ ...main, now: "best" }]), { main: "small" });
    assert.deepEqual(choose(need * 1.4, [main]), { main: "best" });
  });

  test("everybody small comes before one large, and the main one before all", () => {
    const others = ["a", "b", "c"].map((name) => picture(name, { height: 100 }));
    assert.deepEqual(choose(900_000, [...others, main]), { main: "small", a: "small", b: "small", c: "small" });
    assert.deepEqual(choose(500_000, [...others, main]), { main: "small", a: "small", b: null, c: null });
    assert.deepEqual(choose(60_000, [...others, main]), { main: "small", a: null, b: null, c: null });
    // One that is shown already stays a little longer than it would be begun.
    assert.deepEqual(choose(430_000, [picture("a", { now: "small" }), main]), { main: "small", a: "small" });
    assert.deepEqual(choose(430_000, [picture("a"), main]), { main: "small", a: null });
  });

  test("a tile that is no higher than the small picture gains nothing by the best", () => {
    assert.deepEqual(choose(9e6, [main, picture("a", { height: 180 }), picture("b", { height: 400 }), picture("c")]), { main: "best", a: "small", b: "best", c: "small" });
    assert.deepEqual(choose(9e6, [picture("m", { main: true })]), { m: "best" });
  });

  test("at double speed a line carries half", () => {
    assert.deepEqual(choose(2.2e6, [main], { rate: 1 }), { main: "best" });
    assert.deepEqual(choose(2.2e6, [main], { rate: 2 }), { main: "small" });
  });

  test("people may choose less", () => {
    const alone = picture("alone", { sizes: { best: { bitrate: 9e5, height: 720 } } });
    assert.deepEqual(choose(9e6, [main, alone], { mode: "small" }), { main: "small", alone: "best" });
    assert.deepEqual(choose(9e6, [main, alone], { mode: "sound" }), { main: null, alone: null });
    assert.deepEqual(choose(9e6, [picture("new", { main: true, sizes: {} })]), { new: "best" });
  });
});

describe("what the clock goes over", () => {
  const jumps = new Jumps();
  jumps.set([{ start: 1000, end: 2000, why: "paused" }, { start: 9000, end: 9100, why: "lost" }], [[2000, 3000], [5000, 6000]]);

  test("stretches that touch are one jump, short ones none", () => {
    assert.deepEqual(jumps.list, [{ from: 1000, to: 3000, why: "cut" }, { from: 5000, to: 6000, why: "cut" }]);
    assert.deepEqual([999, 1000, 2999, 3000].map((t) => jumps.at(t)?.to ?? null), [null, 3000, 3000, null]);
    assert.equal(jumps.after(3000)?.from, 5000);
    assert.equal(jumps.after(5001), null);
  });

  test("pauses that touch stay pauses, and one inside another ends nothing early", () => {
    jumps.set([{ start: 0, end: 5000, why: "paused" }, { start: 1000, end: 2000, why: "lost" }], []);
    assert.deepEqual(jumps.list, [{ from: 0, to: 5000, why: "paused" }]);
  });
});

describe("silence", () => {
  /** 80 octets for 20 ms of speech, 12 for silence. @param {string} pattern one sign for 2 s: S speech, . silence, space nothing */
  const voice = (pattern) => laneOf(rowsOf(0, pattern.length * 2000).slice(1).flatMap((row, n) => (pattern[n] === " " ? [] : [/** @type {const} */ ([row[0], row[1], row[2], pattern[n] === "S" ? 8000 : 1200, 1])])));

  test("is where nobody speaks, and leaves room for the ends of words", () => {
    assert.deepEqual(silences([voice("SS...SSS")], 0, 16_000), [[4400, 9600]]);
    assert.deepEqual(silences([voice("SS...SSS"), voice("   S    ")], 0, 16_000), []);
    assert.deepEqual(silences([voice("SS   SSS")], 0, 16_000), [[4400, 9600]]);
    assert.deepEqual(silences([voice("SS.SS")], 0, 10_000), []);
  });

  test("at the ends of what is listed nothing is left out", () => {
    assert.deepEqual(silences([voice("..SS..")], 0, 12_000), [[0, 3600], [8400, 12_000]]);
    assert.deepEqual(silences([], 0, 10_000), [[0, 10_000]]);
    assert.deepEqual(silences([voice("SSSS")], 20_000, 20_000), []);
  });

  test("a microphone that hums is measured by its own voice", () => {
    const humming = laneOf(rowsOf(0, 20_000).slice(1).map(([t, d, o], n) => /** @type {const} */ ([t, d, o, n < 5 ? 2500 : 2000, 1])));
    assert.deepEqual(silences([humming], 0, 20_000), []);
  });

  test("who speaks is told without listening", () => {
    const voices = /** @type {const} */ ([["ann", voice("S.S")], ["bob", voice("..S")], ["ann", voice("...")]]);
    assert.deepEqual(speaking(voices, 1000), { levels: { ann: 0.9 }, dominant: "ann" });
    assert.deepEqual(speaking(voices, 3000), { levels: {}, dominant: null });
    assert.deepEqual(Object.keys(speaking(voices, 5000).levels), ["ann", "bob"]);
    assert.deepEqual(speaking(voices, 9000), { levels: {}, dominant: null });
  });
});

describe("a class that still runs", () => {
  test("how far it has come grows between two answers", () => {
    const edge = new Edge();
    edge.tell(true, 60_000, 1000);
    assert.equal(edge.newest(3000), 62_000);
    assert.equal(edge.complete, 57_000);
    assert.equal(edge.goal(1000), 54_000);
    assert.equal(edge.isAt(1000, 50_000), true);
    assert.equal(edge.isAt(1000, 49_999), false);
    edge.tell(false, 63_000, 5000);
    assert.deepEqual([edge.newest(9000), edge.complete, edge.isAt(9000, 62_000)], [63_000, Infinity, false]);
  });

  test("it goes on while nobody sends anything", () => {
    const edge = new Edge();
    edge.tell(true, 60_000, 0);
    edge.tell(true, 60_000, 5000);
    assert.equal(edge.newest(6000), 66_000);
    assert.equal(edge.complete, 62_000);
    edge.tell(true, 70_000, 6000);
    assert.equal(edge.newest(6000), 70_000);
    edge.tell(false, 61_000, 9000);
    assert.equal(edge.newest(9000), 61_000);
  });

  test("catching up ends at the edge, and nobody is faster than the class there", () => {
    const edge = new Edge();
    edge.tell(true, 60_000, 0);
    edge.catchingUp = true;
    assert.equal(edge.speed(0, 10_000, 1), 1.5);
    assert.equal(edge.speed(0, 10_000, 2), 2);
    assert.equal(edge.speed(0, 54_000, 2), 1);
    assert.equal(edge.catchingUp, false);
    assert.equal(edge.speed(0, 54_000, 0.5), 0.5);
    assert.equal(edge.speed(0, 10_000, 1), 1);
    edge.catchingUp = true;
    edge.tell(false, 60_000, 0);
    assert.equal(edge.speed(0, 10_000, 1), 1);
    assert.equal(edge.speed(0, 60_000, 3), 3);
  });

  test("it is looked at often by whoever is near, and seldom from afar", () => {
    const edge = new Edge();
    assert.equal(edge.due(0, 0), false);
    edge.tell(true, 600_000, 0);
    assert.equal(edge.due(0, 595_000), true);
    assert.equal(edge.due(999, 595_000), false);
    assert.equal(edge.due(1000, 595_000), true);
    assert.equal(edge.due(5999, 1000), false);
    assert.equal(edge.due(6000, 1000), true);
  });
});
