/**
 * What is wrong with a line, in words: to whose it is, with what may help, and to a teacher about somebody else's.
 *
 * One sentence a problem, so that a screen reader can say it alone; about others they go on from the name before them.
 */
import { formatBitrate, formatPercent, t, tn } from "../i18n.js";

/** @typedef {import("../state/context.js").LineProblem} LineProblem */
/** @typedef {import("../state/context.js").LineCause} LineCause */
/** @typedef {import("../state/context.js").Measured} Measured */
/** @typedef {{ text: string, advice: string }} Words */

const rate = (/** @type {LineProblem} */ problem) => formatBitrate(problem.bitrate ?? 0);
const loss = (/** @type {LineProblem} */ problem) => formatPercent(problem.loss ?? 0);

/** @param {LineProblem} problem @param {boolean} camera one's own is on @returns {Words} */
export function ownWords(problem, camera) {
  switch (problem.problem) {
    case "blocked":
      return {
        text: t("Sound and pictures do not get through to you; chat and questions work."),
        advice: t("Something in this network blocks them. Try another one, for instance that of your phone."),
      };
    case "lost":
      return { text: t("Sound and pictures are interrupted; chat and questions work."), advice: t("They come back by themselves. If not, check your network.") };
    case "up.loss":
      return {
        text: t("{loss} of what you send is lost on your line: others hear gaps and see your picture stutter.", { loss: loss(problem) }),
        advice: camera ? t("Turn your camera off, or move nearer to the router.") : t("Move nearer to the router, or use a cable."),
      };
    case "up.slow":
      return {
        text: problem.shown === 0 ? t("Your line does not carry your picture; others only hear you.") : t("Your line is too slow for a sharp picture of you: {rate}.", { rate: rate(problem) }),
        advice: t("Stop other uploads. If your voice breaks up, turn your camera off."),
      };
    case "down.loss":
      return {
        text: t("{loss} of what is sent to you is lost on your line: sound and pictures have gaps.", { loss: loss(problem) }),
        advice: t("Move nearer to the router, or receive less."),
      };
    case "down.slow":
      return { text: carried(problem), advice: t("Stop other downloads, or choose what matters most to you.") };
    case "delay":
      return {
        text: t("The way to the server and back takes {n} ms: others hear you late.", { n: problem.rtt ?? 0 }),
        advice: t("Leave a pause before you answer."),
      };
  }
}

/** @param {LineProblem} problem */
function carried(problem) {
  const { shown = 0, wished = 0 } = problem;
  const values = { rate: rate(problem), shown, wished };
  if (shown === 0) return t("Your line carries {rate}: sound, but no picture.", values);
  if (shown < wished) return t("Your line carries {rate}: sound and {shown} of {wished} pictures.", values);
  return tn("Your line carries {rate}: sound and a small picture.", "Your line carries {rate}: sound and small pictures.", wished, values);
}

/** What is said of somebody else, after the name. @param {LineProblem} problem */
export function theirWords(problem) {
  const { shown = 0, wished = 0 } = problem;
  const values = { rate: rate(problem), loss: loss(problem), shown, wished };
  switch (problem.problem) {
    case "blocked":
      return t("gets neither sound nor pictures: something in that network blocks them.");
    case "lost":
      return t("has lost sound and pictures; they are being restored.");
    case "up.loss":
      return t("is heard and seen with gaps: {loss} is lost on the way to the server.", values);
    case "up.slow":
      return shown === 0 ? t("is heard, but the picture does not get through.") : t("sends no sharp picture: the line carries {rate}.", values);
    case "down.loss":
      return t("hears and sees you with gaps: {loss} is lost on the way.", values);
    case "down.slow":
      if (shown === 0) return t("hears you, but gets no picture: {rate}.", values);
      if (shown < wished) return t("hears you and gets {shown} of {wished} pictures: {rate}.", values);
      return tn("hears you and gets a small picture: {rate}.", "hears you and gets small pictures: {rate}.", wished, values);
    case "delay":
      return t("hears you late: the way there and back takes {n} ms.", { n: problem.rtt ?? 0 });
  }
}

/**
 * What explains most, to staff.
 *
 * @param {LineCause} cause
 * @param {{ me: string, weak: boolean }} reader `weak`: the reader's own line is among those that are not good
 * @param {(person: string) => string} nameOf
 */
export function causeWords(cause, { me, weak }, nameOf) {
  const { affected, of } = cause;
  if (cause.kind === "common") return t("{affected} out of {of} have bad connections at once: most likely it is the line of the server, or of the school.", { affected, of });
  if (cause.kind === "viewers" && weak) return tn("{n} other person has a weak connection.", "{n} other people have weak connections.", affected - 1);
  if (cause.kind === "viewers") return tn("{n} person has a weak connection; that is not your line.", "{n} people have weak connections; that is not your line.", affected);
  if (cause.person === me) return t("Your own line is the cause: {affected} out of {of} miss part of what you send.", { affected, of });
  return t("The line of {name} is the cause: {affected} out of {of} miss part of what comes from there.", { name: nameOf(cause.person ?? ""), affected, of });
}

/**
 * What is worth knowing about one's own line though nothing is wrong with it.
 *
 * @param {{ measured: Measured | null, inherits: boolean, camera: boolean, sending: boolean }} line `sending`: something is said about the way up
 * @returns {string[]}
 */
export function notes({ measured, inherits, camera, sending }) {
  const found = [];
  if (inherits) found.push(t("What stutters now was lost on somebody else's line, not on yours."));
  if (measured?.path === "tcp") found.push(t("You are connected over TCP because UDP is blocked here: sound may come later."));
  if (measured?.path === "relay") found.push(t("You are connected through a relay: sound may come later."));
  if (camera && measured?.limited === "cpu") found.push(t("This device is too busy for a sharp picture of you. Close other programs."));
  if (camera && measured?.limited === "bandwidth" && !sending) found.push(t("Your line has no room for a sharp picture of you right now."));
  return found;
}
