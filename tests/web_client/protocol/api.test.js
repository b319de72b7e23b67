import assert from "node:assert/strict";
import { test } from "node:test";

import { ask, withQuery } from "../../../static/js/protocol/api.js";

/** @param {number} status @param {string} body */
const server = (status, body) => {
  /** @type {any[]} */
  const seen = [];
  const answer = async (/** @type {any} */ path, /** @type {any} */ request) => {
    seen.push({ path, ...request });
    return new Response(status === 204 ? null : body, { status });
  };
  return { fetch: /** @type {typeof fetch} */ (answer), seen };
};

test("a good answer is its data", async () => {
  const { fetch, seen } = server(200, '{"a":1}');
  assert.deepEqual(await ask("POST", "/api/x", { b: 2 }, { fetch }), { ok: true, data: { a: 1 } });
  assert.equal(seen[0].body, '{"b":2}');
  assert.equal(seen[0].headers["Content-Type"], "application/json");
});

test("no content is null, and without a body none is announced", async () => {
  const { fetch, seen } = server(204, "");
  assert.deepEqual(await ask("DELETE", "/api/x", undefined, { fetch }), { ok: true, data: null });
  assert.equal("body" in seen[0], false);
  assert.equal(seen[0].headers["Content-Type"], undefined);
});

test("a problem is a refusal with its code", async () => {
  const { fetch } = server(429, '{"code":"login.throttled","retry_after":5000,"detail":"x","status":429}');
  assert.deepEqual(await ask("POST", "/api/session", {}, { fetch }), { ok: false, code: "login.throttled", retry_after: 5000, detail: "x" });
});

test("an answer that is no problem of ours is an internal one", async () => {
  const { fetch } = server(500, "null");
  assert.deepEqual(await ask("GET", "/", undefined, { fetch }), { ok: false, code: "internal" });
});

test("no line, and a proxy's page of HTML, are both 'offline'", async () => {
  const dead = /** @type {any} */ (async () => {
    throw new TypeError("network");
  });
  assert.deepEqual(await ask("GET", "/", undefined, { fetch: dead }), { ok: false, code: "offline" });
  assert.deepEqual(await ask("GET", "/", undefined, { fetch: server(502, "<html>").fetch }), { ok: false, code: "offline" });
});

test("queries leave out what is empty", () => {
  assert.equal(withQuery("/a", { query: "", archived: false }), "/a");
  assert.equal(withQuery("/a", { query: "ү ң", limit: 5 }), "/a?query=%D2%AF+%D2%A3&limit=5");
});
