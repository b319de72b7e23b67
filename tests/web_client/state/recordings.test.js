import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { byClass, found, PAGE, recordingList } from "../../../static/js/state/recordings.js";

/** @typedef {import("../../../static/js/state/types_home.js").Recorded} Recorded */

/** @param {number} n @param {Partial<Recorded>} [more] @returns {Recorded} */
const made = (n, more) => ({
  id: `c_${n}-1`, class_id: `c_${n}`, number: 1, course: "k_1", title: `Сабак ${n}`, description: "", state: "ready", reason: "ended",
  published: true, protected: false, started_at: 1e12 - n, ended_at: 1e12, duration: 60_000, bytes: 5, deleted_at: null, purge_at: null,
  discipline: "Алгебра", group: "МТ-2", teacher: "u_1", teacher_name: "Айгүл", edit: true, position: null, ...more,
});

/** @param {Recorded[]} all @param {(method: string, path: string, body: any) => any} [answer] null: as a server would */
function served(all, answer = () => null) {
  /** @type {string[]} */
  const asked = [];
  const ask = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {any} */ body) => {
    asked.push(`${method} ${path}`);
    const said = await answer(method, path, body);
    if (said) return said;
    const query = new URL(path, "http://x").searchParams;
    const from = all.findIndex((one) => one.id === query.get("after")) + 1;
    return { ok: true, data: method === "GET" ? all.slice(from, from + Number(query.get("limit"))) : null };
  };
  return { asked, ask: /** @type {typeof import("../../../static/js/protocol/api.js").ask} */ (ask) };
}

describe("a list of recordings", () => {
  test("comes page after page, and all that is shown is asked for anew", async () => {
    const { asked, ask } = served(Array.from({ length: PAGE + 3 }, (_, n) => made(n)));
    const list = recordingList("/api/recordings", { ask });
    await list.load();
    assert.deepEqual([list.data.value?.length, list.more.value], [PAGE, true]);
    await list.next();
    assert.deepEqual([list.data.value?.length, list.more.value], [PAGE + 3, false]);
    await list.again();
    assert.equal(list.data.value?.length, PAGE + 3);
    assert.deepEqual(asked, ["GET /api/recordings?limit=50", `GET /api/recordings?after=c_${PAGE - 1}-1&limit=50`, `GET /api/recordings?limit=${PAGE + 3}`]);
  });

  test("keeps what was there when it cannot be asked for, and says why", async () => {
    let broken = false;
    const { ask } = served([made(1)], () => broken && { ok: false, code: "unavailable" });
    const list = recordingList("/api/recordings", { ask });
    await list.load();
    broken = true;
    await list.again();
    assert.deepEqual([list.data.value?.length, list.problem.value?.code], [1, "unavailable"]);
  });

  test("forgets an answer that comes after a newer one", async () => {
    /** @type {((answer: any) => void)[]} */
    const waiting = [];
    const list = recordingList("/api/recordings", { ask: served([], () => new Promise((done) => waiting.push(done))).ask });
    const both = [list.load(), list.again()];
    waiting[1]?.({ ok: true, data: [made(2)] });
    waiting[0]?.({ ok: true, data: [made(1)] });
    await Promise.all(both);
    assert.deepEqual(list.data.value?.map(({ id }) => id), ["c_2-1"]);
  });

  test("asks again sooner while one is being prepared", async () => {
    const list = recordingList("/api/recordings", served([made(1, { state: "finishing" })]));
    const patience = list.patience.value;
    await list.load();
    assert.ok(list.patience.value < patience);
  });

  test("shows a change at once, and takes it back when it is refused", async () => {
    /** @type {any[]} */
    const bodies = [];
    /** @type {(answer: any) => void} */
    let answer = () => {};
    const { ask } = served([made(1), made(2, { position: 9 })], (method, path, body) => (method === "PUT" ? (bodies.push(body), new Promise((done) => (answer = done))) : null));
    const list = recordingList("/api/recordings", { ask });
    await list.load();
    const at = (/** @type {number} */ n) => /** @type {Recorded} */ (list.data.value?.[n]);
    const refused = list.change(at(0), { title: "Жаңы" });
    assert.equal(at(0).title, "Жаңы");
    answer({ ok: false, code: "conflict" });
    assert.equal((await refused).ok, false);
    assert.equal(at(0).title, "Сабак 1");
    const done = list.change(at(1), { published: false });
    answer({ ok: true, data: made(2, { published: false, title: "Сабак 2 (оңдолду)" }) });
    await done;
    assert.deepEqual([at(1).published, at(1).title, at(1).position], [false, "Сабак 2 (оңдолду)", 9]);
    assert.deepEqual(bodies[1], { title: "Сабак 2", description: "", published: false, protected: false });
  });

  test("loses what is thrown away, and has it again when it is brought back", async () => {
    const all = [made(1), made(2)];
    const { asked, ask } = served(all);
    const list = recordingList("/api/recordings", { ask });
    await list.load();
    await list.remove(/** @type {Recorded} */ (all[0]));
    assert.deepEqual(list.data.value?.map(({ id }) => id), ["c_2-1"]);
    await list.restore(/** @type {Recorded} */ (all[0]));
    assert.equal(list.data.value?.length, 2);
    assert.deepEqual(asked.slice(1), ["DELETE /api/recordings/c_1-1", "POST /api/recordings/c_1-1/restore", "GET /api/recordings?limit=50"]);
    const trash = recordingList("/api/recordings", { trash: true, ask });
    await trash.load();
    assert.equal(asked.at(-1), "GET /api/recordings?limit=50&trash=true");
  });

  test("what may not be thrown away stays", async () => {
    const { ask } = served([made(1)], (method) => method !== "GET" && { ok: false, code: "conflict" });
    const list = recordingList("/api/recordings", { ask });
    await list.load();
    for (const refused of [list.remove(made(1)), list.restore(made(1))]) assert.equal((await refused).ok, false);
    assert.equal(list.data.value?.length, 1);
  });
});

test("words are found in any part, all of them, in any case, with е for ё", () => {
  const list = [made(1, { title: "Расчёт площадей" }), made(2, { description: "Экзаменге даярдык" }), made(3, { teacher_name: "Нурлан" })];
  const ids = (/** @type {string} */ words) => found(list, words).map(({ class_id }) => class_id);
  assert.deepEqual(ids("расчет"), ["c_1"]);
  assert.deepEqual(ids("РАСЧЁТ алгебра"), ["c_1"]);
  assert.deepEqual(ids("даярдык нурлан"), []);
  assert.deepEqual(ids("нурлан"), ["c_3"]);
  assert.deepEqual(ids("  "), ["c_1", "c_2", "c_3"]);
});

test("a class has its parts in order, and no part that could not be kept but for staff", () => {
  const part = (/** @type {number} */ number, /** @type {Partial<Recorded>} */ more = {}) => made(1, { id: `c_1-${number}`, number, ...more });
  const numbers = (/** @type {Recorded[]} */ list) => byClass(list).get("c_1")?.map(({ number }) => number);
  assert.deepEqual(numbers([part(3), part(2, { state: "failed", edit: false }), part(1)]), [1, 3]);
  assert.deepEqual(numbers([part(2, { state: "failed" }), part(1)]), [1, 2]);
  assert.equal(byClass([]).size, 0);
});
