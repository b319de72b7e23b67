/** A command behind a button: sent, and when it is refused the reason is said in words. */
import { explain } from "./refusals.js";
import { toast } from "./parts/toast.js";

/**
 * @param {import("../state/context.js").Room} room
 * @param {string} type
 * @param {Record<string, any>} [data]
 * @returns {Promise<boolean>} true when it was accepted
 */
export async function act(room, type, data = {}) {
  const reply = await room.send(type, data);
  if (!reply.ok) toast(explain(reply), { kind: "bad", id: `refused-${reply.code}` });
  return reply.ok;
}
