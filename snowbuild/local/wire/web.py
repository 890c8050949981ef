"""The HTTP that Snowflake's clients speak, and a few requests of our own."""

from __future__ import annotations

import gzip
import hmac
import json
import secrets
import time
import uuid
from typing import TYPE_CHECKING, Any

from fakesnow.transforms import SERVER_VERSION
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from snowbuild.local.state import stages
from snowbuild.local.state.warehouses import TIMEOUT, timeout_s
from snowbuild.local.values.results import Refused
from snowbuild.local.wire import answers
from snowbuild.local.wire.client import Client
from snowbuild.local.wire.failures import refusal
from snowbuild.local.wire.responses import failure, gone, success
from snowbuild.sql import stored

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from snowbuild.local.engine.engine import Engine

    Handler = Callable[[Request, Client], Awaitable[Response]]


class Web:
    """The server's requests, and when the last one came."""

    def __init__(self, engine: Engine, token: str, health: dict[str, Any], stop: Callable[[], None]) -> None:
        self.engine = engine
        self.token = token
        self.health = health
        self.stop = stop
        self.busy = 0
        self.last_used_s = time.monotonic()
        self.clients: dict[str, Client] = {}

    def app(self) -> Starlette:
        """The routes."""
        of_sessions: tuple[tuple[str, Handler, str], ...] = (
            ("/session", self.session, "POST"),
            ("/session/heartbeat", self.heartbeat, "POST"),
            ("/queries/v1/query-request", self.query, "POST"),
            ("/queries/v1/abort-request", self.abort, "POST"),
            ("/queries/{query}/abort-request", self.abort_query, "POST"),
            ("/queries/{query}/result", self.result, "GET"),
            ("/monitoring/queries/{query}", self.monitor, "GET"),
            (answers.PATH + "{request}", self.answer, "GET"),
        )
        used = [
            Route("/session/v1/login-request", self._counted(self.login), methods=["POST"]),
            *(Route(path, self._counted(self._of_session(handler)), methods=[m]) for path, handler, m in of_sessions),
            Route("/snowbuild/files/{signature}/{path:path}", self._counted(self.upload), methods=["PUT"]),
            Route("/snowbuild/discard", self._counted(self.discard), methods=["PUT"]),
        ]
        # These requests do not keep an idle server alive.
        internal = [
            Route("/snowbuild/health", self.report, methods=["GET"]),
            Route("/snowbuild/stop", self.shut_down, methods=["POST"]),
        ]
        return Starlette(routes=[*used, *internal])

    def _counted(self, handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def counted(request: Request) -> Response:
            self.busy += 1
            try:
                return await handler(request)
            finally:
                self.busy -= 1
                self.last_used_s = time.monotonic()

        return counted

    def _of_session(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def found(request: Request) -> Response:
            client = self.clients.get(_token(request))
            return gone() if client is None else await handler(request, client)

        return found

    # Ours

    def _trusted(self, request: Request) -> bool:
        return hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {self.token}")

    async def report(self, request: Request) -> Response:
        """Identify the server, for `status`."""
        return JSONResponse(self.health) if self._trusted(request) else Response(status_code=403)

    async def shut_down(self, request: Request) -> Response:
        """Stop the server, for `down`."""
        if not self._trusted(request):
            return Response(status_code=403)
        for client in self.clients.values():
            client.stop(None)
        self.stop()
        return JSONResponse({"stopping": True})

    async def upload(self, request: Request) -> Response:
        """Receive one file for a stage, at a URL from PUT."""
        path = request.path_params["path"]
        if not hmac.compare_digest(request.path_params["signature"], self.engine.sign(path)):
            return Response(status_code=403)
        await stages.write(self.engine.files.root / path, request.stream())
        return Response()

    async def discard(self, request: Request) -> Response:
        """Discard a file that may not replace another because of OVERWRITE = FALSE."""
        async for _ in request.stream():
            pass
        return Response()

    # Snowflake's

    async def login(self, request: Request) -> Response:
        """Open a session for a client with the password from connections.toml."""
        data = (await _body(request))["data"]
        if not hmac.compare_digest(str(data.get("PASSWORD", "")), self.token):
            return failure(Refused("Incorrect username or password was specified.", errno=390100, sqlstate="08001"))
        query = request.query_params
        parameters = {name.upper(): value for name, value in (data.get("SESSION_PARAMETERS") or {}).items()}
        autocommit = parameters.get("AUTOCOMMIT", True)
        names = {
            name: stored(query[key]) if query.get(key) else None
            for name, key in (
                ("database", "databaseName"), ("schema", "schemaName"),
                ("role", "roleName"), ("warehouse", "warehouse"),
            )
        }  # fmt: skip
        try:
            limit_s = timeout_s(parameters[TIMEOUT]) if TIMEOUT in parameters else None
            session = await run_in_threadpool(
                lambda: self.engine.open_session(**names, autocommit=autocommit, timeout_s=limit_s)
            )
        except Exception as error:  # noqa: BLE001  An HTTP 500 would make clients retry for minutes.
            return failure(refusal(error, ""))
        token = secrets.token_urlsafe(32)
        session.client = f"{data.get('CLIENT_APP_ID', '')} {data.get('CLIENT_APP_VERSION', '')}".strip()
        self.clients[token] = Client(session)
        return success(
            {
                "token": token,
                # Without it clients cannot log out.
                "masterToken": token,
                "validityInSeconds": 3600,
                "masterValidityInSeconds": 14400,
                "sessionId": session.number,
                "serverVersion": SERVER_VERSION,
                "parameters": [
                    {"name": "AUTOCOMMIT", "value": autocommit},
                    {"name": "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", "value": 3600},
                    {"name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": 0},
                    {"name": "CLIENT_TELEMETRY_ENABLED", "value": False},
                ],
                "sessionInfo": {
                    "databaseName": session.connection.database,
                    "schemaName": session.connection.schema,
                    "roleName": session.role,
                    "warehouseName": session.warehouse,
                },
            }
        )

    async def session(self, request: Request, client: Client) -> Response:
        """Log out."""
        if request.query_params.get("delete"):
            del self.clients[_token(request)]
            client.stop(None)
            async with client.turn:
                await run_in_threadpool(client.session.close)
        return success(None)

    async def heartbeat(self, _request: Request, _client: Client) -> Response:
        """Tell a client that its session exists."""
        return success(None)

    async def query(self, request: Request, client: Client) -> Response:
        """Run a statement, once."""
        # Read before the client can disconnect.
        body = await _body(request)
        asked = request.query_params.get("requestId") or str(uuid.uuid4())
        wait = not body.get("asyncExec")
        return await client.answers.first(asked, lambda: client.run(asked, body), wait=wait)

    async def answer(self, request: Request, client: Client) -> Response:
        """The answer to a long statement."""
        return await client.answers.later(request.path_params["request"])

    async def abort(self, request: Request, client: Client) -> Response:
        """Stop a statement by the id of its request; without one, everything that the session runs."""
        client.stop((await _body(request)).get("requestId"))
        return success(None)

    async def abort_query(self, request: Request, client: Client) -> Response:
        """Stop a statement by the id under which its answer is waited for."""
        client.stop(request.path_params["query"])
        return success(None)

    async def monitor(self, request: Request, client: Client) -> Response:
        """The status of a query; one with a stored result is done."""
        query = request.path_params["query"]
        done = {"status": "SUCCESS"} if query in client.session.engine.results_cache else None
        state = done or client.answers.state(query)
        return success({"queries": [state] if state else []})

    async def result(self, request: Request, client: Client) -> Response:
        """The result of an earlier query, such as one of several statements in one."""
        return await client.result(request.path_params["query"])


async def _body(request: Request) -> dict[str, Any]:
    data = await request.body()
    if request.headers.get("Content-Encoding") == "gzip":
        data = gzip.decompress(data)
    body: dict[str, Any] = json.loads(data) if data else {}
    return body


def _token(request: Request) -> str:
    """From `Authorization: Snowflake Token="…"`; empty where there is none."""
    return request.headers.get("Authorization", "").partition('"')[2].rstrip('"')
