"""A client that is logged in: its session, and the statements that it has asked for."""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import TYPE_CHECKING, Any

from snowbuild.local.values.results import Refused
from snowbuild.local.wire import queries
from snowbuild.local.wire.answers import Answers
from snowbuild.local.wire.execution import Execution, canceled
from snowbuild.local.wire.responses import failure, success

if TYPE_CHECKING:
    from starlette.responses import Response

    from snowbuild.local.engine.session import Session

CANCEL_ALL = re.compile(r"\s*SELECT\s+SYSTEM\$CANCEL_ALL_QUERIES\s*\(\s*'?(\d+)'?\s*\)", re.IGNORECASE)


class Client:
    """Runs a session's statements, one at a time."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.number = secrets.randbelow(2**48)
        """The session's, for the client to name it."""
        self.answers = Answers()
        # A DuckDB connection is not thread-safe.
        self.turn = asyncio.Lock()
        self._running: dict[str, Execution] = {}

    async def run(self, asked: str, body: dict[str, Any]) -> Response:
        """Run the statement of a request."""
        # Not in its turn: what it is to end may be what it would wait for. Snowpark asks for it when it closes.
        if (ending := CANCEL_ALL.match(body["sqlText"])) and int(ending[1]) == self.number:
            self.stop(None)
        execution = self._running[asked] = Execution(self.session)
        try:
            async with self.turn:
                return success(await execution.run(lambda: queries.answer(self.session, body)))
        except Refused as refused:
            return failure(refused)
        finally:
            del self._running[asked]

    def stop(self, asked: str | None) -> None:
        """Stop the statement of a request, if it runs or waits; or all of them."""
        for request, execution in self._running.items():
            if asked in (None, request):
                execution.stop(canceled())
