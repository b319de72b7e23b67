"""
Connections to Redis that fail loudly, and the loop that makes new ones with growing pauses.

redis-py mends connections by itself and says nothing; whoever promises to notice what was lost cannot use
that, so every retry of the library is off. This and its users are imported only when there is a Redis: 20 MB.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from classroom.store.errors import Unusable

_log = structlog.get_logger()

ANSWER_SECONDS = 5.0  # Redis answers in well under a millisecond; five seconds is dead.
FIRST_DELAY, LAST_DELAY = 0.05, 5.0  # Seconds between attempts: doubled each time, cut by chance.

FAILURES = (RedisError, OSError, TimeoutError)


def connect(url: str, *, timeout: float | None = ANSWER_SECONDS) -> Redis:
    """
    Return a client; it connects when first used. `timeout` is for one answer, None for a listener.

    Raises Unusable when the address cannot be one.
    """
    try:
        return Redis.from_url(
            url,
            protocol=2,  # RESP3 only adds a second way in which messages arrive
            socket_timeout=timeout,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
            client_name="sabak",
        )
    except ValueError as error:
        raise Unusable("the address of Redis has to be redis://HOST:PORT/NUMBER") from error


def go_on() -> None:
    """
    Raise CancelledError if this task was cancelled and the call before did not let it through.

    redis-py waits with asyncio.wait_for, which on Python 3.11 swallows a cancellation that meets its
    answer; a loop around such calls would then never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def together(*parts: Coroutine[Any, Any, None]) -> None:
    """
    Run all `parts` until one of them ends, end the others, and raise what the first one raised.

    Not a TaskGroup: on Python 3.11 that leaves its task marked as cancelled, which `go_on` would believe.
    """
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def keep(what: str, run: Callable[[], Awaitable[None]]) -> NoReturn:
    """Call `run`, which raises one of FAILURES when its connection is gone, again until cancelled."""
    delay = FIRST_DELAY
    clock = asyncio.get_running_loop().time
    while True:
        began, reason = clock(), "ended"
        try:
            await run()
        except FAILURES as error:
            reason = f"{type(error).__name__}: {error}"
        go_on()
        # What held for a while may come back at once; what fails again and again gets longer pauses.
        delay = FIRST_DELAY if clock() - began > LAST_DELAY else min(delay * 2, LAST_DELAY)
        _log.warning("redis.lost", what=what, reason=reason, again_in=round(delay, 2))
        # Cut by chance, so that all nodes do not come back in the same instant.
        await asyncio.sleep(delay * random.uniform(0.5, 1))  # noqa: S311 - not a secret
