/**
 * The leg that sends: one connection with four m-lines, offered once; what is sent is changed by `replaceTrack`.
 */
import { Leg } from "./leg.js";
import { watchRoute } from "./route.js";
import { tuneAnswer } from "./sdp.js";

/** @typedef {import("../state/types.js").Kind} Kind */
/** @typedef {import("./world.js").World} World */

/**
 * Simulcast, from the smallest layer up: browsers give bandwidth to the layers in the order of the list. The rates are what
 * VP8 needs for a talking head at these sizes (180, 360, 720 lines); a screen needs sharpness and few frames. Its pictures all
 * build on one another (L1T1): with the temporal layers that Chromium makes by itself, text is sharp after 7 s instead of 3.
 *
 * @type {Readonly<Record<"camera" | "screen", readonly Readonly<RTCRtpEncodingParameters & { scalabilityMode?: string }>[]>>}
 */
export const LAYERS = {
  camera: [
    { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
    { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 450_000 },
    { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
  ],
  screen: [
    { rid: "q", scaleResolutionDownBy: 2, maxBitrate: 300_000, scalabilityMode: "L1T1" },
    { rid: "h", scaleResolutionDownBy: 1, maxBitrate: 2_000_000, scalabilityMode: "L1T1" },
  ],
};

/** Speech at 32 kbit/s is as good as it gets; the sound of a film in a lecture is worth more. */
const AUDIO_BITRATES = { microphone: 32_000, screen_audio: 64_000 };

/** The order of the m-lines. Sound comes first: its connection is the one that all others share. @type {readonly Kind[]} */
const KINDS = ["microphone", "camera", "screen", "screen_audio"];

/** What the encoder should care for: faces should move, text should be sharp. @type {Partial<Record<Kind, string>>} */
const HINTS = { microphone: "speech", camera: "motion", screen: "detail", screen_audio: "music" };

export class Publisher {
  /** @type {RTCPeerConnection | null} */
  pc = null;
  /** @type {Partial<Record<Kind, RTCRtpTransceiver>>} */
  #lines = {};
  /** @type {Partial<Record<Kind, MediaStreamTrack | null>>} */
  #tracks = {};
  /** Layers that somebody looks at; absent: all. @type {Partial<Record<Kind, readonly string[]>>} */
  #wanted = {};

  /**
   * @param {object} parts
   * @param {World} parts.world
   * @param {import("./environment.js").Environment} parts.environment
   * @param {RTCIceServer[]} parts.iceServers
   * @param {(message: Record<string, any>) => Promise<any>} parts.request
   * @param {() => void} parts.doubted see Leg
   * @param {() => void} parts.moved the connection goes by another network now
   */
  constructor({ world, environment, iceServers, request, doubted, moved }) {
    this.world = world;
    this.environment = environment;
    this.moved = moved;
    this.iceServers = iceServers;
    this.request = request;
    this.leg = new Leg(environment, (afresh) => this.#negotiate(afresh), doubted);
  }

  /** Make sure that there is a connection, or that one is being made. */
  start() {
    if (this.leg.state.value === "idle") void this.leg.renew(true);
  }

  /**
   * Send this from now on, or nothing of this kind.
   *
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   */
  async setTrack(kind, track) {
    this.#tracks[kind] = track;
    if (track && "contentHint" in track) track.contentHint = HINTS[kind] ?? "";
    await this.#lines[kind]?.sender.replaceTrack(track).catch(() => {}); // the connection was closed meanwhile
    await this.#applyLayers(kind);
  }

  /** Only these layers are looked at; the others need not be encoded. @param {Kind} kind @param {readonly string[]} rids */
  async setLayers(kind, rids) {
    this.#wanted[kind] = rids;
    await this.#applyLayers(kind);
  }

  close() {
    this.leg.stop();
    this.pc?.close();
    this.pc = null;
    this.#lines = {};
    this.#wanted = {};
  }

  /** @param {boolean} afresh @returns {Promise<{ ok: true } | { ok: false, code: string }>} */
  async #negotiate(afresh) {
    const restart = this.pc !== null && !afresh;
    const pc = restart && this.pc ? this.pc : this.#make();
    await pc.setLocalDescription(await pc.createOffer({ iceRestart: restart }));
    /** @type {Record<string, Kind>} */
    const kinds = {};
    for (const kind of KINDS) {
      const mid = this.#lines[kind]?.mid;
      if (mid) kinds[mid] = kind;
    }
    // Our candidates are not waited for: the server is ICE-lite and learns them from our checks.
    const reply = await this.request({ op: "publish", offer: pc.localDescription?.sdp ?? "", kinds });
    if (pc !== this.pc) return { ok: true };
    if (!reply.ok) {
      if (pc.signalingState === "have-local-offer") await pc.setLocalDescription({ type: "rollback" });
      return reply;
    }
    await pc.setRemoteDescription({ type: "answer", sdp: tuneAnswer(reply.answer, { chrome: this.world.engine === "chrome" }) });
    watchRoute(pc, this.environment, this.moved);
    await this.#dress();
    return { ok: true };
  }

  #make() {
    this.pc?.close();
    this.#wanted = {};
    const pc = new this.world.PeerConnection({ iceServers: this.iceServers, bundlePolicy: "max-bundle" });
    this.pc = pc;
    pc.onconnectionstatechange = () => {
      if (pc === this.pc) this.leg.changed(pc.connectionState);
    };
    for (const kind of KINDS) this.#lines[kind] = this.#line(pc, kind);
    return pc;
  }

  /** @param {RTCPeerConnection} pc @param {Kind} kind */
  #line(pc, kind) {
    const track = this.#tracks[kind] ?? null;
    if (kind === "microphone" || kind === "screen_audio") {
      return pc.addTransceiver(track ?? "audio", { direction: "sendonly", sendEncodings: [{ maxBitrate: AUDIO_BITRATES[kind] }] });
    }
    // Firefox before 110 offers rids only for an m-line that has a picture, and would send one layer of what comes later. A
    // stand-in for the picture costs today's Firefox more than that is worth: it goes on encoding and padding the stand-in.
    const sendEncodings = LAYERS[kind].map((layer) => ({ ...layer }));
    const line = pc.addTransceiver(track ?? "video", { direction: "sendonly", sendEncodings });
    this.#preferVp8(line);
    return line;
  }

  /**
   * VP8 first: every browser encodes it in layers, and a forwarded H.264 needs a profile that all viewers share.
   *
   * @param {RTCRtpTransceiver} line
   */
  #preferVp8(line) {
    const codecs = this.world.codecs("video");
    const first = codecs.filter(({ mimeType }) => mimeType.toLowerCase() === "video/vp8");
    if (first.length === 0 || !line.setCodecPreferences) return; // Firefox before 128 has no such call, and prefers VP8 anyway
    line.setCodecPreferences([...first, ...codecs.filter((codec) => !first.includes(codec))]);
  }

  /** After the negotiation of a new connection: the tracks that were switched meanwhile, and the layers. */
  async #dress() {
    for (const kind of KINDS) {
      const sender = this.#lines[kind]?.sender;
      const track = this.#tracks[kind] ?? null;
      if (sender && sender.track !== track) await sender.replaceTrack(track);
      await this.#applyLayers(kind);
    }
  }

  /**
   * Without a picture every layer is off: Firefox repeats the last one once a second and pads it up to the rate of them all.
   *
   * @param {Kind} kind
   */
  async #applyLayers(kind) {
    const sender = this.#lines[kind]?.sender;
    if (!sender || (kind !== "camera" && kind !== "screen")) return;
    const wanted = this.#tracks[kind] ? this.#wanted[kind] : [];
    const parameters = sender.getParameters();
    if (!parameters.encodings?.length) return; // not negotiated yet: #dress comes back to it
    for (const encoding of parameters.encodings) encoding.active = wanted?.includes(encoding.rid ?? "") ?? true;
    // A second change before the first is through makes the browser refuse the first: the second wins, as it should.
    await sender.setParameters(parameters).catch(() => {});
  }
}
