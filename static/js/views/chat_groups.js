/**
 * How the chat's messages are laid out: in threads (everybody, or one other person), and within a thread in groups of one
 * sender. Pure, so that the order that people see is tested without a browser.
 */

/** @typedef {import("../state/context.js").Message} Message */
/** @typedef {{ id: string, author: string, at: number, messages: Message[] }} Group */
/** @typedef {{ person: string | null, messages: Message[], last: number }} Thread */

/** Messages of one sender stand together while no more than this lies between them. */
export const GROUP_GAP_MS = 5 * 60_000;

/**
 * Return the other person of a private message, null for a public one.
 *
 * @param {Message} message
 * @param {string} me
 */
export function partner(message, me) {
  if (message.to === null) return null;
  return message.author === me ? message.to : message.author;
}

/**
 * Return the threads: everybody first, then people by their latest message.
 *
 * @param {Readonly<Record<string, Message>>} messages
 * @param {string} me
 * @returns {Thread[]}
 */
export function threads(messages, me) {
  /** @type {Map<string | null, Thread>} */
  const found = new Map([[null, { person: null, messages: [], last: 0 }]]);
  for (const message of Object.values(messages)) {
    const person = partner(message, me);
    let thread = found.get(person);
    if (thread === undefined) found.set(person, (thread = { person, messages: [], last: 0 }));
    thread.messages.push(message);
    thread.last = Math.max(thread.last, message.at);
  }
  const [everybody, ...people] = found.values();
  return [/** @type {Thread} */ (everybody), ...people.sort((a, b) => b.last - a.last)];
}

/**
 * Return the messages of one thread in groups of one sender.
 *
 * @param {readonly Message[]} messages
 * @returns {Group[]}
 */
export function groups(messages) {
  /** @type {Group[]} */
  const found = [];
  for (const message of messages) {
    const last = found.at(-1);
    const previous = last?.messages.at(-1);
    if (last && previous && last.author === message.author && message.at - previous.at <= GROUP_GAP_MS)
      last.messages.push(message);
    else found.push({ id: message.id, author: message.author, at: message.at, messages: [message] });
  }
  return found;
}

/**
 * Return how many messages of others came after `seen` (a message's id; null: nothing was seen).
 *
 * @param {readonly Message[]} messages
 * @param {string | null} seen
 * @param {string} me
 */
export function unread(messages, seen, me) {
  const from = seen === null ? 0 : messages.findIndex((message) => message.id === seen) + 1;
  let count = 0;
  for (let at = from; at < messages.length; at++) {
    const message = messages[at];
    if (message && message.author !== me && message.gone === "") count++;
  }
  return count;
}
