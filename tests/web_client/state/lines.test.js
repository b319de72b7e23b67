/** Lines as signals bring them: the newest word counts, and a new connection begins with "all is well". */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { EMPTY } from "../../../static/js/state/fold.js";
import { ALL_WELL, qualities, sameWords } from "../../../static/js/state/lines.js";
import { createRoom } from "../../../static/js/state/room.js";
import { FakeLine } from "../support/fake_line.js";
import { ManualWorld, settle } from "../support/manual_world.js";

/** @typedef {import("../../../static/js/state/types.js").OwnLine} OwnLine */
/** @typedef {import("../../../static/js/state/types.js").LineProblem} LineProblem */

const WEAK = { people: [{ person: "u", quality: /** @type {const} */ ("weak"), problems: [] }], more: 0, cause: null };
const TEACHER = { id: "me", name: "A", role: /** @type {const} */ ("teacher") };

let world = new ManualWorld();
/** @type {FakeLine} */
let line;
/** @type {ReturnType<typeof createRoom>} */
let room;

beforeEach(async () => {
  world = new ManualWorld();
  const nothing = () => {};
  const media = { attach: nothing, start: nothing, stop: async () => {}, welcomed: nothing, follow: nothing, told: nothing };
  room = createRoom({
    seat: { seat: "s", person: TEACHER, class: { id: "demo", title: "T", language: "ky" }, ice_servers: [] },
    open: (auth) => (line = new FakeLine(auth)),
    environment: world.environment,
    media: /** @type {any} */ (media),
    readmit: async () => null,
  });
  void room.join();
  await welcome("c_1");
});

/** @param {string} connection @param {object} [person] */
async function welcome(connection, person = TEACHER) {
  line.welcome({ person, connection, now: world.time, upto: 10, state: EMPTY });
  await settle();
}

describe("the list of lines", () => {
  test("is what was said last", () => {
    assert.deepEqual(room.lines.value, ALL_WELL);
    line.say("signal", { type: "stage.lines", ...WEAK });
    assert.deepEqual([room.lines.value, room.network.value], [WEAK, { u: "weak" }]);
    line.say("signal", { type: "stage.lines", ...ALL_WELL });
    assert.deepEqual(room.network.value, {});
  });
  test("outlives a new state on the same connection, but not a new connection", async () => {
    line.say("signal", { type: "stage.lines", ...WEAK });
    await welcome("c_1");
    assert.deepEqual(room.lines.value, WEAK);
    await welcome("c_2");
    assert.deepEqual(room.lines.value, ALL_WELL);
  });
  test("is not for who is no longer staff", async () => {
    line.say("signal", { type: "stage.lines", ...WEAK });
    await welcome("c_1", { ...TEACHER, role: "student" });
    assert.deepEqual(room.lines.value, ALL_WELL);
  });
  test("gives names their marks", () => {
    const people = [...WEAK.people, { person: "v", quality: /** @type {const} */ ("bad"), problems: [] }];
    assert.deepEqual(qualities({ ...WEAK, people }), { u: "weak", v: "bad" });
  });
});

test("a line that says the same in other numbers is no news", () => {
  const stats = { bitrate: 1, loss: 0, rtt: null };
  /** @type {(quality: OwnLine["quality"], ...problems: LineProblem[]) => OwnLine} */
  const own = (quality, ...problems) => ({ up: stats, down: stats, quality, problems, inherits: false });
  const loss = (/** @type {number} */ share, /** @type {LineProblem["level"]} */ level = "weak") => ({ problem: /** @type {const} */ ("up.loss"), level, since: share, loss: share });
  assert.equal(sameWords(null, null), true);
  assert.equal(sameWords(null, own("good")), false);
  assert.equal(sameWords(own("weak", loss(0.04)), own("weak", loss(0.06))), true);
  assert.equal(sameWords(own("weak", loss(0.04)), own("bad", loss(0.2, "bad"))), false);
  assert.equal(sameWords(own("weak", loss(0.04)), own("weak", loss(0.04), { problem: "delay", level: "weak", since: 1 })), false);
});
