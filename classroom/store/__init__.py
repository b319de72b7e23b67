"""
What outlives a process: tables, the journal, news between nodes, who owns a class, the signing key.

    errors     what can go wrong here               database   one door to both backends
    journal    the events of every class            tables     the tables, for both databases
    bus        news between nodes (and redis_bus)   lease      who runs a class (and redis_lease)
    people, sessions, courses, enrolments, classes, invitations      a table each
    recordings, playback, recording_words, recording_people          recordings and what belongs to them
    jobs       what is to be made of recordings      seen    which parts of one somebody saw
    secrets    the signing key                      fold       how names are searched and sorted
"""
