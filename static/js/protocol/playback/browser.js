/**
 * What the player needs of the browser, in one place; tests bring their own.
 */

/** @type {import("./types.js").PlayerEnvironment} */
export const BROWSER = {
  now: () => performance.now(),
  timers: { set: (run, ms) => setTimeout(run, ms), clear: (handle) => clearTimeout(/** @type {any} */ (handle)) },
  random: () => Math.random(),
};

/** @param {string} recording @returns {import("./types.js").Load} */
export function serverLoad(recording) {
  return (path, init) => fetch(`/api/recordings/${encodeURIComponent(recording)}/${path}`, { ...init, credentials: "same-origin" });
}

/** @returns {HTMLAudioElement} */
export function hiddenAudio() {
  const audio = document.createElement("audio");
  audio.hidden = true;
  document.body.append(audio);
  return audio;
}

/** @returns {Pick<Storage, "getItem" | "setItem"> | null} */
export function sessionStore() {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}
