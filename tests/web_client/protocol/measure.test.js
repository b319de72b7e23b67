/** What is computed from sounds, counters and descriptions: pure arithmetic, and the loops around it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loudness, Meter } from "../../../static/js/protocol/meter.js";
import { tuneAnswer } from "../../../static/js/protocol/sdp.js";
import { between, Stats, totals } from "../../../static/js/protocol/stats.js";
import { engineOf } from "../../../static/js/protocol/world.js";
import { FakePeerConnection, FakeTrack, fakeBrowser } from "../support/fake_browser.js";
import { ManualWorld } from "../support/manual_world.js";

describe("an answer", () => {
  const sdp = (/** @type {string[]} */ ...lines) => lines.map((line) => `${line}\r\n`).join("");
  const audio = ["m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=rtpmap:111 opus/48000/2"];

  test("gets the parameters of speech where the server left them open", () => {
    assert.equal(
      tuneAnswer(sdp("v=0", ...audio, "a=fmtp:111 minptime=10; usedtx=0", "a=mid:0"), { chrome: false }),
      sdp("v=0", ...audio, "a=fmtp:111 minptime=10; usedtx=0;stereo=0;sprop-stereo=0;useinbandfec=1", "a=mid:0"),
    );
    assert.equal(
      tuneAnswer(sdp("v=0", ...audio, "a=mid:0"), { chrome: false }),
      sdp("v=0", ...audio, "a=fmtp:111 stereo=0;sprop-stereo=0;usedtx=1;useinbandfec=1", "a=mid:0"),
    );
  });
  test("tells Chrome, and only Chrome, where to begin", () => {
    const video = sdp("v=0", "m=video 9 UDP/TLS/RTP/SAVPF 96 97", "a=rtpmap:96 VP8/90000", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96");
    assert.equal(tuneAnswer(video, { chrome: false }), video);
    assert.match(tuneAnswer(video, { chrome: true }), /a=rtpmap:96 VP8\/90000\r\na=fmtp:96 x-google-start-bitrate=600\r\na=rtpmap:97/);
    assert.equal(tuneAnswer(tuneAnswer(video, { chrome: true }), { chrome: true }), tuneAnswer(video, { chrome: true }));
  });
});

describe("the line's figures", () => {
  const sent = (/** @type {number} */ bytesSent) => ({ type: "outbound-rtp", bytesSent, headerBytesSent: 100, packetsSent: 10 });
  test("sum what all streams sent and received", () => {
    const report = [
      sent(1000),
      sent(500),
      { type: "remote-inbound-rtp", fractionLost: 0.02 },
      { type: "remote-inbound-rtp", fractionLost: 0.1 },
      { type: "inbound-rtp", bytesReceived: 7, packetsReceived: 90, packetsLost: 10 },
      { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 },
      { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.0421 },
      { type: "outbound-rtp" },
    ];
    assert.deepEqual(totals(report, "up"), { bytes: 1700, packets: 20, lost: 0, fraction: 0.1, rtt: 42, path: "", limited: "" });
    assert.deepEqual(totals(report, "down"), { bytes: 7, packets: 90, lost: 10, fraction: 0, rtt: 42, path: "", limited: "" });
    assert.deepEqual(totals([], "down").rtt, null);
  });
  test("tell what the line goes over", () => {
    const over = (/** @type {object} */ local) =>
      totals([{ type: "local-candidate", id: "c", ...local }, { type: "candidate-pair", nominated: true, localCandidateId: "c", currentRoundTripTime: 0 }], "down").path;
    assert.equal(over({ candidateType: "host", protocol: "udp" }), "udp");
    assert.equal(over({ candidateType: "prflx", protocol: "tcp" }), "tcp");
    assert.equal(over({ candidateType: "relay", protocol: "udp" }), "relay");
    assert.equal(over({}), "");
  });
  test("tell what keeps the own pictures small; a busy device before a slow line, and nothing that is off", () => {
    const by = (/** @type {[string, boolean?][]} */ ...reasons) =>
      totals(reasons.map(([qualityLimitationReason, active]) => ({ type: "outbound-rtp", qualityLimitationReason, active })), "up").limited;
    assert.equal(by(["none"], ["bandwidth"]), "bandwidth");
    assert.equal(by(["bandwidth"], ["cpu"], ["bandwidth"]), "cpu");
    assert.equal(by(["cpu", false], ["none", true], ["other"]), "");
  });
  test("are differences, which are never negative", () => {
    const before = { bytes: 1000, packets: 100, lost: 5, fraction: 0, rtt: 1, path: /** @type {"udp"} */ ("udp"), limited: /** @type {""} */ ("") };
    assert.deepEqual(between(before, { ...before, bytes: 3000, packets: 190, lost: 15, rtt: 7 }, 2000), { bitrate: 8000, loss: 0.1, rtt: 7 });
    assert.deepEqual(between(before, { ...before, bytes: 0, packets: 0, lost: 0, fraction: 0.3, rtt: null }, 2000), { bitrate: 0, loss: 0.3, rtt: null });
  });
  test("come every two seconds until stopped, over closed connections too", async () => {
    const world = new ManualWorld();
    const up = new FakePeerConnection({});
    const down = Object.assign(new FakePeerConnection({}), { getStats: async () => assert.fail("closed") });
    const stats = new Stats(world.environment, () => /** @type {any} */ ({ up, down }));
    stats.start();
    stats.start();
    up.stats.set("a", sent(0));
    await world.pass(2000);
    assert.equal(stats.latest.peek(), null); // one look is no difference
    up.stats.set("a", sent(2000));
    await world.pass(2000);
    const found = stats.latest.value;
    assert.deepEqual([found?.up.bitrate, found?.down.bitrate], [8000, 0]);
    up.stats.set("a", { ...sent(3000), qualityLimitationReason: "bandwidth" });
    const limits = [];
    for (let look = 0; look < 3; look += 1) {
      await world.pass(2000);
      limits.push(stats.latest.value?.limited);
    }
    assert.deepEqual(limits, ["", "", "bandwidth"], "believed when it lasts");
    stats.stop();
    await world.pass(10_000);
    assert.deepEqual([stats.latest.value, world.waiting], [null, 0]);
  });
});

describe("the meter", () => {
  test("shows loudness in equal steps for equal ratios", () => {
    const level = (/** @type {number} */ value) => Math.round(100 * loudness(new Float32Array(100).fill(value)));
    assert.deepEqual([0, 0.001, 0.01, 0.1, 1].map(level), [0, 0, 35, 81, 100]);
    assert.equal(loudness(new Float32Array(0)), 0);
  });
  test("moves while it is on, and is quiet afterwards", async () => {
    const world = new ManualWorld();
    const meter = new Meter(fakeBrowser().world, world.environment.timers);
    meter.start(/** @type {any} */ (new FakeTrack("audio")));
    await world.pass(1000);
    assert.ok(meter.level.value > 0.8);
    meter.close();
    assert.deepEqual([meter.level.value, world.waiting], [0, 0]);
  });
  test("does without where the browser gives no context", () => {
    const refusing = { ...fakeBrowser().world, makeAudioContext: () => assert.fail("too many contexts") };
    const meter = new Meter(refusing, new ManualWorld().environment.timers);
    meter.start(/** @type {any} */ (new FakeTrack("audio")));
    assert.equal(meter.level.value, 0);
    meter.close();
  });
});

test("browsers are told apart by what they are made of", () => {
  const agents = {
    chrome: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    firefox: "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
    safari: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
  };
  for (const [engine, agent] of Object.entries(agents)) assert.equal(engineOf(agent), engine);
  assert.equal(engineOf("Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 CriOS/156 Mobile Safari/604.1"), "safari");
  assert.equal(engineOf("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36"), "chrome");
});
