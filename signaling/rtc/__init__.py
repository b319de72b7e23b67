"""
The transports of the engine: UDP, ICE-lite, DTLS, SRTP.

The only package that knows OpenSSL, libsrtp and the system's batch calls:

    table     slots of datagrams, as the system's batch calls want them
    udp       one bound socket, read and written in batches
    dtls      a handshake as the server, over memory buffers
    srtp      packets to and from their protected form
    leg       one peer connection: credentials, addresses, keys, liveness
    fanout    one packet to many subscribers: the hot path
    transport all legs of a process behind its sockets; strangers end here
    handler   what a transport tells
    probe     a peer of our own, to try whether media come through (aiortc)
"""
