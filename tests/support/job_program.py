"""
A program that does jobs as a test tells it to, in `options["do"]`: the protocol is that of job_process.
"""

import sys

CODE = r"""
import json, os, signal, subprocess, sys, time
asked = json.loads(sys.stdin.readline())
folder, options = asked["folder"], asked["options"]
def say(**line):
    print(json.dumps(line), flush=True)
def write(name, text):
    with open(os.path.join(folder, name), "w") as file:
        file.write(text)
def wait():
    sys.stdin.read()
    sys.exit(3)
def do(what):
    if what == "make":
        say(progress=300)
        with open(os.path.join(folder, asked["inputs"]["source"])) as file:
            write("out.txt", file.read().upper())
        say(result={"file": "out.txt", "kind": asked["kind"]})
    elif what == "nonsense":
        print("libav says hello"); print('{"progress": "much"}'); print("\xff", flush=True)
        do("make")
    elif what == "tell":
        own = {"group": os.getpgrp() == os.getpid(), "session": os.getsid(0) == os.getpid()}
        own["tmp"] = os.environ["TMPDIR"] == folder
        say(result={"environment": sorted(os.environ), "nice": os.nice(0), **own})
    elif what == "error":
        say(error="recording.damaged", again=options.get("again", False)); wait()
    elif what == "bad error":
        say(error="Traceback (most recent call last)")
    elif what == "crash":
        print("it hurts\n  here", file=sys.stderr); os._exit(7)
    elif what == "late crash":
        say(result={"file": "out.txt"}); os._exit(7)
    elif what == "flood":
        print("x" * (3 << 20), flush=True); wait()
    elif what == "memory":
        try:
            held = bytearray(1 << 30)
        except MemoryError:
            sys.exit("no memory")
        say(result={})
    elif what == "stall":
        wait()
    elif what == "lie":
        os.symlink("/etc/passwd", os.path.join(folder, "link")); say(result={"file": options["file"]})
    elif what == "hold":
        child = subprocess.Popen(["sleep", "600"])
        if options.get("deaf"):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        write("half.txt", "half"); write("pids", f"{os.getpid()} {child.pid}")
        say(progress=500); wait()
    elif what == "again":
        first = os.path.join(options["seen"], "first")
        if not os.path.exists(first):
            open(first, "w").close(); os._exit(1)
        do("make")
do(options["do"])
"""
COMMAND = (sys.executable, "-I", "-S", "-c", CODE)
