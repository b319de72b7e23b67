/** Another address of our own, and when it means another network. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { watchRoute } from "../../../static/js/protocol/route.js";
import { ManualWorld } from "../support/manual_world.js";

let clock = new ManualWorld();
let moves = 0;

class FakeIce {
  /** @type {(() => void) | null} */
  onselectedcandidatepairchange = null;
  address = "";
  getSelectedCandidatePair() {
    return this.address === "" ? null : { local: { address: this.address } };
  }
  /** @param {string} address */
  select(address) {
    this.address = address;
    this.onselectedcandidatepairchange?.();
  }
}

/** @param {any} ice @param {"sender" | "receiver"} [side] @returns {any} */
function connection(ice, side = "sender") {
  const parts = { sender: { transport: null }, receiver: { transport: null } };
  return { getTransceivers: () => [{ ...parts, [side]: { transport: ice && { iceTransport: ice } } }] };
}

/** @param {any} pc */
const watch = (pc) => watchRoute(pc, clock.environment, () => (moves += 1));

beforeEach(() => {
  clock = new ManualWorld();
  moves = 0;
});

describe("the way of a connection", () => {
  for (const side of /** @type {const} */ (["sender", "receiver"]))
    test(`is another one with another address, on a ${side}`, async () => {
      const ice = new FakeIce();
      watch(connection(ice, side));
      ice.select("10.0.0.2");
      await clock.pass(3000);
      ice.select("10.0.0.2"); // the same, to another port of the server
      assert.equal(moves, 0);
      ice.select("10.0.1.2");
      assert.equal(moves, 1);
    });
  test("is tried out at the beginning", async () => {
    const ice = new FakeIce();
    watch(connection(ice));
    for (const address of ["10.0.0.2", "10.0.1.2", "10.0.0.2"]) {
      ice.select(address);
      await clock.pass(2900);
    }
    assert.equal(moves, 0);
  });
  test("may be unknown for a moment", async () => {
    const ice = new FakeIce();
    ice.address = "10.0.0.2";
    watch(connection(ice));
    await clock.pass(3000);
    ice.select("");
    assert.equal(moves, 0);
    ice.select("10.0.1.2");
    assert.equal(moves, 1);
  });
  test("is not told by every browser", () => {
    watch(connection(null));
    const silent = { getSelectedCandidatePair: () => null };
    watch(connection(silent));
    assert.deepEqual(Object.keys(silent), ["getSelectedCandidatePair"]);
  });
});
