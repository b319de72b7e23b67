"""
Classes that are running: who writes them, who follows them, who reads them.

    directory  opens classes, keeps them, ends them     handler     the gateway's calls
    classroom  one running class, its parts together    admission   join tokens and seats
    session    the only writer of a class               follower    this node's copy of a class
    reader     one connection: how far it has read      presence    who is here, who has gone
    wire       messages of clients, strictly decoded    signals     what may be lost
    media      what pages ask of the media workers      media_news  what the workers tell
    gates      which gates should be open, pure         opening     with what a class begins
    numbers    what /metrics shows of it           doors        WHIP and WHEP: people without a page
    program    such a participant
"""
