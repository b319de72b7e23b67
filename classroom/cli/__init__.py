"""
The command line, one command a file: serve, token, user, doctor.

Each tells what went wrong in one line: exit code 2 means that nothing was begun (a wrong option, a port or a
directory that cannot be used), 1 that what was asked could not be done.
"""
