"""
The pure engine of the SFU: packets and time in, packets and decisions out.

Nothing here waits, reads a clock, opens a socket, logs or throws dice: `now` (seconds, monotonic) and
random bits are arguments. `router.Room` is where everything meets; `model` has the values that the shell
(signaling.rtc, signaling.worker) exchanges with it; every other file is one algorithm and knows only
what is below it:

    sequence  rtp  rtcp  rtcp_writer  transport_cc  codecs    the wire formats
    cache  nack  rewriter  bitrate                  one stream at a time
    layers  speakers  slots                         choices between streams
    source  publisher  forwarding  subscriber       one leg at a time
    watching  feedback  peer  rounds  router        the room
    sdp  negotiation  answering  offering  ice             how legs come about
"""
