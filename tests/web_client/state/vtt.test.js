import assert from "node:assert/strict";
import { test } from "node:test";

import { MOST_TEXT, cuesAt, readCaptions, writeCaptions } from "../../../static/js/state/vtt.js";

test("WebVTT with a head, notes, names, settings and tags", () => {
  const { cues, troubles } = readCaptions(
    "\ufeffWEBVTT - lesson\r\n\r\nNOTE\r\nnot a --> cue\r\n\r\n1\r\n00:01.500 --> 00:04.000 align:start position:10%\r\n<v Айгүл Токтосунова>Салам <b>баарына</b> &amp; <c.yellow>ийгилик</c>\r\nэкинчи сап\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\n01:00:00.000 --> 01:00:01.250\r\na &lt;b&gt;\r\n",
  );
  assert.deepEqual(troubles, []);
  assert.deepEqual(cues, [
    { from: 1500, upto: 4000, text: "Салам баарына & ийгилик\nэкинчи сап", voice: "Айгүл Токтосунова" },
    { from: 3_600_000, upto: 3_601_250, text: "a <b>", voice: "" },
  ]);
});

test("SubRip with commas, and cues that are out of order", () => {
  const { cues } = readCaptions("2\n00:00:05,000 --> 00:00:06,5\nB\n\n1\n00:00:01,000 --> 00:00:02,000\nA\n");
  assert.deepEqual(cues.map((cue) => [cue.text, cue.from, cue.upto]), [["A", 1000, 2000], ["B", 5000, 6500]]);
});

test("what is wrong is told with its line, and the rest is kept", () => {
  const { cues, troubles } = readCaptions("WEBVTT\n\n00:01.000 --> 00:xx.000\nA\n\n00:05.000 --> 00:04.000\nB\n\n00:06.000 --> 00:07.000\n\n00:08.000 --> 00:09.000\nD");
  assert.deepEqual(troubles, [{ line: 3, code: "time" }, { line: 6, code: "order" }, { line: 9, code: "empty" }]);
  assert.deepEqual(cues.map((cue) => cue.text), ["D"]);
});

test("a file without captions, and one that is no text for people", () => {
  assert.deepEqual(readCaptions("hello").troubles, [{ line: 1, code: "none" }]);
  assert.deepEqual(readCaptions("a".repeat(MOST_TEXT + 1)).troubles, [{ line: 1, code: "long" }]);
  assert.equal(readCaptions(`WEBVTT\n\n00:00.000 --> 00:01.000\n<script>alert(1)</script>`).cues[0]?.text, "alert(1)");
  assert.deepEqual(readCaptions(`NOTE ${"-->".repeat(3)}`), { cues: [], troubles: [{ line: 1, code: "none" }] });
});

test("a cue that follows without an empty line begins anew", () => {
  assert.deepEqual(readCaptions("00:01.000 --> 00:02.000\nA\n00:02.000 --> 00:03.000\nB").cues.map((cue) => cue.text), ["A", "B"]);
});

test("what is written is read again as it was", () => {
  const cues = [
    { from: 0, upto: 1, text: "a & <b> -- c", voice: "X <y>" },
    { from: 3_723_004, upto: 360_000_000, text: "one\ntwo", voice: "" },
  ];
  assert.deepEqual(readCaptions(writeCaptions(cues)), { cues, troubles: [] });
  assert.match(writeCaptions(cues), /<v X &lt;y&gt;>a &amp; &lt;b&gt; -- c/);
  const [cut] = readCaptions(writeCaptions([{ from: 0, upto: 9, text: "one\n\n \ntwo\n", voice: "" }])).cues;
  assert.equal(cut?.text, "one\ntwo");
});

test("the cues of a moment: from the first ms to before the last", () => {
  const cues = [{ from: 10, upto: 20, text: "a", voice: "" }, { from: 15, upto: 30, text: "b", voice: "" }];
  const at = (/** @type {number} */ t) => cuesAt(cues, t).map((cue) => cue.text).join("");
  assert.deepEqual([9, 10, 15, 20, 30].map(at), ["", "a", "ab", "b", ""]);
});
