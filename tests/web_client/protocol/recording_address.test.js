import assert from "node:assert/strict";
import { test } from "node:test";

import { readAddress } from "../../../static/js/protocol/recording_address.js";

/** @param {string} href */
function read(href) {
  /** @type {string[]} */
  const replaced = [];
  const address = readAddress({ location: { href }, history: { state: 7, replaceState: (state, _, url) => void replaced.push(`${state} ${url}`) } });
  return { address, replaced };
}

test("the key of a shared link leaves the address at once", () => {
  const { address, replaced } = read("https://s.kg/recording/c_1-2?t=1m#key=secret");
  assert.deepEqual(address, { recording: "c_1-2", start: 60_000, key: "secret", original: false });
  assert.deepEqual(replaced, ["7 /recording/c_1-2?t=1m"]);
});

test("without a key nothing is touched", () => {
  const { address, replaced } = read("https://s.kg/recording/c_1-2?original=1&t=zz#here");
  assert.deepEqual(address, { recording: "c_1-2", start: null, key: "", original: true });
  assert.deepEqual(replaced, []);
  assert.equal(read("https://s.kg/class/x").address.recording, "");
});
