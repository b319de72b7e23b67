/** A secret does not stay in the address, a seat stays in the tab, and every way in ends in a seat or in a refusal. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Admission, classId, forgetSeats, takeClaim } from "../../../static/js/protocol/admission.js";

const SEAT = { seat: "s-1", person: { id: "u_1", name: "A", role: "student" }, class: { id: "demo", title: "T", language: "ky" }, ice_servers: [] };

/** @type {Map<string, string>} */
let kept = new Map();
/** @type {{ url: any, body: any }[]} */
let asked = [];
/** @type {{ status: number, body: any }} */
let answer = { status: 200, body: SEAT };
let time = 1_000_000;

/** @param {string} href */
function surroundings(href) {
  const location = { href };
  return {
    location,
    history: { state: { kept: true }, replaceState: (/** @type {any} */ _data, /** @type {string} */ _unused, /** @type {string} */ url) => void (location.href = new URL(url, href).href) },
    storage: {
      getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value),
      removeItem: (/** @type {string} */ key) => void kept.delete(key),
    },
    fetch: /** @type {typeof fetch} */ (
      async (url, init) => {
        asked.push({ url, body: JSON.parse(String(init?.body)) });
        if (answer.status === 0) throw new TypeError("no network");
        return new Response(JSON.stringify(answer.body), { status: answer.status });
      }
    ),
    now: () => time,
  };
}

beforeEach(() => {
  kept = new Map();
  asked = [];
  answer = { status: 200, body: SEAT };
  time = 1_000_000;
});

describe("the address", () => {
  test("names the class", () => {
    const id = (/** @type {string} */ path) => classId({ location: { href: `https://x.kg${path}` } });
    assert.deepEqual(["/class/demo", "/class/a-B_9/?token=x#y", "/class/", "/class/1a", "/class/a/b", "/"].map(id), ["demo", "a-B_9", "", "", "", ""]);
  });
  test("loses its secret at once, and nothing else", () => {
    const place = surroundings("https://x.kg/class/demo?token=abc&lang=ky#top");
    assert.deepEqual(takeClaim(place), { token: "abc" });
    assert.equal(place.location.href, "https://x.kg/class/demo?lang=ky#top");
    assert.deepEqual(takeClaim(place), {});
  });
  test("may carry the secret in its fragment, which servers never see", () => {
    const place = surroundings("https://x.kg/class/demo?lang=ky#invitation=i.j");
    assert.deepEqual(takeClaim(place), { invitation: "i.j" });
    assert.equal(place.location.href, "https://x.kg/class/demo?lang=ky");
  });
  test("with two secrets loses both; an empty one is none", () => {
    const place = surroundings("https://x.kg/class/demo?invitation=i&token=");
    assert.deepEqual(takeClaim(place), { invitation: "i" });
    assert.equal(place.location.href, "https://x.kg/class/demo");
  });
});

describe("a seat", () => {
  test("comes for a token, and stays in this tab", async () => {
    const first = new Admission("demo", surroundings("https://x.kg/class/demo?token=abc"));
    assert.deepEqual(await first.enter(), { ok: true, seat: SEAT });
    assert.deepEqual(asked, [{ url: "/api/classes/demo/admission", body: { token: "abc" } }]);
    const reloaded = new Admission("demo", surroundings("https://x.kg/class/demo"));
    assert.deepEqual(await reloaded.enter(), { ok: true, seat: SEAT });
    assert.equal(asked.length, 1);
    assert.deepEqual((await new Admission("other", surroundings("https://x.kg/class/other")).enter()).ok, true);
    assert.deepEqual(asked.at(-1)?.body, {});
  });
  test("of this tab gives way to a link that was just followed", async () => {
    await new Admission("demo", surroundings("https://x.kg/class/demo")).enter();
    await new Admission("demo", surroundings("https://x.kg/class/demo?token=new")).enter();
    assert.deepEqual(asked.at(-1)?.body, { token: "new" });
  });
  test("for an invitation needs a name", async () => {
    const admission = new Admission("demo", surroundings("https://x.kg/class/demo?invitation=i"));
    assert.equal(admission.needsName, true);
    await admission.enter("Айгүл");
    assert.deepEqual(asked[0]?.body, { invitation: "i", name: "Айгүл" });
  });
  test("that is nearly over is not used any more", async () => {
    await new Admission("demo", surroundings("https://x.kg/class/demo")).enter();
    time += 11 * 3_600_000;
    await new Admission("demo", surroundings("https://x.kg/class/demo")).enter();
    assert.equal(asked.length, 2);
  });
  test("that another version of the page wrote is not used", async () => {
    for (const text of ["nonsense", "{}", '{"until":9e99}']) {
      kept.set("sabak.seat.demo", text);
      assert.equal((await new Admission("demo", surroundings("https://x.kg/class/demo")).enter()).ok, true);
    }
    assert.equal(asked.length, 3);
  });
  test("is renewed by the token, or by the cookie after an invitation", async () => {
    const byToken = new Admission("demo", surroundings("https://x.kg/class/demo?token=abc"));
    await byToken.enter();
    assert.equal((await byToken.again())?.seat, "s-1");
    const invited = new Admission("demo", surroundings("https://x.kg/class/demo?invitation=i"));
    await invited.enter("A");
    await invited.again();
    assert.deepEqual(asked.map(({ body }) => body), [{ token: "abc" }, { token: "abc" }, { invitation: "i", name: "A" }, {}]);
    answer = { status: 401, body: { code: "unauthorized" } };
    assert.equal(await invited.again(), null);
  });
  test("does not depend on storage", async () => {
    const place = surroundings("https://x.kg/class/demo");
    const none = new Admission("demo", { ...place, storage: null });
    assert.equal((await none.enter()).ok, true);
    none.forget();
    const full = { ...place.storage, setItem: () => assert.fail("full") };
    assert.equal((await new Admission("demo", { ...place, storage: full }).enter()).ok, true);
  });
});

describe("a refusal", () => {
  test("keeps its code and its time", async () => {
    answer = { status: 403, body: { code: "too_early", retry_after: 60_000 } };
    const refused = await new Admission("demo", surroundings("https://x.kg/class/demo")).enter();
    assert.deepEqual([refused.ok, !refused.ok && refused.code, !refused.ok && refused.retry_after], [false, "too_early", 60_000]);
    assert.equal(kept.size, 0);
  });
  test("without a network is called offline", async () => {
    answer = { status: 0, body: null };
    assert.deepEqual(await new Admission("demo", surroundings("https://x.kg/class/demo")).enter(), { ok: false, code: "offline" });
  });
});

describe("an invitation", () => {
  const link = "https://x.test/class/demo#invitation=i.1";

  test("is asked what it opens before a name is", async () => {
    answer = { status: 200, body: { class_id: "demo", title: "Algebra", language: "ky", role: "guest", expires_at: 1, recording: "ask" } };
    const admission = new Admission("demo", surroundings(link));
    assert.deepEqual(await admission.peek(), { ok: true, info: { id: "demo", title: "Algebra", language: "ky", recording: "ask" } });
    assert.deepEqual(asked, [{ url: "/api/invitations/peek", body: { code: "i.1" } }]);
  });

  test("of another class opens nothing here", async () => {
    answer = { status: 200, body: { class_id: "other", title: "Physics", language: "ru", role: "guest", expires_at: 1 } };
    assert.deepEqual(await new Admission("demo", surroundings(link)).peek(), { ok: false, code: "unauthorized" });
  });

  test("that has ended is refused", async () => {
    answer = { status: 401, body: { code: "unauthorized" } };
    const found = await new Admission("demo", surroundings(link)).peek();
    assert.deepEqual(found, { ok: false, code: "unauthorized" });
  });
});

test("who signs in next does not enter by the seat of the one before", () => {
  const storage = /** @type {any} */ ({ "sabak.seat.demo": "1", "sabak.seat.other": "2", "sabak.view": "3" });
  Object.defineProperty(storage, "removeItem", { value: (/** @type {string} */ key) => void delete storage[key] });
  forgetSeats(storage);
  assert.deepEqual(Object.keys(storage), ["sabak.view"]);
  forgetSeats(undefined);
});
