/**
 * What stands where on the timeline of a recording. Pure, so that it can be tested without a page: positions are shares 0..1.
 */

/** @typedef {import("./types_playback.js").Chapter} Chapter */
/** @typedef {import("./types_playback.js").Stretch} Stretch */
/** @typedef {{ from: number, upto: number, chapter: Chapter | null }} Part a chapter's piece of the bar */
/** @typedef {{ t: number, kind: string, ids: string[], label: string }} Mark what happened at a moment; several near ones are one */

/** @param {number} t @param {number} duration @returns {number} 0..1 */
export function share(t, duration) {
  return duration > 0 ? Math.min(1, Math.max(0, t / duration)) : 0;
}

/**
 * Cut the bar at the chapters. What is before the first chapter is a part without a name.
 *
 * @param {readonly Chapter[]} chapters
 * @param {number} duration
 * @returns {Part[]} never empty; together they cover 0..duration
 */
export function parts(chapters, duration) {
  const inside = chapters.filter((chapter) => chapter.t < duration).sort((a, b) => a.t - b.t);
  /** @type {Part[]} */
  const made = [];
  if (inside[0] === undefined || inside[0].t > 0) made.push({ from: 0, upto: inside[0]?.t ?? duration, chapter: null });
  inside.forEach((chapter, at) => {
    const upto = inside[at + 1]?.t ?? duration;
    // Two at the same moment: the later one names it, or the bar would have a part that nobody can hit.
    if (upto > chapter.t) made.push({ from: Math.max(0, chapter.t), upto, chapter });
  });
  return made.length > 0 ? made : [{ from: 0, upto: duration, chapter: null }];
}

/** @param {readonly Chapter[]} chapters @param {number} t @returns {Chapter | null} the chapter that `t` is in */
export function chapterAt(chapters, t) {
  return chapters.reduce((/** @type {Chapter | null} */ found, one) => (one.t <= t && (found === null || one.t >= found.t) ? one : found), null);
}

/** Pressing "previous" within this of a chapter's beginning goes to the one before, as on every player. */
const AT_ITS_BEGINNING_MS = 3000;

/**
 * @param {readonly Chapter[]} chapters
 * @param {number} t
 * @param {1 | -1} way
 * @returns {number | null} where the next or previous chapter begins
 */
export function chapterStep(chapters, t, way) {
  const starts = [...new Set([0, ...chapters.map((chapter) => chapter.t)])].sort((a, b) => a - b);
  if (way > 0) return starts.find((start) => start > t) ?? null;
  return starts.findLast((start) => start < t - AT_ITS_BEGINNING_MS) ?? 0;
}

/**
 * Draw marks that would lie on one another as one.
 *
 * @param {readonly { t: number, kind: string, id: string, label: string }[]} marks
 * @param {number} duration
 * @param {number} width pixels of the bar
 * @param {number} [apart] pixels that two marks need
 * @returns {Mark[]}
 */
export function gathered(marks, duration, width, apart = 10) {
  const least = width > 0 ? (apart / width) * duration : 0;
  /** @type {Mark[]} */
  const found = [];
  for (const { t, kind, id, label } of [...marks].sort((a, b) => a.t - b.t)) {
    const last = found.findLast((mark) => mark.kind === kind);
    if (last && t - last.t < least) last.ids.push(id);
    else found.push({ t, kind, ids: [id], label });
  }
  return found;
}

/**
 * Join stretches that touch or overlap.
 *
 * @param {readonly Stretch[]} stretches
 * @param {number} [near] stretches no further apart than this count as one
 * @returns {[number, number][]}
 */
export function joined(stretches, near = 0) {
  /** @type {[number, number][]} */
  const found = [];
  for (const [from, upto] of [...stretches].sort((a, b) => a[0] - b[0])) {
    if (upto <= from) continue;
    const last = found.at(-1);
    if (last && from <= last[1] + near) last[1] = Math.max(last[1], upto);
    else found.push([from, upto]);
  }
  return found;
}

/** How long the stretches last together. @param {readonly Stretch[]} stretches */
export function total(stretches) {
  return joined(stretches).reduce((sum, [from, upto]) => sum + upto - from, 0);
}

/**
 * The thumbnail of a moment: the last one before it.
 *
 * @template {{ t: number }} T
 * @param {readonly T[]} list by `t`
 * @param {number} t
 * @returns {T | null}
 */
export function lastBefore(list, t) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (/** @type {T} */ (list[middle]).t <= t) low = middle + 1;
    else high = middle;
  }
  return list[low - 1] ?? null;
}

/**
 * Where a key of the slider leads (ARIA slider pattern), or null where it means nothing.
 *
 * @param {string} key
 * @param {number} t
 * @param {number} duration
 */
export function sliderStep(key, t, duration) {
  const to = { ArrowRight: t + 5000, ArrowUp: t + 5000, ArrowLeft: t - 5000, ArrowDown: t - 5000, PageUp: t + 60_000, PageDown: t - 60_000, Home: 0, End: duration }[key];
  return to === undefined ? null : Math.min(duration, Math.max(0, to));
}
