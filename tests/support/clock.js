// A camera that shows the time and a microphone that beeps on the second, both by this page's clock. It takes the
// place of real devices; tests/support/clock.py reads what becomes of them.
//
// The picture: a band of 24 squares, the highest bit first, that spell the milliseconds since 1970 divided by
// 20, and below each its opposite, so that a picture that was cut or mixed is not taken for a time. The sound: 60 ms of a
// tone whose height tells the second: 500 Hz and 100 Hz more for each second modulo 16.
(() => {
  const CELLS = 24, STEP = 20, TONE = 0.06;

  function camera({ width, height, rate }) {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const pen = canvas.getContext("2d", { alpha: false });
    const cell = width / CELLS, tall = Math.round(height / 6);
    let pictures = 0;
    const draw = () => {
      const now = Date.now(), time = Math.floor(now / STEP) % 2 ** CELLS;
      pen.fillStyle = `hsl(${(now / 40) % 360} 60% 45%)`;
      pen.fillRect(0, tall * 2, width, height - tall * 2);
      pen.fillStyle = "#fff";
      pen.font = `600 ${tall}px sans-serif`;
      pen.fillText(new Date(now).toISOString().slice(11, 22), 12, tall * 3.5);
      pen.fillText(String((pictures += 1)), 12, tall * 5);
      for (let place = 0; place < CELLS; place++) {
        const bit = (time / 2 ** (CELLS - 1 - place)) & 1;
        pen.fillStyle = bit ? "#fff" : "#000";
        pen.fillRect(place * cell, 0, cell, tall);
        pen.fillStyle = bit ? "#000" : "#fff";
        pen.fillRect(place * cell, tall, cell, tall);
      }
    };
    draw();
    setInterval(draw, 1000 / rate);
    return canvas.captureStream(rate).getVideoTracks()[0];
  }

  function microphone() {
    const context = new AudioContext({ sampleRate: 48000, latencyHint: "interactive" });
    const out = context.createMediaStreamDestination();
    const volume = context.createGain(), tone = context.createOscillator();
    volume.gain.value = 0;
    tone.connect(volume).connect(out);
    tone.start();
    let planned = Math.ceil(Date.now() / 1000);
    // The sound's clock moves in steps; the earliest step seen lately is nearest to the truth.
    let apart = Infinity;
    const plan = () => {
      apart = Math.min(apart + 0.0001, Date.now() / 1000 - context.currentTime);
      for (; planned < Date.now() / 1000 + 1; planned++) {
        const at = planned - apart;
        if (at < context.currentTime) continue;
        tone.frequency.setValueAtTime(500 + 100 * (planned % 16), at);
        volume.gain.setValueAtTime(0.5, at);
        volume.gain.setValueAtTime(0, at + TONE);
      }
    };
    setInterval(plan, 100);
    plan();
    void context.resume();
    return out.stream.getAudioTracks()[0];
  }

  const wanted = { width: 640, height: 360, rate: 25, ...globalThis.__clock };
  navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
    const tracks = [...(video ? [camera(wanted)] : []), ...(audio ? [microphone()] : [])];
    return new MediaStream(tracks);
  };
  navigator.mediaDevices.getDisplayMedia = async () => new MediaStream([camera({ ...wanted, rate: 10 })]);
})();
