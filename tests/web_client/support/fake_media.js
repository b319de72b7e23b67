/** A media client for looking at pages: no device, no connection; pictures are drawn on canvases. */
import { signal } from "@preact/signals-core";

/** @typedef {import("../../../static/js/state/types.js").MediaClient} MediaClient */

/** A moving stream with a head and shoulders, or a slide. */
export function drawnStream(/** @type {string} */ seed, /** @type {"camera" | "screen"} */ kind) {
  const canvas = document.createElement("canvas");
  canvas.width = 1280;
  canvas.height = kind === "screen" ? 800 : 720;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  let time = 0;
  const draw = () => {
    time += 1;
    if (kind === "screen") slide(context, time);
    else face(context, [...seed].reduce((sum, letter) => sum + letter.charCodeAt(0) * 37, 0) % 360, time);
  };
  draw();
  setInterval(draw, 200);
  return canvas.captureStream(5);
}

function face(/** @type {CanvasRenderingContext2D} */ on, /** @type {number} */ hue, /** @type {number} */ time) {
  const light = on.createLinearGradient(0, 0, 1280, 720);
  light.addColorStop(0, `hsl(${hue} 30% 62%)`);
  light.addColorStop(1, `hsl(${hue} 28% 34%)`);
  on.fillStyle = light;
  on.fillRect(0, 0, 1280, 720);
  const sway = Math.sin(time / 5) * 12;
  on.fillStyle = `hsl(${hue + 180} 25% 30%)`;
  on.beginPath();
  on.ellipse(640 + sway / 2, 780, 330, 320, 0, 0, 7);
  on.fill();
  on.fillStyle = "#d9a37c";
  on.beginPath();
  on.ellipse(640 + sway, 330, 125, 160, 0, 0, 7);
  on.fill();
  on.fillStyle = "#2b1d16";
  on.beginPath();
  on.ellipse(640 + sway, 240, 140, 100, 0, 3.1, 6.4);
  on.fill();
}

function slide(/** @type {CanvasRenderingContext2D} */ on, /** @type {number} */ time) {
  on.fillStyle = "#fff";
  on.fillRect(0, 0, 1280, 800);
  on.fillStyle = "#23395b";
  on.fillRect(0, 0, 1280, 110);
  on.fillStyle = "#fff";
  on.font = "600 52px sans-serif";
  on.fillText("Сызыктуу теңдемелер системасы", 60, 75);
  on.fillStyle = "#222";
  on.font = "42px sans-serif";
  ["2x + 3y = 12", "x − y = 1", "Крамердин эрежеси: Δ = a₁b₂ − a₂b₁", "Δ ≠ 0 болсо, бир гана чечими бар"].forEach((line, index) => on.fillText(line, 110, 230 + index * 95));
  on.fillStyle = "#c0392b";
  on.beginPath();
  on.arc(80, 215 + (time % 4) * 95, 9, 0, 7);
  on.fill();
}

/**
 * @param {{ error?: import("../../../static/js/state/types.js").DeviceError, silent?: boolean }} [options]
 * @returns {MediaClient & { streams: import("@preact/signals-core").Signal<Map<string, MediaStream>> }}
 */
export function fakeMedia({ error = "", silent = false } = {}) {
  const device = () => signal({ on: false, busy: false, error: /** @type {typeof error} */ ("") });
  const microphone = device();
  const camera = device();
  const screen = device();
  const local = signal({ camera: /** @type {MediaStream | null} */ (null), screen: /** @type {MediaStream | null} */ (null) });
  const level = signal(0);
  const mode = signal(/** @type {import("../../../static/js/state/types.js").Mode} */ ("everything"));
  const hush = signal(silent);
  const chosen = signal({ microphone: "m1", camera: "c1", speaker: "s1" });
  setInterval(() => (level.value = microphone.value.on ? Math.random() * 0.5 : 0), 150);
  const put = (/** @type {typeof microphone} */ which, /** @type {boolean} */ on) => {
    which.value = { on: on && error === "", busy: false, error: on ? error : "" };
  };
  return {
    microphone, camera, screen, local, level, mode, chosen, silent: hush,
    devices: signal({
      microphone: [{ id: "m1", label: "Built-in microphone" }, { id: "m2", label: "Jabra Evolve 40" }],
      camera: [{ id: "c1", label: "Integrated Camera (04f2:b5ce)" }],
      speaker: [{ id: "s1", label: "Headphones" }],
    }),
    streams: signal(new Map()),
    state: signal("connected"),
    stats: signal({ up: { bitrate: 320_000, loss: 0.004, rtt: 48 }, down: { bitrate: 1_240_000, loss: 0.011, rtt: 52 }, path: /** @type {"udp"} */ ("udp"), limited: /** @type {""} */ ("") }),
    canShareScreen: matchMedia("(min-width: 820px)").matches,
    canChooseSpeaker: true,
    setMicrophone: async (on) => put(microphone, on),
    setCamera: async (on) => {
      put(camera, on);
      local.value = { ...local.value, camera: camera.value.on ? drawnStream("me", "camera") : null };
    },
    setScreen: async (on) => put(screen, on),
    choose: async (kind, id) => void (chosen.value = { ...chosen.value, [kind]: id }),
    setMode: (to) => (mode.value = to),
    wish: (track, want) => console.debug("wish", track, want),
    refreshDevices: async () => {},
    playSound: async () => void (hush.value = false),
    start: () => {},
    stop: async () => {},
  };
}
