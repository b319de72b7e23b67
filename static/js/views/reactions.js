/**
 * Reactions: five small answers to the whole class at once. Nothing is kept of them; the counts of the last ten seconds stand
 * on the stage for everybody.
 */
import { useRef } from "preact/hooks";
import { html } from "../html.js";
import { formatNumber, t } from "../i18n.js";
import { useRoom } from "../state/context.js";
import { Popup } from "./parts/popup.js";
import { IconButton } from "./parts/button.js";
import { reactionsOpen } from "./view.js";

/** @typedef {import("../state/types.js").ReactionKind} ReactionKind */

/** @returns {{ kind: ReactionKind, sign: string, label: string }[]} */
function reactions() {
  return [
    { kind: "clap", sign: "👏", label: t("Clap") },
    { kind: "yes", sign: "👍", label: t("Yes") },
    { kind: "no", sign: "👎", label: t("No") },
    { kind: "slower", sign: "🐢", label: t("Slower, please") },
    { kind: "faster", sign: "🐇", label: t("Faster, please") },
  ];
}

/** The button of the bar with its five choices; stays open, so that one can clap twice. */
export function ReactButton() {
  const room = useRoom();
  const anchor = useRef(/** @type {HTMLElement | null} */ (null));
  const open = reactionsOpen.value;
  const close = () => (reactionsOpen.value = false);
  const give = (/** @type {ReactionKind} */ kind) => () => room.signal("reactions.give", { kind });
  return html`<span ref=${anchor} class="menu-anchor">
      <${IconButton}
        class="bar-button"
        icon="smile"
        label=${t("React")}
        keys="R"
        test="react"
        aria-haspopup="dialog"
        aria-expanded=${String(open)}
        onClick=${() => (reactionsOpen.value = !open)}
      />
    </span>
    ${open &&
    html`<${Popup} anchor=${anchor} side="top" align="center" class="reactions" label=${t("React")} onClose=${close}>
      ${reactions().map(
        ({ kind, sign, label }) => html`<button key=${kind} type="button" class="reaction" data-test=${`react-${kind}`} onClick=${give(kind)}>
          <span class="reaction-sign" aria-hidden="true">${sign}</span>
          <span class="reaction-label">${label}</span>
        </button>`,
      )}
    <//>`}`;
}

/** What the class answers now. For the eyes only: a screen reader would be flooded. */
export function ReactionCounts() {
  const counts = useRoom().reactions.value;
  const given = reactions().filter(({ kind }) => counts[kind] > 0);
  if (given.length === 0) return null;
  return html`<ul class="reaction-counts" aria-label=${t("Reactions now")} data-test="reactions">
    ${given.map(
      ({ kind, sign, label }) => html`<li key=${kind} class="reaction-count">
        <span aria-hidden="true">${sign}</span><span class="out-of-sight">${label}: </span>${formatNumber(counts[kind])}
      </li>`,
    )}
  </ul>`;
}
