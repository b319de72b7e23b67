/** Microphone, camera and speaker: the menus to choose them, the moving level, the test tone. Before joining and in the settings. */
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { Button } from "./parts/button.js";
import { SelectField } from "./parts/field.js";
import { Icon } from "./parts/icon.js";
import { play } from "./tone.js";

/** @typedef {import("../state/context.js").MediaClient} MediaClient */
/** @typedef {import("../state/context.js").DeviceKind} DeviceKind */

/** @param {{ media: MediaClient }} props */
export function DeviceMenus({ media }) {
  useEffect(() => void media.refreshDevices(), [media]);
  return html`<div class="device-menus">
    <${DeviceMenu} media=${media} kind="camera" label=${t("Camera")} />
    <div class="device-with-test">
      <${DeviceMenu} media=${media} kind="microphone" label=${t("Microphone")} />
      <${LevelMeter} media=${media} />
    </div>
    <div class="device-with-test">
      ${media.canChooseSpeaker && html`<${DeviceMenu} media=${media} kind="speaker" label=${t("Speaker")} />`}
      <${SpeakerTest} media=${media} />
    </div>
  </div>`;
}

/** @param {{ media: MediaClient, kind: DeviceKind, label: string }} props */
function DeviceMenu({ media, kind, label }) {
  const found = media.devices.value[kind];
  const named = found.map((device, index) => ({ value: device.id, label: device.label || t("{device} {n}", { device: label, n: index + 1 }) }));
  const options = named.length ? named : [{ value: "", label: kind === "speaker" ? t("As the system") : t("None found") }];
  const known = options.some((option) => option.value === media.chosen.value[kind]);
  const choose = (/** @type {string} */ id) => void media.choose(kind, id);
  return html`<${SelectField}
    label=${label}
    value=${known ? media.chosen.value[kind] : (options[0]?.value ?? "")}
    options=${options}
    disabled=${named.length === 0}
    onChange=${choose}
  />`;
}

/** How loud the own microphone is: a bar of cells that fill, so that it moves for the colour-blind too. */
const CELLS = 12;

/** @param {{ media: MediaClient }} props */
export function LevelMeter({ media }) {
  const { on } = media.microphone.value;
  // Speech seldom passes a half of full scale: the root spreads quiet voices over the cells.
  const filled = on ? Math.round(Math.sqrt(Math.min(1, media.level.value * 1.4)) * CELLS) : 0;
  return html`<div class="meter" role="img" aria-label=${on ? t("Level of the microphone") : t("The microphone is off")}>
    <${Icon} name=${on ? "mic" : "mic-off"} size=${16} />
    ${Array.from({ length: CELLS }, (_, index) => html`<span key=${index} class=${`meter-cell ${index < filled ? "meter-full" : ""}`}></span>`)}
  </div>`;
}

/** @param {{ media: MediaClient }} props */
function SpeakerTest({ media }) {
  const [playing, setPlaying] = useState(false);
  const test = async () => {
    setPlaying(true);
    await play("test", media.chosen.value.speaker);
    setPlaying(false);
  };
  return html`<${Button} kind="quiet" icon="volume-2" busy=${playing} test="speaker-test" onClick=${test}>
    ${playing ? t("Do you hear it?") : t("Play a test sound")}
  <//>`;
}
