/** A browser without devices and network: peer connections that do as they are told, tracks that can be pulled out. */

/** @typedef {import("../../../static/js/protocol/world.js").World} World */

let serial = 0;

export class FakeTrack {
  enabled = true;
  /** @type {"live" | "ended"} */
  readyState = "live";
  contentHint = "";
  /** @type {(() => void) | null} */
  onended = null;

  /** @param {"audio" | "video"} kind @param {string} [deviceId] */
  constructor(kind, deviceId = "") {
    this.kind = kind;
    this.deviceId = deviceId;
    this.id = `track-${(serial += 1)}`;
  }

  stop() {
    this.readyState = "ended";
  }

  /** The device goes away. */
  pull() {
    this.readyState = "ended";
    this.onended?.();
  }
}

export class FakeStream {
  /** @param {FakeTrack[]} tracks */
  constructor(tracks) {
    this.tracks = tracks;
  }
  getTracks() {
    return this.tracks;
  }
  getAudioTracks() {
    return this.tracks.filter(({ kind }) => kind === "audio");
  }
  getVideoTracks() {
    return this.tracks.filter(({ kind }) => kind === "video");
  }
}

export class FakeSender {
  /** @param {FakeTrack | null} track @param {any[]} encodings */
  constructor(track, encodings) {
    this.track = track;
    this.encodings = encodings.map((encoding) => ({ active: true, ...encoding }));
  }
  async replaceTrack(/** @type {FakeTrack | null} */ track) {
    this.track = track;
  }
  getParameters() {
    return { encodings: this.encodings.map((encoding) => ({ ...encoding })) };
  }
  async setParameters(/** @type {{ encodings: any[] }} */ { encodings }) {
    this.encodings = encodings;
  }
}

export class FakePeerConnection {
  /** @type {FakePeerConnection[]} */
  static made = [];
  connectionState = "new";
  signalingState = "stable";
  /** @type {{ type: string, sdp: string } | null} */
  localDescription = null;
  /** @type {{ type: string, sdp: string } | null} */
  remoteDescription = null;
  /** @type {(() => void) | null} */
  onconnectionstatechange = null;
  /** @type {any[]} */
  transceivers = [];
  /** @type {any[]} */
  offers = [];
  closed = false;
  /** @type {Map<string, any>} */
  stats = new Map();

  /** @param {any} configuration */
  constructor(configuration) {
    this.configuration = configuration;
    FakePeerConnection.made.push(this);
  }

  /** @param {FakeTrack | string} what @param {any} init */
  addTransceiver(what, init) {
    const kind = typeof what === "string" ? what : what.kind;
    const line = {
      receiver: {},
      mid: /** @type {string | null} */ (null),
      kind,
      direction: init.direction,
      codecs: /** @type {any[]} */ ([]),
      sender: new FakeSender(typeof what === "string" ? null : what, init.sendEncodings ?? []),
      setCodecPreferences(/** @type {any[]} */ codecs) {
        this.codecs = codecs;
      },
    };
    this.transceivers.push(line);
    return line;
  }

  getTransceivers() {
    return this.transceivers;
  }

  async createOffer(/** @type {any} */ options) {
    this.offers.push(options);
    return { type: "offer", sdp: `offer ${this.offers.length}` };
  }

  async createAnswer() {
    return { type: "answer", sdp: `answer to ${this.remoteDescription?.sdp}` };
  }

  async setLocalDescription(/** @type {{ type: string, sdp: string }} */ description) {
    if (description.type === "rollback") {
      this.signalingState = "stable";
      return;
    }
    this.localDescription = description;
    this.signalingState = description.type === "offer" ? "have-local-offer" : "stable";
    this.transceivers.forEach((line, index) => (line.mid ??= String(index)));
  }

  async setRemoteDescription(/** @type {{ type: string, sdp: string }} */ description) {
    if (description.sdp === "unreadable") throw new TypeError("unreadable");
    this.remoteDescription = description;
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
    // A server's offer in these tests is its m-lines: "audio video audio video".
    if (description.type === "offer") {
      for (const kind of description.sdp.split(" ").slice(this.transceivers.length)) {
        const receiver = { track: new FakeTrack(/** @type {any} */ (kind)) };
        this.transceivers.push({ mid: String(this.transceivers.length), sender: {}, receiver });
      }
    }
  }

  async getStats() {
    return this.stats;
  }

  close() {
    this.closed = true;
  }

  /** The network decides. @param {string} state */
  become(state) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

export class FakeAudio {
  /** @type {FakeAudio[]} */
  static made = [];
  static refuses = "";
  srcObject = null;
  played = 0;
  sink = "";
  removed = false;
  constructor() {
    FakeAudio.made.push(this);
  }
  async play() {
    this.played += 1;
    if (FakeAudio.refuses) throw Object.assign(new Error("refused"), { name: FakeAudio.refuses });
  }
  async setSinkId(/** @type {string} */ id) {
    if (id === "gone") throw new Error("no such device");
    this.sink = id;
  }
  remove() {
    this.removed = true;
  }
}

export class FakeMediaDevices extends EventTarget {
  /** @type {any[]} */
  asked = [];
  /** What the next calls do: a name of an error, or "" for a track. @type {string[]} */
  plan = [];
  /** @type {{ kind: string, deviceId: string, label: string }[]} */
  list = [];
  /** Microphones and cameras that are plugged in besides the default one. */
  present = new Set([""]);
  screenSound = false;

  async getUserMedia(/** @type {any} */ constraints) {
    this.asked.push(constraints);
    this.#fail();
    const kind = constraints.audio ? "audio" : "video";
    const id = constraints[kind].deviceId?.exact ?? "";
    if (!this.present.has(id)) throw new DOMException("", "OverconstrainedError");
    return new FakeStream([new FakeTrack(kind, id)]);
  }

  async getDisplayMedia(/** @type {any} */ constraints) {
    this.asked.push(constraints);
    this.#fail();
    return new FakeStream(this.screenSound ? [new FakeTrack("video"), new FakeTrack("audio")] : [new FakeTrack("video")]);
  }

  async enumerateDevices() {
    return this.list;
  }

  #fail() {
    const name = this.plan.shift();
    if (name) throw new DOMException("", name);
  }
}

class FakeAudioContext {
  async resume() {}
  async close() {}
  createAnalyser() {
    return { fftSize: 2048, getFloatTimeDomainData: (/** @type {Float32Array} */ samples) => samples.fill(0.1) };
  }
  createMediaStreamSource() {
    return { connect() {}, disconnect() {} };
  }
}

/**
 * @param {import("../../../static/js/protocol/world.js").Engine} [engine]
 * @returns {{ world: World, devices: FakeMediaDevices, kept: Map<string, string> }}
 */
export function fakeBrowser(engine = "chrome") {
  FakePeerConnection.made = [];
  FakeAudio.made = [];
  FakeAudio.refuses = "";
  const devices = new FakeMediaDevices();
  /** @type {Map<string, string>} */
  const kept = new Map();
  const world = {
    mediaDevices: devices,
    PeerConnection: FakePeerConnection,
    Stream: FakeStream,
    makeAudioContext: () => new FakeAudioContext(),
    makeAudio: () => new FakeAudio(),
    codecs: () => [{ mimeType: "video/H264" }, { mimeType: "video/VP8" }, { mimeType: "video/rtx" }],
    engine,
    storage: { getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ value) => void kept.set(key, value) },
  };
  return { world: /** @type {World} */ (/** @type {unknown} */ (world)), devices, kept };
}
