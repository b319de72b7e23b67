import assert from "node:assert/strict";
import { test } from "node:test";

import { groups, partner, threads, unread } from "../../../static/js/views/chat_groups.js";
import { pieces } from "../../../static/js/views/links.js";
import { arranged, counts, similar } from "../../../static/js/views/question_order.js";

/** @param {Partial<import("../../../static/js/state/context.js").Message>} fields */
const message = (fields) => ({ id: "m", author: "a", text: "", to: null, reply_to: null, at: 0, edited_at: 0, gone: /** @type {""} */ (""), reactions: {}, ...fields });
/** @param {Partial<import("../../../static/js/state/context.js").Question>} fields */
const question = (fields) => ({ id: "q", author: "a", anonymous: false, text: "", asked_at: 0, edited_at: 0, state: /** @type {"open"} */ ("open"), votes: 0, voters: [], answer: null, reason: "", ...fields });

test("links are found and the sentence around them is left alone", () => {
  const cut = (/** @type {string} */ text) => pieces(text).map((piece) => (piece.href === null ? piece.text : `[${piece.text}]`)).join("|");
  assert.equal(cut("see https://a.kg/x, then"), "see |[https://a.kg/x]|, then");
  assert.equal(cut("(https://a.kg/w_(b))"), "(|[https://a.kg/w_(b)]|)");
  assert.equal(cut("«http://мектеп.кг/барак»."), "«|[http://мектеп.кг/барак]|».");
  assert.equal(cut("https://a.kg/?q=1&b=2!"), "[https://a.kg/?q=1&b=2]|!");
});

test("what only looks like a link stays text", () => {
  for (const text of ["javascript:alert(1)", "https://", "http://localhost/x", "https://bank.kg@evil.example/", "xhttps://a.kg", "data:text/html,x"])
    assert.equal(pieces(text).every((piece) => piece.href === null), true, text);
});

test("pieces joined are the text", () => {
  for (const text of ["", "a", "https://a.kg", "x https://a.kg. https://b.kg) y\nz", "https://a.kg..."])
    assert.equal(pieces(text).map((piece) => piece.text).join(""), text);
});

test("threads: everybody first, then people by their latest message", () => {
  const all = [
    message({ id: "m1", at: 1 }),
    message({ id: "m2", author: "me", to: "b", at: 2 }),
    message({ id: "m3", author: "c", to: "me", at: 3 }),
    message({ id: "m4", author: "b", to: "me", at: 4 }),
  ];
  const made = threads(Object.fromEntries(all.map((one) => [one.id, one])), "me");
  assert.deepEqual(made.map((thread) => [thread.person, thread.messages.map((one) => one.id)]), [
    [null, ["m1"]],
    ["b", ["m2", "m4"]],
    ["c", ["m3"]],
  ]);
  assert.equal(partner(message({ author: "x" }), "me"), null);
});

test("groups break at another sender and at a long pause", () => {
  const made = groups([
    message({ id: "m1", at: 0 }),
    message({ id: "m2", at: 300_000 }),
    message({ id: "m3", at: 600_001 }),
    message({ id: "m4", author: "b", at: 600_002 }),
  ]);
  assert.deepEqual(made.map((group) => group.messages.map((one) => one.id)), [["m1", "m2"], ["m3"], ["m4"]]);
});

test("unread counts what others wrote after the last seen message", () => {
  const list = [message({ id: "m1" }), message({ id: "m2", author: "me" }), message({ id: "m3" }), message({ id: "m4", gone: "removed" })];
  assert.equal(unread(list, "m1", "me"), 1);
  assert.equal(unread(list, null, "me"), 2);
  assert.equal(unread(list, "m4", "me"), 0);
  assert.equal(unread(list, "gone from the state", "me"), 2);
});

test("questions: the one being answered leads, then votes, then age", () => {
  const items = Object.fromEntries(
    [
      question({ id: "q1", votes: 1, asked_at: 1 }),
      question({ id: "q2", votes: 5, asked_at: 2 }),
      question({ id: "q3", votes: 5, asked_at: 1 }),
      question({ id: "q4", state: "answering", asked_at: 9 }),
      question({ id: "q5", state: "answered" }),
      question({ id: "q6", state: "held", author: "me" }),
      question({ id: "q7", state: "held", author: "b" }),
      question({ id: "q8", state: "withdrawn", author: "me" }),
      question({ id: "q9", state: "dismissed" }),
    ].map((one) => [one.id, one]),
  );
  const ids = (/** @type {any} */ choice) => arranged(items, { me: "me", order: "votes", ...choice }).map((one) => one.id);
  assert.deepEqual(ids({ filter: "open" }), ["q4", "q3", "q2", "q1", "q6"]);
  assert.deepEqual(ids({ filter: "open", order: "time" }), ["q4", "q2", "q1", "q3", "q6"]);
  assert.deepEqual(ids({ filter: "held" }), ["q6", "q7"]);
  assert.deepEqual(counts(items, "me"), { open: 5, answered: 1, mine: 1, held: 2, dismissed: 1 });
});

test("a draft finds the questions that ask the same in other endings", () => {
  const items = {
    q1: question({ id: "q1", text: "Интегралды кантип эсептейбиз?" }),
    q2: question({ id: "q2", text: "Когда будет экзамен?" }),
    q3: question({ id: "q3", text: "Интегралы", state: "held" }),
  };
  assert.deepEqual(similar(items, "интеграл кандай эсептелет").map((one) => one.id), ["q1"]);
  assert.deepEqual(similar(items, "экзамены").map((one) => one.id), ["q2"]);
  assert.deepEqual(similar(items, "why"), []);
});
