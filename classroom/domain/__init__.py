"""
The rules of a class: pure, without clock, chance, sockets or files.

    ids errors roles text   what an id, a refusal, a role, a text is
    entry                   commands, events, who may see an event
    lifecycle people lobby locks hands stage chat questions    features; they do not know one another
    rules                   what needs two features             room       the aggregate of all
    codec snapshot          commands, events, state as plain dicts             attendance a fold
    gone                    what is left of older events when a text was taken back
"""
