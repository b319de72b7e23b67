"""
Logs go to standard error: for people on a terminal, as one JSON object a line otherwise. Standard output
belongs to the `ready` line and to what commands print.
"""

import logging
import sys
from typing import TextIO

import structlog

from classroom.config import Settings

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class _Printer:
    """
    Writes to whatever standard error is at that moment. A logger that was used once keeps its printer for
    good; one that had kept the stream too would fail when that is replaced and closed.
    """

    def msg(self, message: str) -> None:
        print(message, file=sys.stderr, flush=True)  # noqa: T201  This is the log.

    debug = info = warning = error = critical = exception = msg


class _Handler(logging.StreamHandler[TextIO]):
    """The same for the libraries' own loggers."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    # As logging does it in its own handler of last resort.
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def configure(settings: Settings) -> None:
    """Set up structlog, and send the libraries' own warnings the same way."""
    people = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if people:
        # Plain tracebacks: the coloured ones show local variables, and those may be passwords.
        plain = structlog.dev.plain_traceback
        ending: list[structlog.typing.Processor] = [structlog.dev.ConsoleRenderer(exception_formatter=plain)]
    else:
        ending = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    structlog.configure(
        processors=[*shared, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.log_level]),
        logger_factory=lambda *_: _Printer(),
        cache_logger_on_first_use=True,
    )
    handler = _Handler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[
        structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending,
    ]))  # fmt: skip
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
