/**
 * The HTTP API (/openapi.json) as the pages use it: JSON in, JSON out, a refusal instead of an exception.
 */

/** @typedef {{ ok: false, code: string, retry_after?: number, detail?: string }} Problem */
/** @template T @typedef {{ ok: true, data: T } | Problem} Outcome */

/** A page is given up for lost after this long; a far, slow line needs a few seconds for the largest list. */
const PATIENCE_MS = 20_000;

/**
 * Ask the server. Never throws: without a line the code is `offline`.
 *
 * @template T
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @param {{ fetch?: typeof fetch }} [tools] for tests
 * @returns {Promise<Outcome<T>>}
 */
export async function ask(method, path, body, { fetch: call = globalThis.fetch } = {}) {
  /** @type {RequestInit} */
  const request = { method, credentials: "same-origin", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = { ...request.headers, "Content-Type": "application/json" };
  }
  try {
    const response = await call(path, request);
    const text = await response.text();
    const data = text === "" ? null : JSON.parse(text);
    if (response.ok) return { ok: true, data };
    return { ok: false, ...problem(data) };
  } catch {
    return { ok: false, code: "offline" };
  }
}

/**
 * Fetch, or with `body` store, a text that is no JSON (captions). Never throws: without a line the code is `offline`.
 *
 * @param {string} path
 * @param {{ text: string, type: string }} [body]
 * @returns {Promise<Outcome<string>>}
 */
export async function askText(path, body) {
  /** @type {RequestInit} */
  const request = { credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE_MS) };
  if (body) Object.assign(request, { method: "PUT", body: body.text, headers: { "Content-Type": body.type } });
  try {
    const response = await fetch(path, request);
    const text = await response.text();
    if (response.ok) return { ok: true, data: text };
    return { ok: false, ...problem(JSON.parse(text)) };
  } catch {
    return { ok: false, code: "offline" };
  }
}

/** @param {any} data @returns {{ code: string, retry_after?: number, detail?: string }} */
function problem(data) {
  const code = typeof data?.code === "string" ? data.code : "internal";
  return {
    code,
    ...(typeof data?.retry_after === "number" ? { retry_after: data.retry_after } : {}),
    ...(typeof data?.detail === "string" ? { detail: data.detail } : {}),
  };
}

/**
 * Return `path` with `query`, leaving out what is empty.
 *
 * @param {string} path
 * @param {Record<string, string | number | boolean>} query
 */
export function withQuery(path, query) {
  const text = new URLSearchParams(
    Object.entries(query)
      .filter(([, value]) => value !== "" && value !== false)
      .map(([name, value]) => [name, String(value)]),
  ).toString();
  return text === "" ? path : `${path}?${text}`;
}
