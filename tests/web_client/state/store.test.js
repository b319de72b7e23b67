/** Deliveries are applied once, in order, and a hole is noticed. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { effect } from "@preact/signals-core";
import { EMPTY } from "../../../static/js/state/fold.js";
import { Store } from "../../../static/js/state/store.js";

/** @param {number} seq @param {string} person */
const hand = (seq, person) => ({ seq, at: seq, by: person, type: "hands.raised", data: { person } });

describe("a store", () => {
  let store = new Store();
  beforeEach(() => {
    store = new Store();
    store.replace(EMPTY, 10);
  });
  const queue = () => store.signals.hands.value.queue.map(({ person }) => person);

  test("has nothing to add to before a snapshot", () => {
    assert.equal(new Store().apply({ after: 0, upto: 1, events: [hand(1, "a")] }), false);
  });
  test("goes on from its last number, with holes that are not for this reader", () => {
    assert.equal(store.apply({ after: 10, upto: 15, events: [hand(12, "a")] }), true);
    assert.equal(store.apply({ after: 15, upto: 20, events: [] }), true);
    assert.equal(store.last, 20);
    assert.deepEqual(queue(), ["a"]);
  });
  test("notices what is missing, and changes nothing then", () => {
    assert.equal(store.apply({ after: 11, upto: 12, events: [hand(12, "a")] }), false);
    assert.equal(store.last, 10);
    assert.deepEqual(queue(), []);
  });
  test("takes what is new of a delivery that it has in part, and nothing twice", () => {
    store.apply({ after: 10, upto: 12, events: [hand(11, "a"), hand(12, "b")] });
    assert.equal(store.apply({ after: 10, upto: 13, events: [hand(11, "a"), hand(12, "b"), hand(13, "c")] }), true);
    assert.equal(store.apply({ after: 10, upto: 12, events: [hand(11, "a"), hand(12, "b")] }), true);
    assert.deepEqual(queue(), ["a", "b", "c"]);
    assert.equal(store.last, 13);
  });
  test("is replaced by a snapshot, which may be older", () => {
    store.apply({ after: 10, upto: 12, events: [hand(12, "a")] });
    store.replace(EMPTY, 5);
    assert.equal(store.last, 5);
    assert.deepEqual(queue(), []);
  });
  test("redraws only what has changed, once a delivery", () => {
    let hands = 0;
    let chat = 0;
    effect(() => void (store.signals.hands.value, (hands += 1)));
    effect(() => void (store.signals.chat.value, (chat += 1)));
    store.apply({ after: 10, upto: 12, events: [hand(11, "a"), hand(12, "b")] });
    assert.deepEqual([hands, chat], [2, 1]);
  });
});
