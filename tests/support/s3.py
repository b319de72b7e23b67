"""
An S3 for tests: moto's, on a thread of this process and a free port, with a new bucket when one is wanted.
"""

import contextlib
import itertools
import urllib.request
from collections.abc import Iterator

_numbers = itertools.count(1)


class S3:
    """A running server."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def environment(self) -> dict[str, str]:
        """Return the variables by which a client finds it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "AKIATEST",
            "AWS_SECRET_ACCESS_KEY": "not-to-be-shown",
            "AWS_REGION": "us-east-1",
        }

    def bucket(self) -> str:
        """Make a bucket and return its name."""
        name = f"sabak-{next(_numbers)}"
        asked = urllib.request.Request(f"{self.endpoint}/{name}", method="PUT", headers={"Host": "s3"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert answer.status == 200
        return name


@contextlib.contextmanager
def s3() -> Iterator[S3]:
    """Start a server, give it, stop it."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield S3(f"http://{host}:{port}")
    finally:
        server.stop()
