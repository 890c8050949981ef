"""A logged-in client: its session and its statements."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from snowbuild.local.values.results import Refused
from snowbuild.local.wire import queries
from snowbuild.local.wire.answers import Answers
from snowbuild.local.wire.execution import Execution, canceled
from snowbuild.local.wire.responses import failure, success

if TYPE_CHECKING:
    from starlette.responses import Response

    from snowbuild.local.engine.session import Session

CANCEL = re.compile(r"\s*SELECT\s+SYSTEM\$CANCEL_(?:ALL_QUERIES|QUERY)\s*\(\s*'?([\w-]+)'?\s*\)", re.IGNORECASE)


class Client:
    """Runs a session's statements, one at a time."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.answers = Answers()
        # A DuckDB connection is not thread-safe.
        self.turn = asyncio.Lock()
        self._running: dict[str, Execution] = {}

    async def run(self, asked: str, body: dict[str, Any]) -> Response:
        """Run the statement of a request."""
        # Not in turn: it might wait for the very statement that it should stop. Snowpark sends it on closing.
        if ending := CANCEL.match(body["sqlText"]):
            self.stop(None if ending[1] == str(self.session.number) else ending[1])
        execution = self._running[asked] = Execution(self.session)
        try:
            async with self.turn:
                data = await execution.run(lambda: queries.answer(self.session, body))
                if body.get("asyncExec") and "queryId" in data:
                    # The client knows it by the id of the request.
                    results = self.session.engine.results_cache
                    results[asked] = results[data["queryId"]]
                return success(data)
        except Refused as refused:
            return failure(refused)
        finally:
            del self._running[asked]

    async def result(self, query_id: str) -> Response:
        """The result of an earlier query, if it is kept."""
        try:
            async with self.turn:
                return success(await run_in_threadpool(queries.kept, self.session, query_id))
        except Refused as refused:
            return failure(refused)

    def stop(self, asked: str | None) -> None:
        """Stop the statement of a request, if it is running or waiting; or all of them."""
        for request, execution in self._running.items():
            if asked in (None, request):
                execution.stop(canceled())
