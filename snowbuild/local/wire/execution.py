"""A running statement: its time limit, and stopping it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from starlette.concurrency import run_in_threadpool

from snowbuild.local.values.results import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from snowbuild.local.engine.session import Session

    Value = TypeVar("Value")

AGAIN_S = 0.1
"""How often a statement that does not end is interrupted: it may have been between two queries the last time."""


class Execution:
    """One statement of a session. Lives in the event loop; the statement itself runs in a thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._why: Refused | None = None
        self._told = asyncio.Event()

    def stop(self, why: Refused) -> None:
        """Tell it to stop, before or while it runs; the first reason counts."""
        self._why = self._why or why
        self._told.set()

    async def run(self, work: Callable[[], Value]) -> Value:
        """Run the statement in a thread.

        Raises:
            Refused: it was stopped, or took longer than the session allows. One that was done already when it was
                told to stop counts as done.
        """
        if self._told.is_set() and self._why is not None:
            raise self._why
        session = self._session
        session.stopped = None
        limit_s = session.limit_s
        task = asyncio.create_task(run_in_threadpool(work))
        told = asyncio.create_task(self._told.wait())
        await asyncio.wait({task, told}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not task.done():
            session.stopped = self._why if self._told.is_set() else timed_out(limit_s)
        while not task.done():
            session.interrupt()
            await asyncio.wait({task}, timeout=AGAIN_S)
        if session.stopped is not None and task.exception() is not None:
            raise session.stopped
        return task.result()


def timed_out(limit_s: int) -> Refused:
    """The error of a statement that took too long."""
    return Refused(
        f"Statement reached its statement or warehouse timeout of {limit_s} second(s) and was canceled.",
        errno=630,
        sqlstate="57014",
    )


def canceled() -> Refused:
    """The error of a statement that its client cancelled."""
    return Refused("SQL execution canceled", errno=604, sqlstate="57014")
