"""The answers to a session's statements, by request id, as Snowflake keeps them.

A client whose connection broke sends the same request again, but the statement is not run a second time. The first
answer to a long statement says where to ask again, so that no client has to tell a slow server from a dead one.
"""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

PATIENCE_S = 30.0
"""Clients stop reading after 60 s; Snowflake itself answers after 45 s at the latest."""

IN_PROGRESS, DETACHED = "333333", "333334"
"""Snowflake's codes for a statement that is still running: synchronous and asynchronous."""

KEPT = 16
"""How many answers are kept; a client asks again at once or never."""

PATH = "/snowbuild/answers/"


class Answers:
    """Runs each request of a session once."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._running: OrderedDict[str, asyncio.Task[Response]] = OrderedDict()

    async def first(
        self, request: str, run: Callable[[], Coroutine[None, None, Response]], *, wait: bool = True
    ) -> Response:
        """Answer a request, running it unless it was sent before; without waiting for it, if so requested."""
        if request not in self._running:
            self._running[request] = asyncio.create_task(run())
            self._forget_old()
        return await self._answer(request) if wait else _in_progress(request, DETACHED)

    async def later(self, request: str) -> Response:
        """Answer a client that asks again for a long statement."""
        return await self._answer(request) if request in self._running else Response(status_code=404)

    def state(self, request: str) -> dict[str, Any] | None:
        """The status of a request, as in `/monitoring/queries/`; None if it is unknown."""
        task = self._running.get(request)
        if task is None:
            return None
        if not task.done():
            return {"status": "RUNNING"}
        answer = json.loads(bytes(task.result().body))
        if answer["success"]:
            return {"status": "SUCCESS"}
        return {"status": "FAILED_WITH_ERROR", "errorCode": answer["code"], "errorMessage": answer["message"]}

    async def _answer(self, request: str) -> Response:
        task = self._running[request]
        done, _ = await asyncio.wait({task}, timeout=self._patience_s)
        return task.result() if done else _in_progress(request, IN_PROGRESS)

    def _forget_old(self) -> None:
        done = [request for request, task in self._running.items() if task.done()]
        for request in done[:-KEPT]:
            del self._running[request]


def _in_progress(request: str, code: str) -> Response:
    return JSONResponse(
        {
            "success": True,
            "code": code,
            "message": "Query execution in progress.",
            "data": {"getResultUrl": PATH + request, "queryId": request},
        }
    )
