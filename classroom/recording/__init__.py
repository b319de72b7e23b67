"""
Recordings: from the packets that a worker captured to files that play, without transcoding.

`manifest` says what a recording is. `timeline`, `frames`, `webm`, `fmp4` and `tracks` are pure: packets in,
bytes of files out. `recorder` is a process of its own that follows the captures of running classes; what it
writes can be watched while the class goes on. What takes long (one file to take away) is done in jobs.
"""
