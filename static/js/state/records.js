/**
 * Changing one entry of a record without changing the record: reducers never alter what they were given.
 *
 * A copy of 2,000 messages for each of 2,000 new ones would freeze an old phone for seconds after a long break. So within one
 * `folding`, a copy that was made there, and that nobody else has seen yet, is changed in place.
 */

/** Copies made by the fold under way. @type {Set<object> | null} */
let ours = null;
/** How many entries they have, where that was asked: to count 2,000 keys takes longer than to add one. @type {Map<object, number>} */
const sizes = new Map();

/**
 * Run a fold over many events. What it returns is never changed again.
 *
 * @template T
 * @param {() => T} fold
 * @returns {T}
 */
export function folding(fold) {
  if (ours) return fold();
  ours = new Set();
  try {
    return fold();
  } finally {
    ours = null;
    sizes.clear();
  }
}

/**
 * @template T
 * @param {Readonly<Record<string, T>>} record
 * @returns {Record<string, T>} one that may be changed until it is handed on
 */
function copy(record) {
  if (ours?.has(record)) return record;
  const made = { ...record };
  const size = sizes.get(record);
  if (size !== undefined) sizes.set(made, size);
  ours?.add(made);
  return made;
}

/**
 * The record with this entry; one that is there keeps its place, a new one is the last.
 *
 * @template T
 * @param {Readonly<Record<string, T>>} record
 * @param {string} key
 * @param {T} value
 * @returns {Readonly<Record<string, T>>}
 */
export function put(record, key, value) {
  const made = copy(record);
  const size = sizes.get(made);
  if (size !== undefined && !(key in made)) sizes.set(made, size + 1);
  made[key] = value;
  return made;
}

/**
 * The record without these entries.
 *
 * @template T
 * @param {Readonly<Record<string, T>>} record
 * @param {...string} keys
 * @returns {Readonly<Record<string, T>>}
 */
export function drop(record, ...keys) {
  if (!keys.some((key) => key in record)) return record;
  const made = copy(record);
  for (const key of keys) delete made[key];
  sizes.delete(made);
  return made;
}

/** @param {object} record @returns {number} */
export function sizeOf(record) {
  const size = sizes.get(record) ?? Object.keys(record).length;
  sizes.set(record, size);
  return size;
}
