/**
 * The class as its views see it: state, signals, commands and media behind one object (types.d.ts, `Room`).
 *
 * Joins what must not know one another: the connection brings deliveries, the store folds them, media follows the stage.
 */
import { batch, computed, signal } from "@preact/signals-core";
import { ask } from "../protocol/api.js";
import { Connection } from "../protocol/connection.js";
import { ALL_WELL, lines as takeLines, ownLine, qualities } from "./lines.js";
import { may } from "./rights.js";
import { Store } from "./store.js";

/** @typedef {import("./types.js").Room} Room */
/** @typedef {import("./types.js").Event} Event */
/** @typedef {import("./types.js").Pending} Pending */
/** @typedef {import("../protocol/queue.js").Item} Item */

/** How long "somebody writes" is shown (PROTOCOL.md 1.3). */
const TYPING_LASTS = 5000;
const NO_REACTIONS = { clap: 0, yes: 0, no: 0, slower: 0, faster: 0 };
/** Things whose id is the id of the command that made them: as soon as they are there, the command is no longer pending. */
const MADE = /** @type {Record<string, string>} */ ({ "chat.posted": "message", "questions.asked": "question", "stage.started": "track" });

/**
 * Commands that are not answered yet, or whose events have not come yet: a line never shows twice and never blinks.
 *
 * @param {Store} store
 */
function pendingOf(store) {
  /** @type {import("@preact/signals-core").Signal<readonly Pending[]>} */
  const shown = signal([]);
  /** @type {readonly Item[]} */
  let queued = [];
  /** Acknowledged commands whose events have not come. @type {Map<string, { item: Pending, seq: number }>} */
  const answered = new Map();
  const arrived = new Set();
  const update = () => {
    for (const [id, { seq }] of answered) if ((store.last ?? 0) >= seq) answered.delete(id);
    const rest = [...[...answered.values()].map(({ item }) => item), ...queued.map(({ id, type, data, at }) => ({ id, type, data, at }))];
    const next = rest.filter(({ id }) => !arrived.has(id));
    if (next.length > 0 || shown.value.length > 0) shown.value = next;
  };
  return {
    shown,
    /** @param {readonly Item[]} items */
    queue(items) {
      queued = items;
      for (const id of arrived) if (!items.some((item) => item.id === id)) arrived.delete(id);
      update();
    },
    /** @param {Pending} item @param {number} seq */
    answer(item, seq) {
      answered.set(item.id, { item, seq });
      update();
    },
    /** @param {readonly Event[]} events */
    see(events) {
      for (const { type, data } of events) {
        const id = data[MADE[type] ?? ""];
        if (id !== undefined && queued.some((item) => item.id === id)) arrived.add(id);
      }
      update();
    },
  };
}

/**
 * @param {object} parts
 * @param {import("../protocol/admission.js").Seat} parts.seat
 * @param {import("../protocol/types.js").OpenLine} parts.open
 * @param {import("../protocol/environment.js").Environment} parts.environment
 * @param {import("../protocol/rtc.js").Media} parts.media made before, for the page before joining
 * @param {() => Promise<string | null>} parts.readmit
 * @returns {Room & { hint(): void, moved(): void }}
 */
export function createRoom({ seat, open, environment, media, readmit }) {
  const store = new Store();
  const pending = pendingOf(store);
  const status = signal(/** @type {import("../protocol/types.js").Status} */ ("connecting"));
  const bye = signal(/** @type {string | null} */ (null));
  const me = signal(seat.person);
  const speakers = signal(/** @type {import("./types.js").Speakers} */ ({ levels: {}, dominant: null }));
  const reactions = signal(NO_REACTIONS);
  const typing = signal(/** @type {Record<string, { until: number, to: string | null }>} */ ({}));
  const lines = signal(ALL_WELL);
  const network = computed(() => qualities(lines.value));
  const stats = signal(/** @type {Room["stats"]["value"]} */ (null));

  /** @type {Record<string, (message: Record<string, any>) => void>} */
  const hear = {
    "reactions.counted": ({ counts }) => (reactions.value = { ...NO_REACTIONS, ...counts }),
    "chat.typing": ({ person, to }) => {
      const until = connection.clock() + TYPING_LASTS;
      typing.value = { ...typing.value, [person]: { until, to } };
      environment.timers.set(() => forgetTyping(person), TYPING_LASTS);
    },
    "stage.speakers": ({ levels, dominant }) => (speakers.value = { levels, dominant }),
    "stage.lines": (message) => (lines.value = takeLines(message)),
    "stage.stats": (message) => (stats.value = ownLine(message)),
  };

  /** @param {string} person */
  function forgetTyping(person) {
    const { [person]: mark, ...others } = typing.value;
    if (mark && mark.until <= connection.clock()) typing.value = others;
  }

  /** @param {readonly Event[]} events */
  function seen(events) {
    pending.see(events);
    media.follow(events);
    for (const { type, by, data } of events) {
      if (type === "people.role_changed" && data["person"] === me.value.id) me.value = { ...me.value, role: data["role"] };
      // Who has sent it writes no more.
      if (type === "chat.posted" && typing.value[by]) {
        const { [by]: _, ...others } = typing.value;
        typing.value = others;
      }
    }
  }

  /**
   * Between a welcome and the moment when the state of the class is known: at once with a snapshot or when nothing has
   * happened, else with the next delivery. Media must not act on what was true before the break.
   *
   * @type {{ again: boolean, complete: boolean } | null}
   */
  let arrival = null;
  function arrive() {
    const again = arrival?.again ?? false;
    arrival = null;
    media.welcomed(again);
  }

  let connectionId = "";
  /** The seat that was accepted last. */
  let held = seat.seat;
  const connection = new Connection({
    open,
    environment,
    seat: seat.seat,
    handlers: {
      last: () => store.last,
      welcome: ({ person, connection: line, state, upto }, again) => {
        batch(() => {
          me.value = person;
          // What the server takes for granted of a new connection, and of whoever is no longer staff.
          if (line !== connectionId || !can("staff")) lines.value = ALL_WELL;
          connectionId = line;
          if (state !== null) store.replace(state, upto);
        });
        pending.see([]);
        arrival = { again, complete: upto <= (store.last ?? 0) };
      },
      events: (delivery) => {
        const known = store.last ?? 0;
        if (!store.apply(delivery)) return false;
        seen(delivery.events.filter(({ seq }) => seq > known));
        if (arrival && !arrival.complete) arrive();
        return true;
      },
      signal: (message) => hear[message["type"]]?.(message),
      media: (message) => media.told(message),
      status: (next) => {
        status.value = next;
        if (next === "live" && arrival?.complete) arrive();
      },
      over: (code) => {
        bye.value = code;
        void media.stop();
      },
      queued: (items) => pending.queue(items),
      readmit: async () => {
        const next = await readmit();
        held = next ?? held;
        return next;
      },
    },
  });

  /** @type {Room["send"]} */
  async function send(type, data = {}, id = environment.newId()) {
    const at = connection.clock();
    const reply = await connection.send(type, data, id);
    if (reply.ok && reply.seq > (store.last ?? 0)) pending.answer({ id, type, data, at }, reply.seq);
    return reply;
  }

  /** @type {Room["can"]} */
  const can = (permission) => {
    const { lifecycle, locks, stage } = store.signals;
    return may(permission, me.value, { lifecycle: lifecycle.value, locks: locks.value, stage: stage.value });
  };

  media.attach({
    request: (message) => connection.media(message),
    send,
    me: () => me.value.id,
    may: can,
    stage: store.signals.stage,
    iceServers: seat.ice_servers,
    doubted: () => connection.hint(),
    moved: () => connection.moved(),
  });

  return {
    state: store.signals,
    me,
    info: signal(seat.class),
    can,
    status,
    bye,
    send,
    pending: pending.shown,
    signal: (type, fields) => connection.signal(type, fields),
    history: (before, limit) => connection.history(before, limit),
    programKey: () => ask("POST", `/api/classes/${seat.class.id}/program`, { seat: held }),
    speakers,
    reactions,
    typing,
    lines,
    network,
    stats,
    clock: () => connection.clock(),
    media,
    replay: null,
    hint: () => connection.hint(),
    moved: () => connection.moved(),
    async join() {
      connection.start();
      media.start();
    },
    async leave() {
      await media.stop();
      connection.stop();
    },
  };
}
