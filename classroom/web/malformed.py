"""
What strangers send that is no HTTP: counted, not logged.

aiohttp logs each such request as an error, with a traceback and with the request's own bytes: a port scan
would fill the disk, and a mistyped request would write its token into the log. The sender still gets his
400.
"""

import contextlib
import logging
from collections.abc import Iterator

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from classroom.web.metrics import HttpCounters

_LOGGER = "aiohttp.server"


@contextlib.contextmanager
def counted(counters: HttpCounters) -> Iterator[None]:
    """Keep malformed requests out of the log inside; everything else that aiohttp has to say passes."""
    logger = logging.getLogger(_LOGGER)
    sieve = _Sieve(counters)
    logger.addFilter(sieve)
    try:
        yield
    finally:
        logger.removeFilter(sieve)


class _Sieve(logging.Filter):
    def __init__(self, counters: HttpCounters) -> None:
        super().__init__()
        self._counters = counters

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, HttpProcessingError | web.RequestPayloadError | ConnectionError):
            return True
        self._counters.malformed += 1
        return False
