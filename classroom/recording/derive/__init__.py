"""
What is made of a recording when it is complete: one film to take away, sound alone, thumbnails, a waveform.

    python -m classroom.recording.derive    one job; see __main__

A process of its own for each job: it may take minutes and all of a core, and it may be killed at any time.
`story` says what a job is given, `pieces`, `scenes` and `speaking` (pure) what is shown when; the rest turns
that into files.
"""
