import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { resource } from "../../../static/js/state/resource.js";
import { account, may, recognise, signIn, signOut, trouble } from "../../../static/js/state/visitor.js";

const real = globalThis.fetch;
afterEach(() => void (globalThis.fetch = real));

/** @param {(path: string) => Promise<{ status: number, body: any }>} answer */
function serve(answer) {
  globalThis.fetch = /** @type {typeof fetch} */ (
    async (path) => {
      const { status, body } = await answer(String(path));
      return new Response(JSON.stringify(body), { status });
    }
  );
}

const aida = { id: "u_1", login: "aida", name: "Aida", role: "teacher" };

test("an old answer never replaces a newer one", async () => {
  /** @type {((value: any) => void)[]} */
  const waiting = [];
  serve(() => new Promise((resolve) => waiting.push(resolve)));
  const list = resource();
  const first = list.load("/a");
  const second = list.load("/b");
  waiting[1]?.({ status: 200, body: ["b"] });
  await second;
  waiting[0]?.({ status: 200, body: ["a"] });
  await first;
  assert.deepEqual(list.data.value, ["b"]);
});

test("trouble leaves what was there and is cleared by the next answer", async () => {
  let status = 200;
  serve(async () => ({ status, body: status === 200 ? ["x"] : { code: "unavailable" } }));
  const list = resource();
  await list.load("/a");
  status = 503;
  await list.again();
  assert.deepEqual(list.data.value, ["x"]);
  assert.equal(list.problem.value?.code, "unavailable");
  status = 200;
  await list.again();
  assert.equal(list.problem.value, null);
});

test("another address does not show the old data", async () => {
  serve(async (path) => (path === "/a" ? { status: 200, body: ["a"] } : { status: 404, body: { code: "not_found" } }));
  const list = resource();
  await list.load("/a");
  await list.load("/b");
  assert.equal(list.data.value, undefined);
  assert.equal(list.problem.value?.code, "not_found");
});

test("signing in, out, and a session that ended meanwhile", async () => {
  assert.equal(account.value, undefined);
  serve(async () => ({ status: 503, body: { code: "unavailable" } }));
  await recognise();
  assert.equal(trouble.value?.code, "unavailable");
  serve(async () => ({ status: 200, body: { person: aida, permissions: ["classes.plan"] } }));
  assert.equal((await signIn("aida", "x")).ok, true);
  assert.equal(/** @type {any} */ (account.value).name, "Aida");
  assert.equal(may("classes.plan"), true);
  assert.equal(may("people.manage"), false);
  serve(async () => ({ status: 401, body: { code: "unauthorized" } }));
  await resource().load("/api/classes");
  assert.equal(account.value, null);
  serve(async () => ({ status: 200, body: { person: aida, permissions: [] } }));
  await recognise();
  await signOut();
  assert.equal(account.value, null);
});
