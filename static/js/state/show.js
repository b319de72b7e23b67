/**
 * What a page of playback knows of a recording beside what plays: its facts, chapters, texts, later questions, what was watched;
 * and the ways to change them. Every list is a signal; what the server refuses is returned, never thrown.
 */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { signal } from "@preact/signals-core";
import { ask, askText } from "../protocol/api.js";
import { readCaptions, writeCaptions } from "./vtt.js";

/** @typedef {import("./types_playback.js").PlaybackAnswer} PlaybackAnswer */
/** @typedef {import("./types_playback.js").Chapter} Chapter */
/** @typedef {import("./types_playback.js").Moment} Moment */
/** @typedef {import("./types_playback.js").Thumbnail} Thumbnail */
/** @typedef {import("./types_playback.js").Stretch} Stretch */
/** @typedef {import("../protocol/api.js").Problem} Problem */
/** @template T @typedef {import("../protocol/api.js").Outcome<T>} Outcome */
/** @template T @typedef {import("@preact/signals-core").Signal<T>} Signal */

/** What the ids of chapters begin with that the server does not know yet. */
export const NEW = "new-";

/** @typedef {typeof ask} Ask */
/** @typedef {ReturnType<typeof readCaptions>} Captions */
/** @typedef {ReturnType<typeof createShow>} Show */

/**
 * @param {object} parts
 * @param {PlaybackAnswer} parts.answer
 * @param {import("./types.js").Room & { close(): void }} parts.room
 * @param {number | null} [parts.resumed] where this person stopped, if it goes on there
 * @param {boolean} [parts.original] what was edited out is in it, too
 * @param {Ask} [parts.ask]
 * @param {typeof askText} [parts.askText]
 */
export function createShow({ answer, room, resumed = null, original = false, ask: call = ask, askText: transfer = askText }) {
  const { recording } = answer;
  const base = `/api/recordings/${recording.id}`;
  const player = /** @type {import("./types_playback.js").Player} */ (room.replay);

  /** What is made of the whole is for those who look at the original. */
  const whole = original ? "?original=1" : "";

  /** @template T @param {string} method @param {string} path @param {object} [body] @returns {Promise<Outcome<T>>} */
  const api = (method, path, body) => call(method, base + path, body);

  /**
   * A list of the server's: asked for once it is needed.
   *
   * @template T
   * @param {string} path
   * @param {(data: any) => T} read
   * @param {T} empty
   */
  const list = (path, read, empty) => {
    const data = signal(empty);
    const problem = signal(/** @type {Problem | null} */ (null));
    let asked = 0;
    return {
      data,
      problem,
      async load() {
        const number = (asked += 1);
        const outcome = await api("GET", path);
        if (number !== asked) return;
        problem.value = outcome.ok ? null : outcome;
        if (outcome.ok) data.value = read(outcome.data);
      },
    };
  };

  const of = signal(/** @type {Readonly<Record<string, Captions>>} */ ({}));
  const texts = {
    of,
    /** Bring the captions of a language, unless they are here. @param {string} language */
    async load(language) {
      if (of.peek()[language]) return;
      const outcome = await transfer(`${base}/captions/${encodeURIComponent(language)}${whole}`);
      if (outcome.ok) of.value = { ...of.peek(), [language]: readCaptions(outcome.data) };
    },
    /** Those of what is cut out, too: who changes captions stores all of them. @param {string} language */
    async whole(language) {
      const outcome = await transfer(`${base}/captions/${encodeURIComponent(language)}?original=1`);
      return outcome.ok ? readCaptions(outcome.data).cues : null;
    },
  };

  const info = signal(recording);
  const languages = signal(/** @type {readonly string[]} */ (answer.captions));
  const chapters = signal(/** @type {readonly Chapter[]} */ (answer.chapters));

  return {
    base,
    api,
    texts,
    info,
    languages,
    chapters,
    resumed,
    original,
    /** @param {string} name of a file that was made of the recording */
    derived: (name) => `${base}/derived/${encodeURIComponent(name)}${whole}`,
    /** Names by id, of all who were there so far. @returns {Record<string, string>} */
    people: () => Object.fromEntries(Object.values(room.state.people.peek().items).map((person) => [person.id, person.name])),
    /** Ask for what changes while a recording is not finished. */
    async refresh() {
      const [facts, list] = await Promise.all([api("GET", ""), api("GET", "/chapters")]);
      if (facts.ok) info.value = /** @type {typeof recording} */ (facts.data);
      if (list.ok) chapters.value = /** @type {Chapter[]} */ (list.data);
    },
    /** @param {{ title: string, description: string, published: boolean, protected: boolean }} facts */
    change: (facts) => api("PUT", "", facts),
    /** @param {readonly Chapter[]} list @returns {Promise<Outcome<unknown>>} */
    async saveChapters(list) {
      /** @type {Outcome<Chapter[]>} */
      const outcome = await api("PUT", "/chapters", { chapters: list.map(({ id, t, title }) => ({ t, title, ...(id.startsWith(NEW) ? {} : { id }) })) });
      if (outcome.ok) chapters.value = outcome.data;
      return outcome;
    },
    /** @param {string} language @param {readonly import("./types_playback.js").Cue[]} cues */
    async saveCaptions(language, cues) {
      const outcome = await transfer(`${base}/captions/${encodeURIComponent(language)}`, { text: writeCaptions(cues), type: "text/vtt" });
      if (!outcome.ok) return outcome;
      // The server answers with what it understood.
      of.value = { ...of.peek(), [language]: readCaptions(outcome.data) };
      if (!languages.peek().includes(language)) languages.value = [...languages.peek(), language].sort();
      return outcome;
    },
    /** @param {string} language */
    async removeCaptions(language) {
      const outcome = await api("DELETE", `/captions/${encodeURIComponent(language)}`);
      if (!outcome.ok) return outcome;
      languages.value = languages.peek().filter((one) => one !== language);
      const { [language]: _, ...rest } = of.peek();
      of.value = rest;
      return outcome;
    },
    answer,
    room,
    player,
    can: answer.can,
    gaps: signal(answer.gaps),
    cuts: signal(answer.cuts),
    moments: list("/questions", (data) => /** @type {Moment[]} */ (data).filter((one) => !one.hidden), /** @type {Moment[]} */ ([])),
    thumbnails: list(`/thumbnails${whole}`, (data) => /** @type {Thumbnail[]} */ (data?.thumbnails ?? []), /** @type {Thumbnail[]} */ ([])),
    watched: list("/watch", (data) => /** @type {Stretch[]} */ (data?.seen ?? []), /** @type {Stretch[]} */ ([])),
    /** Questions that were asked in class, for their marks. */
    asked: list("/asked", (data) => /** @type {{ id: string, t: number, text: string }[]} */ (data), /** @type {{ id: string, t: number, text: string }[]} */ ([])),
    heat: list("/heat", (data) => /** @type {number[]} */ (data?.counts ?? []), /** @type {number[]} */ ([])),
  };
}

/** @type {import("preact").Context<Show | null>} */
export const ShowContext = createContext(/** @type {Show | null} */ (null));

/** @returns {Show} */
export function useShow() {
  const show = useContext(ShowContext);
  if (show === null) throw new Error("useShow() outside <ShowContext.Provider>");
  return show;
}
