/**
 * What an answer tells our encoders, and no more: session descriptions are otherwise left as the server and the browser
 * write them.
 */

/**
 * Opus for speech: one channel, silence costs nothing, one lost packet can be heard past (RFC 7587, 6.1).
 *
 * The same for all m-lines: with BUNDLE Chrome takes one payload type with two parameter sets for a collision.
 */
const OPUS = { stereo: "0", "sprop-stereo": "0", usedtx: "1", useinbandfec: "1" };

/**
 * Chrome begins at 300 kbit/s and shows a blur for the first ten seconds unless it is told to begin higher. This is what the
 * two lower layers of the camera take; a line that cannot carry it is noticed within a second or two.
 */
const START_KBPS = "600";

/**
 * @param {string[]} lines
 * @param {string} payload
 * @param {Record<string, string>} wanted
 */
function addParameters(lines, payload, wanted) {
  const index = lines.findIndex((line) => line.startsWith(`a=fmtp:${payload} `));
  if (index < 0) {
    const place = lines.findIndex((line) => line.startsWith(`a=rtpmap:${payload} `));
    const text = Object.entries(wanted).map(([name, value]) => `${name}=${value}`).join(";");
    lines.splice(place + 1, 0, `a=fmtp:${payload} ${text}`);
    return;
  }
  const line = lines[index] ?? "";
  const known = line.slice(line.indexOf(" ") + 1).split(";").map((part) => part.trim().split("=")[0]);
  const missing = Object.entries(wanted).filter(([name]) => !known.includes(name));
  lines[index] = [line, ...missing.map(([name, value]) => `${name}=${value}`)].join(";");
}

/**
 * Add what the server left open in its answer to our offer. What it says itself stays.
 *
 * @param {string} answer
 * @param {{ chrome: boolean }} browser
 * @returns {string}
 */
export function tuneAnswer(answer, { chrome }) {
  const sections = answer.split(/^(?=m=)/m).map((section) => {
    const lines = section.split("\r\n");
    for (const [, payload = "", codec = ""] of section.matchAll(/^a=rtpmap:(\d+) ([\w-]+)\//gm)) {
      if (codec.toLowerCase() === "opus") addParameters(lines, payload, OPUS);
      else if (chrome && section.startsWith("m=video") && codec === "VP8") {
        addParameters(lines, payload, { "x-google-start-bitrate": START_KBPS });
      }
    }
    return lines.join("\r\n");
  });
  return sections.join("");
}
