/** A recording that does not exist, for looking at the page of playback: its answers, and a player that only moves a clock. */
import { computed, signal } from "@preact/signals-core";
import { EMPTY, fold } from "../../../static/js/state/fold.js";
import { drawnStream } from "./fake_media.js";

/** @typedef {import("../../../static/js/state/types_playback.js").PlaybackAnswer} PlaybackAnswer */
/** @typedef {import("../../../static/js/state/types_playback.js").Player} Player */
/** @typedef {import("../../../static/js/state/types_playback.js").ReplayEvent} ReplayEvent */

const BEGAN = Date.UTC(2026, 10, 20, 4, 0);
export const MINUTE = 60_000;
const NAMES = ["Айгүл Токтосунова", "Бакыт Асанов", "Нурлан Жээнбеков", "Өмүр Үсөнов", "Чолпон Сыдыкова", "Иван Петров", "Ңасип Эргешов", "Мээрим Кадырова"];
const TALK = [
  "Саламатсыздарбы! Баштайбыз.", "Салам! Угулуп жатат 👍", "Добрый день, слайды будут потом? https://kstu.kg", "Слайды есть в курсе, раздел «УМК».",
  "Крамердин эрежеси кайда жазылган?", "Китептин 42-бетинде.", "Рахмат!", "Экинчи мисалда белги туурабы?",
];

/** @returns {ReplayEvent[]} the journal of a class of 48 minutes */
function journal() {
  /** @type {ReplayEvent[]} */
  const events = [];
  const put = (/** @type {number} */ t, /** @type {string} */ type, /** @type {Record<string, any>} */ data, by = "u_0") => events.push({ seq: events.length + 1, t, at: BEGAN + t, by, type, data });
  put(0, "lifecycle.opened", { title: "Алгебра II · МТ-2-24", language: "ky" });
  NAMES.forEach((name, n) => put(n * 300, "people.joined", { person: `u_${n}`, name, role: n === 0 ? "teacher" : "student" }, ""));
  put(3000, "stage.started", { track: "t_cam", person: "u_0", kind: "camera", muted: false });
  put(3000, "stage.started", { track: "t_mic", person: "u_0", kind: "microphone", muted: false });
  put(4 * MINUTE, "stage.started", { track: "t_screen", person: "u_0", kind: "screen", muted: false });
  TALK.forEach((text, n) => put((1 + n * 4) * MINUTE, "chat.posted", { message: `m_${n}`, author: `u_${n % 8}`, text, to: null, reply_to: n === 3 ? "m_2" : null }, `u_${n % 8}`));
  put(12 * MINUTE, "questions.asked", { question: "q_1", author: "u_2", anonymous: false, text: "Эмне үчүн аныктагыч нөлгө барабар болсо, система чексиз көп чечимге ээ болушу мүмкүн?", held: false }, "u_2");
  for (const voter of ["u_3", "u_4", "u_5"]) put(12.5 * MINUTE, "questions.voted", { question: "q_1", voter }, voter);
  put(14 * MINUTE, "stage.started", { track: "t_stu", person: "u_4", kind: "camera", muted: false });
  put(14 * MINUTE, "questions.answering", { question: "q_1" });
  put(17 * MINUTE, "questions.answered", { question: "q_1", how: "aloud", text: "" });
  put(22 * MINUTE, "questions.asked", { question: "q_2", author: "", anonymous: true, text: "Будет ли это на экзамене?", held: false }, "");
  put(24 * MINUTE, "questions.answered", { question: "q_2", how: "written", text: "Ооба, экзаменде ушундай бир тапшырма болот. — Да, одна такая задача будет." });
  put(40 * MINUTE, "stage.stopped", { track: "t_screen", person: "u_0" });
  return events.sort((a, b) => a.t - b.t);
}

/**
 * @param {{ role?: "teacher" | "student" | "guest", live?: boolean, state?: "ready" | "finishing" | "failed", position?: number | null, bare?: boolean }} [options]
 * @returns {PlaybackAnswer}
 */
export function fakeAnswer({ role = "student", live = false, state = "ready", position = null, bare = false } = {}) {
  const staff = role === "teacher";
  const segment = (/** @type {"best" | "small"} */ size, /** @type {number} */ octets) => ({ id: `s-${size}`, mime: "", codec: /** @type {const} */ ("vp8"), size, start: 0, duration: 48 * MINUTE, octets, width: 1280, height: 720 });
  return {
    recording: {
      id: "demo-1", class_id: "demo", number: 1, course: "c_1", title: "Сызыктуу теңдемелер системасы · МТ-2-24", description: "", state: live ? "recording" : state, reason: "ended",
      published: true, protected: false, started_at: BEGAN, ended_at: live ? null : BEGAN + 48 * MINUTE, duration: 48 * MINUTE, bytes: 210_000_000,
    },
    me: role === "guest" ? { id: "", name: "", role: "guest" } : { id: staff ? "u_0" : "u_1", name: NAMES[staff ? 0 : 1] ?? "", role },
    manifest: {
      duration: 48 * MINUTE,
      derived: ["thumbnails.json"],
      tracks: [
        { id: "t_cam", person: "u_0", kind: "camera", segments: [segment("best", 150e6), segment("small", 36e6)] },
        { id: "t_mic", person: "u_0", kind: "microphone", segments: [segment("best", 12e6)] },
      ],
    },
    gaps: bare ? [] : [{ start: 29 * MINUTE, end: 33 * MINUTE, why: "paused" }],
    cuts: staff && !bare ? [[36 * MINUTE, 37 * MINUTE]] : [],
    chapters: bare ? [] : [["Кириш", 0], ["Теңдемелер системасы", 4], ["Крамердин эрежеси", 12], ["Мисалдар", 24], ["Суроолор", 40]].map(([title, at], n) => ({ id: `ch_${n}`, t: Number(at) * MINUTE, title: String(title), source: "journal" })),
    captions: bare ? [] : ["ky", "ru"],
    state: { t: 0, seq: 0, room: EMPTY },
    events: journal(),
    clusters: {},
    position,
    can: { edit: staff, download: role !== "guest", ask: role !== "guest" },
    live,
    now: 48 * MINUTE,
  };
}

/**
 * @param {PlaybackAnswer} answer
 * @param {{ at?: number, waiting?: boolean, offline?: boolean, needsGesture?: boolean }} [options]
 */
export function fakePlayer(answer, { at = 0, waiting = false, offline = false, needsGesture = false } = {}) {
  const time = signal(at);
  const playing = signal(false);
  const rate = signal(1);
  const ended = computed(() => time.value >= duration.value);
  const duration = signal(answer.now);
  const live = signal(answer.live);
  let told = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    const passed = now - told;
    told = now;
    if (playing.value) time.value = Math.min(duration.value, time.value + passed * rate.value);
  }, 100);
  const folded = computed(() => fold(answer.state.room, answer.events.filter((event) => event.t <= time.value)));
  const player = {
    time, playing, rate, ended, duration, live,
    waiting: signal(waiting),
    atLive: computed(() => live.value && duration.value - time.value < 3000),
    mode: signal(/** @type {"everything" | "small" | "sound"} */ ("everything")),
    skipSilence: signal(false),
    volume: signal(1),
    muted: signal(false),
    error: signal(""),
    offline: signal(offline),
    buffered: computed(() => [/** @type {[number, number]} */ ([Math.max(0, time.value - 30_000), Math.min(duration.value, time.value + 120_000)])]),
    needsGesture: signal(needsGesture),
    jumped: signal(/** @type {any} */ (null)),
    room: folded,
    speakers: signal({ levels: { u_0: 0.4 }, dominant: "u_0" }),
    play: () => {
      told = performance.now();
      playing.value = true;
    },
    pause: () => void (playing.value = false),
    seek: (/** @type {number} */ t) => void (time.value = Math.min(duration.value, Math.max(0, t))),
    setRate: (/** @type {number} */ to) => void (rate.value = to),
    goLive: () => void (time.value = duration.value),
    attach: (/** @type {string} */ track, /** @type {HTMLVideoElement} */ element) => {
      element.srcObject = drawnStream(track, track === "t_screen" ? "screen" : "camera");
      element.play().catch(() => {});
      return () => void (element.srcObject = null);
    },
    wish: () => {},
    retry: () => void (player.error.value = ""),
    close: () => clearInterval(timer),
  };
  return player;
}

const CUES = ["Саламатсыздарбы, баарыңыздарга жакшы күн каалайм.", "Бүгүн сызыктуу теңдемелер системасын карайбыз.", "Эки белгисиз бар эки теңдеме алалы.", "Крамердин эрежеси боюнча аныктагычты табабыз."];

/** A text of captions: a cue every ten seconds. */
export function fakeCaptions() {
  const clock = (/** @type {number} */ s) => `${String(Math.floor(s / 60)).padStart(2, "0")}:${String(s % 60).padStart(2, "0")}.000`;
  return `WEBVTT\n\n${Array.from({ length: 200 }, (_, n) => `${clock(n * 10)} --> ${clock(n * 10 + 9)}\n<v Айгүл Токтосунова>${CUES[n % CUES.length]}`).join("\n\n")}\n`;
}

/**
 * The rest of the API, in memory. Calls are kept in `calls` for the tests.
 *
 * @param {{ role?: string, state?: "ready" | "finishing" | "failed" }} [options] `state` that the recording is in when asked for again
 */
export function fakeApi({ role = "student", state = "ready" } = {}) {
  /** @type {{ method: string, path: string, body: any }[]} */
  const calls = [];
  const moments = [
    { id: "k_1", t: 26 * MINUTE, author: "u_3", author_name: NAMES[3], text: "Экинчи кадамда эмне үчүн минус?", asked_at: Date.now() - 86_400_000, answer: "Экинчи теңдемени биринчисинен кемитебиз, ошондуктан белгиси алмашат.", answered_by: "u_0", answered_name: NAMES[0], answered_at: Date.now() - 3_600_000, hidden: false },
    { id: "k_2", t: 8 * MINUTE, author: "u_1", author_name: NAMES[1], text: "Бул китепте барбы?", asked_at: Date.now() - 7_200_000, answer: "", answered_by: "", answered_name: "", answered_at: null, hidden: false },
  ];
  /** @type {any[]} */
  let jobs = [];
  /** @type {any[]} */
  let shares = [{ id: "sh_1", created_at: Date.now() - 1e7, expires_at: Date.now() + 3 * 86_400_000, revoked_at: null, uses: 4 }];
  let edits = { list: [{ op: "cut", from: 36 * MINUTE, upto: 37 * MINUTE }], revision: 1 };
  const heat = Array.from({ length: 576 }, (_, n) => Math.round(8 + 6 * Math.sin(n / 40) + (n > 140 && n < 190 ? 14 : 0) + (n % 7)));
  const found = (/** @type {string} */ query) =>
    [
      { t: 17 * MINUTE, kind: "chat", text: TALK[4], author: "u_4", author_name: NAMES[4] },
      { t: 12 * MINUTE + 5000, kind: "caption", text: CUES[3], author: "", author_name: NAMES[0] },
      { t: 12 * MINUTE, kind: "question", text: "Эмне үчүн аныктагыч нөлгө барабар болсо?", author: "u_2", author_name: NAMES[2] },
    ].filter((hit) => hit.text?.toLowerCase().includes(query.toLowerCase()));
  /** @type {Record<string, (body: any, path: string) => any>} */
  const answers = {
    "GET /thumbnails": () => ({ every: 10_000, thumbnails: Array.from({ length: 288 }, (_, n) => ({ t: n * 10_000, x: (n % 10) * 160, y: Math.floor((n % 100) / 10) * 90, w: 160, h: 90, sheet: `thumbnails-${Math.floor(n / 100)}.jpg` })) }),
    "GET ": () => fakeAnswer({ state }).recording,
    "GET /chapters": () => fakeAnswer().chapters,
    "GET /watch": () => ({ seen: [[0, 9 * MINUTE], [14 * MINUTE, 20 * MINUTE]] }),
    "GET /heat": () => (role === "teacher" ? { counts: heat } : null),
    "GET /questions": () => [...moments],
    "GET /asked": () => journal().filter((event) => event.type === "questions.asked").map((event) => ({ id: event.data["question"], t: event.t, text: event.data["text"] })),
    "POST /questions": (body) => (moments.push({ id: `k_${moments.length + 1}`, author: "u_1", author_name: NAMES[1], asked_at: Date.now(), answer: "", answered_by: "", answered_name: "", answered_at: null, hidden: false, ...body }), {}),
    "PUT /chapters": (body) => body.chapters.map((/** @type {any} */ one, /** @type {number} */ n) => ({ id: `x_${n}`, source: "staff", ...one })),
    "PUT /watch": () => null,
    "PUT ": (body) => body,
    "GET /jobs": () => jobs,
    "POST /jobs": (body) => ((jobs = [...jobs, { id: `j_${jobs.length}`, state: "running", progress: 420, error: "", result: null, current: true, created_at: Date.now(), ...body }]), {}),
    "GET /shares": () => shares,
    "POST /shares": (body) => ((shares = [...shares, { id: `sh_${shares.length + 1}`, created_at: Date.now(), revoked_at: null, uses: 0, ...body }]), { key: "kTx3Yv0wQn8Zr5LpJd2sGA" }),
    "GET /edits": () => edits,
    "PUT /edits": (body) => (edits = { list: body.list, revision: body.revision + 1 }),
    "PUT /captions": () => null,
    "DELETE /captions": () => null,
    "POST /answer": () => null,
  };
  const ask = async (/** @type {string} */ method, /** @type {string} */ path, /** @type {any} */ body) => {
    const own = path.replace("/api/recordings/demo-1", "");
    calls.push({ method, path: own, body });
    if (own.startsWith("/search")) return { ok: true, data: found(new URLSearchParams(own.split("?")[1]).get("q") ?? "") };
    if (method === "DELETE" && own.startsWith("/jobs/")) jobs = jobs.filter((job) => own !== `/jobs/${job.id}`);
    if (method === "DELETE" && own.startsWith("/shares/")) shares = shares.map((share) => (own === `/shares/${share.id}` ? { ...share, revoked_at: Date.now() } : share));
    if (/^\/questions\/.+\/answer$/.test(own)) {
      const at = moments.findIndex((one) => own === `/questions/${one.id}/answer`);
      if (moments[at]) moments[at] = { .../** @type {any} */ (moments[at]), answer: body.text, answered_at: Date.now(), answered_name: NAMES[0] };
      return { ok: true, data: null };
    }
    const answer = answers[`${method} ${own}`] ?? answers[`${method} ${own.replace(/^(\/captions)\/.*/, "$1")}`];
    if (answer) return { ok: true, data: answer(body, own) };
    return method === "DELETE" ? { ok: true, data: null } : { ok: false, code: "not_found" };
  };
  return { ask: /** @type {any} */ (ask), calls };
}
