/** After a class: the way to what was recorded of it, as soon as it can be watched, and what state it is in until then. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { html } from "../html.js";
import { formatDuration, t } from "../i18n.js";
import { ask } from "../protocol/api.js";
import { recordingList } from "../state/recordings.js";
import { Icon } from "./parts/icon.js";
import { Spinner } from "./parts/spinner.js";

/** @typedef {import("../state/types_home.js").Recorded} Recorded */

/** ms between two looks; a recording is ready seconds after its class. */
const LOOK_MS = 3000;
/** After so many looks (five minutes) it is said that it takes longer, and no longer asked. */
const LOOKS = 100;

/** Whether this person has an account here: a guest has nothing that could be listed. */
function useAccount() {
  const [known, setKnown] = useState(false);
  useEffect(() => {
    /** @type {Promise<import("../protocol/api.js").Outcome<{ person: object | null }>>} */ (ask("GET", "/api/session")).then((outcome) => setKnown(outcome.ok && outcome.data.person !== null));
  }, []);
  return known;
}

/**
 * @param {object} props
 * @param {string} props.classId
 * @param {boolean} props.over the class is; else it goes on without this person
 */
export function RecordingAfter({ classId, over }) {
  const list = useMemo(() => recordingList(`/api/classes/${classId}/recordings`), [classId]);
  const newest = (list.data.value ?? []).filter((one) => one.state !== "failed");
  // Who is not in the class any more has no list of its recordings: there is nothing to ask again for.
  const refused = list.problem.value !== null && list.problem.value.code !== "offline";
  const settled = refused || (list.data.value !== undefined && newest.every((one) => one.state === "ready"));
  const known = useAccount();
  useEffect(() => void (known && list.load()), [list, known]);
  useEffect(() => {
    if (settled || !over || !known) return;
    let left = LOOKS;
    const timer = setInterval(() => (left-- > 0 ? void list.again() : clearInterval(timer)), LOOK_MS);
    return () => clearInterval(timer);
  }, [list, settled, over, known]);
  if (newest.length === 0) return null;
  return html`<div class="after" role="status">
    ${[...newest].sort((a, b) => a.number - b.number).map((one) => html`<${One} key=${one.id} one=${one} over=${over} several=${newest.length > 1} />`)}
  </div>`;
}

/** @param {{ one: Recorded, over: boolean, several: boolean }} props */
function One({ one, over, several }) {
  if (one.state === "recording" && over) return html`<p class="after-wait soft"><${Spinner} /> ${t("The recording is being finished …")}</p>`;
  if (one.state === "finishing") return html`<p class="after-wait soft" data-test="after-wait"><${Spinner} /> ${t("The recording is being prepared. It can be watched in a moment.")}</p>`;
  const name = one.state === "recording" ? t("Watch from the start") : several ? t("Watch the recording, part {n}", { n: one.number }) : t("Watch the recording");
  return html`<a class="button button-plain" href=${`/recording/${one.id}${one.state === "recording" ? "?t=0s" : ""}`} data-test="watch-recording">
    <${Icon} name="play" />${name}${one.state === "ready" && html` <span class="faint">${formatDuration(one.duration)}</span>`}
  </a>`;
}
