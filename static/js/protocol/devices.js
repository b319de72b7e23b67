/**
 * Cameras, microphones and speakers: which there are, which are chosen, and how to open one.
 */
import { signal } from "@preact/signals-core";

/** @typedef {import("../state/types.js").DeviceKind} DeviceKind */
/** @typedef {import("../state/types.js").DeviceError} DeviceError */
/** @typedef {import("../state/types.js").DeviceChoice} DeviceChoice */
/** @typedef {import("../state/types.js").Devices} DeviceLists */

const STORAGE_KEY = "sabak.devices";
const KINDS = /** @type {Readonly<Record<string, DeviceKind>>} */ ({ audioinput: "microphone", videoinput: "camera", audiooutput: "speaker" });

/** A lecture hall echoes, hums and is not always loud enough: all three processors on. */
const SPEECH = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: { ideal: 1 } };
/** 720 lines divide by 4 into layers that codecs like; 24 frames save a fifth of the bits and nobody misses them. */
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 24, max: 30 } };
/** Slides and code: sharp and few; more than 1920 columns cannot be shown to anybody. */
const SCREEN = { frameRate: { ideal: 10, max: 15 }, width: { max: 1920 }, height: { max: 1200 } };

/**
 * @param {unknown} error what getUserMedia threw
 * @returns {DeviceError}
 */
export function errorOf(error) {
  switch (/** @type {any} */ (error)?.name) {
    case "NotAllowedError":
    case "SecurityError":
    case "PermissionDeniedError": // older Safari
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
    case "DevicesNotFoundError":
      return "missing";
    case "NotReadableError": // another program holds it (Windows)
    case "AbortError":
    case "TrackStartError":
      return "busy";
    default:
      return "failed";
  }
}

export class Devices {
  lists = signal(/** @type {DeviceLists} */ ({ microphone: [], camera: [], speaker: [] }));
  chosen = signal(/** @type {Readonly<Record<DeviceKind, string>>} */ ({ microphone: "", camera: "", speaker: "" }));

  /** @param {Pick<import("./world.js").World, "mediaDevices" | "storage">} world */
  constructor({ mediaDevices, storage }) {
    this.media = mediaDevices;
    this.storage = storage;
    this.chosen.value = { ...this.chosen.value, ...this.#remembered() };
    this.listen = () => void this.refresh();
    this.media?.addEventListener?.("devicechange", this.listen);
  }

  /** Phones have cameras to show, and no screen to share. */
  get canShareScreen() {
    return typeof this.media?.getDisplayMedia === "function";
  }

  /** Ask again what is plugged in. Names come only after access was granted once. */
  async refresh() {
    /** @type {Record<DeviceKind, DeviceChoice[]>} */
    const lists = { microphone: [], camera: [], speaker: [] };
    const found = (await this.media?.enumerateDevices().catch(() => [])) ?? [];
    for (const { kind, deviceId, label } of found) {
      const list = lists[KINDS[kind] ?? "camera"];
      // Chrome lists the default device twice; Safari gives empty ids before access is granted.
      if (deviceId !== "default" && deviceId !== "communications" && !list.some(({ id }) => id === deviceId)) list.push({ id: deviceId, label });
    }
    this.lists.value = lists;
  }

  /** @param {DeviceKind} kind @param {string} id */
  choose(kind, id) {
    this.chosen.value = { ...this.chosen.value, [kind]: id };
    try {
      this.storage?.setItem(STORAGE_KEY, JSON.stringify(this.chosen.value));
    } catch {
      // Storage is full or forbidden: the choice holds for this page.
    }
  }

  /**
   * Open the chosen device, or the default one where the chosen one is not there.
   *
   * @param {"microphone" | "camera"} kind
   * @returns {Promise<MediaStreamTrack>} rejects as getUserMedia does: see `errorOf`
   */
  async open(kind) {
    const id = this.chosen.value[kind];
    try {
      return await this.#open(kind, id);
    } catch (error) {
      // A remembered device that stayed at home is no reason to be without any.
      if (id === "" || errorOf(error) !== "missing") throw error;
      return this.#open(kind, "");
    } finally {
      void this.refresh(); // now the names are known
    }
  }

  /** Let the person choose a screen, window or tab. @returns {Promise<MediaStream>} */
  async openScreen() {
    if (!this.media || !this.canShareScreen) throw new DOMException("no screen capture here", "NotFoundError");
    // Sound of a tab as it is: the processors for speech would ruin music.
    const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    return this.media.getDisplayMedia({ video: SCREEN, audio });
  }

  close() {
    this.media?.removeEventListener?.("devicechange", this.listen);
  }

  /** @param {"microphone" | "camera"} kind @param {string} id */
  async #open(kind, id) {
    if (!this.media) throw new DOMException("this page is not secure", "SecurityError");
    const device = id === "" ? {} : { deviceId: { exact: id } };
    const wanted = kind === "microphone" ? { audio: { ...SPEECH, ...device } } : { video: { ...PICTURE, ...device } };
    const stream = await this.media.getUserMedia(wanted);
    const [track] = stream.getTracks();
    if (!track) throw new DOMException("the browser gave no track", "NotFoundError");
    return track;
  }

  /** @returns {Partial<Record<DeviceKind, string>>} */
  #remembered() {
    try {
      const found = JSON.parse(this.storage?.getItem(STORAGE_KEY) ?? "{}");
      return Object.fromEntries(Object.entries(found).filter(([kind, id]) => kind in this.chosen.value && typeof id === "string"));
    } catch {
      return {};
    }
  }
}
