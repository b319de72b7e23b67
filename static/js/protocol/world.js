/**
 * What media needs of the browser, in one object, so that tests can bring a browser without devices and network.
 */

/** @typedef {"chrome" | "firefox" | "safari"} Engine */

/**
 * @typedef {object} World
 * @property {MediaDevices | undefined} mediaDevices absent on pages that are not secure (http on another host)
 * @property {new (configuration: RTCConfiguration) => RTCPeerConnection} PeerConnection
 * @property {new (tracks: MediaStreamTrack[]) => MediaStream} Stream
 * @property {() => AudioContext} makeAudioContext
 * @property {() => HTMLAudioElement} makeAudio a hidden element that is on the page
 * @property {(kind: "audio" | "video") => readonly RTCRtpCodec[]} codecs that this browser has
 * @property {Engine} engine
 * @property {Pick<Storage, "getItem" | "setItem"> | null} storage
 */

/** @param {string} agent navigator.userAgent @returns {Engine} */
export function engineOf(agent) {
  if (/firefox/i.test(agent)) return "firefox";
  // Every browser of iOS is WebKit, whatever it calls itself; Chrome elsewhere calls itself Safari, too.
  if (/iphone|ipad/i.test(agent) || (/safari/i.test(agent) && !/chrome|chromium|android/i.test(agent))) return "safari";
  return "chrome";
}

/** @returns {Storage | null} */
function localStore() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/** @returns {World} the browser that this page is in */
export function browserWorld() {
  return {
    mediaDevices: navigator.mediaDevices,
    PeerConnection: RTCPeerConnection,
    Stream: MediaStream,
    makeAudioContext: () => new AudioContext(),
    makeAudio: () => {
      const audio = document.createElement("audio");
      audio.hidden = true;
      audio.autoplay = true;
      document.body.append(audio);
      return audio;
    },
    codecs: (kind) => RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [],
    engine: engineOf(navigator.userAgent),
    storage: localStore(),
  };
}
