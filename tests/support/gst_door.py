"""
GStreamer's webrtcbin as a client of WHIP and WHEP. Run by the system's Python, which has its bindings:

    /usr/bin/python3 gst_door.py publish|watch URL TOKEN vp8|h264

It prints a line of JSON for each thing that happens and ends, with DELETE, when its standard input does.
"""

import json
import sys
import threading
import urllib.error
import urllib.request
from urllib.parse import urljoin

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

SOURCES = {
    "vp8": "vp8enc deadline=1 cpu-used=8 keyframe-max-dist=30 target-bitrate=300000 ! rtpvp8pay pt=96 "
    "! application/x-rtp,media=video,encoding-name=VP8,payload=96",
    "h264": "x264enc tune=zerolatency speed-preset=ultrafast bitrate=300 key-int-max=30 "
    "! video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 aggregate-mode=zero-latency "
    "pt=102 ! application/x-rtp,media=video,encoding-name=H264,payload=102",
}
PUBLISH = """
webrtcbin name=peer bundle-policy=max-bundle
videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=15/1 ! {video} ! peer.
audiotestsrc is-live=true freq=440 ! audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay pt=111
 ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! peer.
"""
WANTED = {
    "vp8": "application/x-rtp,media=video,encoding-name=VP8,payload=120,clock-rate=90000",
    "h264": "application/x-rtp,media=video,encoding-name=H264,payload=121,clock-rate=90000,"
    "packetization-mode=(string)1,profile-level-id=(string)42e01f",
}
SOUND = (
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=122,clock-rate=48000,encoding-params=(string)2"
)


def tell(**said: object) -> None:
    # In one piece: GStreamer tells from several threads, and `print` writes the end of its line by itself.
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


class Client:
    def __init__(self, way: str, url: str, token: str, codec: str) -> None:
        self.way, self.url, self.token = way, url, token
        self.session = ""
        self.loop = GLib.MainLoop()
        if way == "publish":
            self.pipeline = Gst.parse_launch(PUBLISH.format(video=SOURCES[codec]))
        else:
            self.pipeline = Gst.Pipeline.new()
            peer = Gst.ElementFactory.make("webrtcbin", "peer")
            peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
            self.pipeline.add(peer)
        self.peer = self.pipeline.get_by_name("peer")
        self.peer.connect("pad-added", self.on_pad)
        self.peer.connect("notify::connection-state", self.on_state)
        self.peer.connect("notify::ice-gathering-state", self.on_gathering)
        self.pipeline.set_state(Gst.State.PLAYING)
        if way == "publish":
            self.peer.connect("on-negotiation-needed", lambda peer: self.begin())
        else:
            for caps in (SOUND, WANTED[codec]):
                direction = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
                self.peer.emit("add-transceiver", direction, Gst.Caps.from_string(caps))
            self.begin()

    def begin(self) -> None:
        threading.Thread(target=self.offer, daemon=True).start()

    def offer(self) -> None:
        # Waited for, and the reply kept: without either the description is gone before it is used.
        promise = Gst.Promise.new()
        self.peer.emit("create-offer", None, promise)
        promise.wait()
        reply = promise.get_reply()
        offer = reply.get_value("offer")
        self.peer.emit("set-local-description", offer, Gst.Promise.new())

    def on_gathering(self, peer: Gst.Element, _: object) -> None:
        done = GstWebRTC.WebRTCICEGatheringState.COMPLETE
        if peer.get_property("ice-gathering-state") == done and not self.session:
            threading.Thread(target=self.post, daemon=True).start()

    def post(self) -> None:
        text = self.peer.get_property("local-description").sdp.as_text()
        try:
            with self.request("POST", self.url, text) as reply:
                self.session = urljoin(self.url, reply.headers["Location"])
                answer = reply.read().decode()
        except urllib.error.HTTPError as error:
            tell(refused=error.code, said=json.loads(error.read()))
            return
        _, message = GstSdp.SDPMessage.new_from_text(answer)
        described = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.peer.emit("set-remote-description", described, Gst.Promise.new())
        tell(session=self.session)

    def request(self, method: str, url: str, text: str | None = None):
        headers = {"Authorization": f"Bearer {self.token}"}
        if text is not None:
            headers["Content-Type"] = "application/sdp"
        data = None if text is None else text.encode()
        return urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=10)

    def on_state(self, peer: Gst.Element, _: object) -> None:
        tell(state=peer.get_property("connection-state").value_nick)

    def on_pad(self, peer: Gst.Element, pad: Gst.Pad) -> None:
        if pad.direction != Gst.PadDirection.SRC:
            return
        media = pad.get_current_caps().get_structure(0).get_string("media")
        # decodebin finds the depayloader and the decoder; every buffer that leaves it was decoded.
        end = Gst.parse_bin_from_description("queue ! decodebin name=decoder", False)
        decoder = end.get_by_name("decoder")
        end.add_pad(Gst.GhostPad.new("sink", end.find_unlinked_pad(Gst.PadDirection.SINK)))
        decoder.connect("pad-added", self.on_decoded, media)
        self.pipeline.add(end)
        end.sync_state_with_parent()
        pad.link(end.get_static_pad("sink"))

    def on_decoded(self, decoder: Gst.Element, pad: Gst.Pad, media: str) -> None:
        sink = Gst.ElementFactory.make("fakesink")
        sink.set_property("sync", False)
        sink.set_property("async", False)
        sink.set_property("signal-handoffs", True)
        count = [0]

        def counted(*_: object) -> None:
            count[0] += 1
            if count[0] % 10 == 0:
                tell(**{media: count[0]})

        sink.connect("handoff", counted)
        decoder.get_parent().add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def wait(self) -> None:
        sys.stdin.read()
        if self.session:
            with self.request("DELETE", self.session) as reply:
                tell(deleted=reply.status)
        self.loop.quit()

    def run(self) -> None:
        threading.Thread(target=self.wait, daemon=True).start()
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)


Gst.init(None)
Client(*sys.argv[1:5]).run()
