/**
 * Notices that a connection goes another way: a pulled cable, a Wi-Fi that was left for another.
 *
 * Browsers that have two networks at once change over by themselves and tell nobody but the transport of ICE; the line to
 * the server, which is TCP and stuck in the old network, would find out after half a minute.
 */

/** A way that was in use for less than this (ms) was one of several that were tried at the beginning. */
const SETTLED = 3000;

/**
 * @param {RTCPeerConnection} pc whose descriptions are set
 * @param {import("./environment.js").Environment} environment
 * @param {() => void} moved our own address is another one
 */
export function watchRoute(pc, environment, moved) {
  const ice = transportOf(pc);
  // Firefox has no such event: there a broken way is noticed by its silence alone.
  if (!ice || !("onselectedcandidatepairchange" in ice)) return;
  let address = addressOf(ice);
  let since = environment.now();
  ice.onselectedcandidatepairchange = () => {
    const now = addressOf(ice);
    if (now === address || now === "") return;
    const settled = address !== "" && environment.now() - since >= SETTLED;
    address = now;
    since = environment.now();
    if (settled) moved();
  };
}

/** The one transport of a bundle. @param {RTCPeerConnection} pc @returns {RTCIceTransport | undefined} */
function transportOf(pc) {
  for (const { sender, receiver } of pc.getTransceivers()) {
    const dtls = sender.transport ?? receiver.transport;
    if (dtls) return dtls.iceTransport;
  }
  return undefined;
}

/** @param {RTCIceTransport} ice */
const addressOf = (ice) => ice.getSelectedCandidatePair?.()?.local?.address ?? "";
