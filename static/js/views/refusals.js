/**
 * Refusal codes as sentences: what happened, what it means, what to do. Never a code alone.
 *
 * The codes are those of PROTOCOL.md 1.4, of the HTTP API, and `offline`, which this browser makes itself when there is no
 * line. A test compares this table with the server's.
 */
import { t, tn } from "../i18n.js";

/** @type {Record<string, () => string>} functions, because the language may change while the page is open */
const SENTENCES = {
  bad_message: () => t("The server did not understand this. Reload the page and try again."),
  bad_version: () => t("This page is older than the server. Reload it."),
  not_allowed: () => t("You may not do this here."),
  locked: () => t("The teacher has locked this for students."),
  not_found: () => t("This is no longer there."),
  conflict: () => t("Somebody was quicker: it has already changed."),
  too_many: () => t("There is no room for more. Remove something first."),
  closed: () => t("The class is over."),
  not_open: () => t("The class is not running. Open its page first."),
  waiting: () => t("Somebody in the class has to let you in first."),
  unauthorized: () => t("Your way in is no longer valid. Open the class from its link again."),
  blocked: () => t("The teacher has barred you from this class."),
  unavailable: () => t("The server cannot do this at the moment. Try again shortly."),
  offline: () => t("There is no connection. Check your network and try again."),
  "media.bad_sdp": () => t("Sound and picture of this browser could not be connected. Reload the page."),
  "media.no_codec": () => t("This browser offers no kind of sound and picture that the class can use. Try a current Chrome or Firefox."),
  "media.unknown_peer": () => t("The connection for sound and picture was lost. It is made again by itself."),
  "media.too_many": () => t("Nobody else can send sound or picture at the moment."),
  "media.unavailable": () => t("Sound and picture are not available at the moment. Chat and questions work."),
  "recording.damaged": () => t("A file of this recording is not what was saved, so it is not shown. The administrator can look into it."),
  "recording.withheld": () => t("The teacher has taken this part out."),
  "recording.range": () => t("This part of the recording could not be fetched. Try again."),
  "recording.unfinished": () => t("The recording is still being finished. Try again in a moment."),
  "captions.bad": () => t("These captions could not be read: their times or their length are not right."),
  "login.wrong": () => t("The login or the password is wrong."),
  must_change: () => t("Choose a password of your own first."),
  weak_password: () => t("This password is too easy to guess. Take a longer one."),
  taken: () => t("This name is used already. Choose another."),
  last_administrator: () => t("Somebody has to remain an administrator."),
  cross_site: () => t("This has to be done on the page itself. Reload it."),
  bad_method: () => t("The server did not understand this. Reload the page and try again."),
  bad_type: () => t("The server did not understand this. Reload the page and try again."),
  too_large: () => t("This is too long. Shorten it."),
  internal: () => t("Something went wrong on the server. Try again shortly."),
};

/**
 * How long to wait, in the largest unit that is not a fraction.
 *
 * @param {number} ms
 */
function wait(ms) {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 90) return tn("{n} second", "{n} seconds", seconds);
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return tn("{n} minute", "{n} minutes", minutes);
  const hours = Math.ceil(minutes / 60);
  return hours < 36 ? tn("{n} hour", "{n} hours", hours) : tn("{n} day", "{n} days", Math.ceil(hours / 24));
}

/** @type {Record<string, { when: (time: string) => string, soon: () => string }>} refusals that pass by themselves */
const WAITS = {
  too_fast: {
    when: (time) => t("That was too quick. Wait {time}.", { time }),
    soon: () => t("That was too quick. Wait a moment."),
  },
  "login.throttled": {
    when: (time) => t("There were too many wrong passwords. Wait {time}.", { time }),
    soon: () => t("There were too many wrong passwords. Wait a while."),
  },
  too_early: {
    when: (time) => t("The class has not begun. It opens in {time}.", { time }),
    soon: () => t("The class has not begun yet."),
  },
};

/**
 * @param {{ code: string, retry_after?: number }} refusal
 * @returns {string} a sentence for a person
 */
export function explain({ code, retry_after }) {
  const waiting = WAITS[code];
  if (waiting) return retry_after === undefined ? waiting.soon() : waiting.when(wait(retry_after));
  return (SENTENCES[code] ?? SENTENCES["internal"] ?? (() => code))();
}
