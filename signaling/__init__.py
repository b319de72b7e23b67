"""
The engine: signalling and media forwarding. It has never heard of a class; `classroom` uses it.

    supervisor  MediaPool: the media workers of a program, started, watched, restarted
    process     one worker: launched, greeted, ended
    control     MediaLink and its other end: requests and events over a Unix socket (messages, their types)
    worker      the media process: rooms, its peers and their legs, joined with the pure rooms of core
    core        what happens to packets, and what descriptions mean: pure
    rtc         UDP, ICE, DTLS, SRTP
    gateway     Socket.IO
"""
