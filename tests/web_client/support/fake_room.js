/** A class that does not exist, for looking at pages: signals filled by hand, commands that change a few of them. */
import { signal } from "@preact/signals-core";
import { evolve, initial as recording } from "../../../static/js/state/recording.js";
import { drawnStream, fakeMedia } from "./fake_media.js";

/** @typedef {import("../../../static/js/state/types.js").Room} Room */
/** @typedef {import("../../../static/js/state/types.js").Role} Role */
/** @typedef {import("../../../static/js/state/types.js").Kind} Kind */

const NOW = Date.now();
const NAMES = ["Айгүл Токтосунова", "Бакыт Асанов", "Нурлан Жээнбеков", "Өмүр Үсөнов", "Чолпон Сыдыкова", "Иван Петров", "Ңасип Эргешов", "Мээрим Кадырова", "Сергей Ким", "Жамиля Абдыкеримова"];

const FIGURES = { bitrate: 320_000, loss: 0.12, rtt: 48 };
const OWN = {
  up: FIGURES,
  down: FIGURES,
  quality: /** @type {const} */ ("bad"),
  problems: [
    { problem: /** @type {const} */ ("up.loss"), level: /** @type {const} */ ("bad"), since: NOW - 90_000, loss: 0.12 },
    { problem: /** @type {const} */ ("down.slow"), level: /** @type {const} */ ("weak"), since: NOW - 60_000, bitrate: 300_000, shown: 1, wished: 1 },
  ],
  inherits: false,
};

/** @param {(n: number) => string} id @returns {import("../../../static/js/state/types.js").Lines} */
function weakLines(id) {
  const since = NOW - 200_000;
  return {
    people: [
      { person: id(2), quality: "bad", problems: [{ problem: "down.slow", level: "bad", since, bitrate: 180_000, shown: 0, wished: 2 }] },
      { person: id(4), quality: "bad", problems: [{ problem: "blocked", level: "bad", since }] },
      { person: id(3), quality: "weak", problems: [{ problem: "down.loss", level: "weak", since, loss: 0.06 }, { problem: "delay", level: "weak", since, rtt: 600 }] },
      { person: id(5), quality: "weak", problems: [{ problem: "up.slow", level: "weak", since, bitrate: 140_000, shown: 1, wished: 3 }] },
      { person: id(6), quality: "weak", problems: [{ problem: "down.slow", level: "weak", since, bitrate: 420_000, shown: 1, wished: 3 }] },
    ],
    more: 2,
    cause: { kind: "publisher", person: id(0), affected: 23, of: 25 },
  };
}

/**
 * What the server would say happened.
 *
 * @param {string} type
 * @param {Record<string, any>} data
 * @param {string} me
 */
function recordingEvent(type, data, me) {
  const past = /** @type {Record<string, string>} */ ({ start: "started", pause: "paused", resume: "resumed", stop: "stopped", mark: "marked", decline: "declined", consent: "consented", leave_out: "left_out" });
  const [area, verb = ""] = type.split(".");
  if (area !== "recording") return null;
  return { type: `recording.${past[verb]}`, data: { number: 1, reason: "stopped", mark: "m_1", person: me, ...data } };
}

/**
 * @param {object} options
 * @param {Role} options.role of the reader
 * @param {number} [options.people]
 * @param {[number, Kind, boolean?][]} [options.tracks] person's number (0 is the teacher), kind, muted
 * @param {number[]} [options.hands]
 * @param {Kind[]} [options.allowed] to the reader
 * @param {boolean} [options.answering]
 * @param {Partial<Record<string, number>>} [options.reactions]
 * @param {"" | "denied" | "missing" | "busy" | "failed"} [options.error]
 * @param {boolean} [options.silent]
 * @param {string} [options.status]
 * @param {Partial<import("../../../static/js/state/types.js").RecordingState>} [options.recorded]
 * @param {boolean} [options.weak] lines of some are weak, the reader's own among them
 */
export function fakeRoom({ role, people = 8, tracks = [], hands = [], allowed = [], answering = false, reactions = {}, error = "", silent = false, status = "live", weak = false, recorded = {} }) {
  const media = fakeMedia({ error, silent });
  const id = (/** @type {number} */ n) => `u_${n}`;
  const mine = role === "teacher" ? 0 : 1;
  const items = Object.fromEntries(
    Array.from({ length: people }, (_, n) => {
      const name = n < NAMES.length ? NAMES[n] : `Студент ${n}`;
      return [id(n), { id: id(n), name: name ?? "", role: /** @type {Role} */ (n === 0 ? "teacher" : n === 1 ? (role === "teacher" ? "student" : role) : "student"), present: true, joined_at: NOW - 1e6 + n, left_at: 0 }];
    }),
  );
  const made = tracks.map(([n, kind, muted = false], index) => ({ id: `t_${n}_${kind}`, person: id(n), kind, muted, since: NOW + index }));
  media.streams.value = new Map(
    made.filter((track) => track.kind === "camera" || track.kind === "screen").map((track) => [track.id, drawnStream(track.person, track.kind === "screen" ? "screen" : "camera")]),
  );
  const questions = {
    q_1: { id: "q_1", author: id(2), anonymous: false, text: "Эмне үчүн аныктагыч нөлгө барабар болсо, система чексиз көп чечимге ээ болушу мүмкүн?", asked_at: NOW - 4e5, edited_at: 0, state: answering ? "answering" : "open", votes: 12, voters: [], answer: null, reason: "" },
    q_2: { id: "q_2", author: "", anonymous: true, text: "Будет ли это на экзамене?", asked_at: NOW - 2e5, edited_at: 0, state: /** @type {const} */ ("open"), votes: 7, voters: [id(mine)], answer: null, reason: "" },
  };
  const message = (/** @type {string} */ key, /** @type {number} */ author, /** @type {string} */ text, /** @type {number} */ ago) => [key, { id: key, author: id(author), text, to: null, reply_to: null, at: NOW - ago, edited_at: 0, gone: /** @type {const} */ (""), reactions: {} }];
  const state = {
    lifecycle: signal({ title: "Алгебра II · МТ-2-24", language: "ky", state: /** @type {const} */ ("open"), opened_at: NOW - 761_000, closed_at: 0, reason: "" }),
    people: signal({ items, blocked: [] }),
    lobby: signal({ on: false, waiting: {} }),
    locks: signal({ microphone: false, camera: false, screen: allowed.length > 0, chat: false, private_chat: false, questions: false }),
    hands: signal({ queue: hands.map((n, index) => ({ person: id(n), at: NOW - 60_000 + index * 9000 })) }),
    stage: signal({ allowed: allowed.length ? { [id(mine)]: allowed } : {}, tracks: Object.fromEntries(made.map((track) => [track.id, track])) }),
    chat: signal({ messages: Object.fromEntries([message("m_1", 0, "Саламатсыздарбы! Баштайбыз.", 7e5), message("m_2", 3, "Салам! Угулуп жатат 👍", 6.5e5), message("m_3", 5, "Добрый день, слайды будут потом? https://kstu.kg", 3e5)]), pinned: [] }),
    questions: signal({ moderated: false, items: questions }),
    recording: signal({ ...recording, ...recorded }),
  };
  const staff = role === "teacher" || role === "assistant";
  const room = {
    state, media,
    replay: null,
    me: signal({ id: id(mine), name: items[id(mine)]?.name ?? "", role }),
    info: signal({ id: "demo", title: "Алгебра II · МТ-2-24", language: "ky" }),
    can: (/** @type {string} */ what) => staff || ["chat", "private_chat", "ask", "vote", "raise_hand"].includes(what),
    status: signal(status),
    bye: signal(/** @type {string | null} */ (null)),
    pending: signal([]),
    send: async (/** @type {string} */ type, /** @type {Record<string, any>} */ data = {}) => {
      const happened = recordingEvent(type, data, id(mine));
      if (happened) state.recording.value = evolve(state.recording.value, { seq: 1, at: Date.now(), by: id(mine), ...happened });
      if (type === "hands.raise") state.hands.value = { queue: [...state.hands.value.queue, { person: id(mine), at: NOW }] };
      if (type === "hands.lower") state.hands.value = { queue: state.hands.value.queue.filter((hand) => hand.person !== id(mine)) };
      return { ok: true, seq: 1 };
    },
    signal: () => {},
    programKey: async () => ({ ok: true, data: { token: `join.${"WyJkZW1vIiwidV8w".repeat(10)}.Q731h1-eSeOdzeSY0AzhQoP68k3WgS0Gbrd6WxTpKaE`, expires_at: NOW + 12 * 3_600_000 } }),
    history: async () => ({ ok: true, events: [], more: false }),
    speakers: signal({ levels: { [id(0)]: 0.5 }, dominant: id(0) }),
    reactions: signal({ clap: 0, yes: 0, no: 0, slower: 0, faster: 0, ...reactions }),
    typing: signal({}),
    network: signal(weak ? Object.fromEntries(weakLines(id).people.map(({ person, quality }) => [person, quality])) : { [id(3)]: "weak" }),
    lines: signal(weak && staff ? weakLines(id) : { people: [], more: 0, cause: null }),
    stats: signal(weak ? OWN : null),
    clock: () => Date.now(),
    join: async () => {},
    leave: async () => void (room.status.value = "over"),
  };
  return /** @type {Room} */ (/** @type {unknown} */ (room));
}
