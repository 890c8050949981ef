"""The HTTP that Snowflake's clients speak: fakesnow's, with our statements in front."""

from __future__ import annotations

import asyncio
import gzip
import hmac
import json
import re
import secrets
import time
import uuid
from base64 import b64encode
from typing import TYPE_CHECKING, Any

from fakesnow.arrow import to_ipc, to_sf
from fakesnow.rowtype import describe_as_rowtype
from fakesnow.server import query_request, routes, sessions, to_token
from fakesnow.statement_type import SELECT
from fakesnow.transforms import SERVER_VERSION
from sqlglot import exp
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from snowbuild.local import answers, stages, statements
from snowbuild.local.answers import Answers
from snowbuild.local.cursor import LocalConnection
from snowbuild.local.results import TEXT, TIME, WHOLE, Refused, Result, Transfer
from snowbuild.sql import stored

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from snowbuild.local.engine import Engine

SUCCESS = 200
ROW_OF_MARKS = re.compile(r"\bVALUES\s*(\(\s*\?(?:\s*,\s*\?)*\s*\))\s*;?\s*$", re.IGNORECASE)


class Web:
    """The server's requests, and when the last one came."""

    def __init__(self, engine: Engine, token: str, health: dict[str, Any], stop: Callable[[], None]) -> None:
        self.engine = engine
        self.token = token
        self.health = health
        self.stop = stop
        self.busy = 0
        self.last_used_s = time.monotonic()
        # One statement at a time per session: a DuckDB connection is not thread-safe.
        self.turns: dict[str, asyncio.Lock] = {}
        self.answers = Answers()

    def app(self) -> Starlette:
        """The routes; fakesnow's come last."""
        ours = [
            ("/session/v1/login-request", self.login, "POST"),
            ("/queries/v1/query-request", self.query, "POST"),
            ("/queries/v1/abort-request", self.abort, "POST"),
            (answers.PATH + "{request}", self.answer, "GET"),
            ("/session", self.session, "POST"),
            ("/snowbuild/files/{signature}/{path:path}", self.upload, "PUT"),
            ("/snowbuild/discard", self.discard, "PUT"),
        ]
        internal = [
            Route("/snowbuild/health", self.report, methods=["GET"]),
            Route("/snowbuild/stop", self.shut_down, methods=["POST"]),
            # Everybody could write to a stage with it.
            Route("/fs_bucket/{path:path}", lambda _: Response(status_code=404), methods=["PUT"]),
        ]
        counted = [Route(path, self._counted(handler), methods=[method]) for path, handler, method in ours]
        return Starlette(routes=[*counted, *internal, *routes])

    def _counted(self, handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def counted(request: Request) -> Response:
            self.busy += 1
            try:
                return await handler(request)
            finally:
                self.busy -= 1
                self.last_used_s = time.monotonic()

        return counted

    # Ours

    def _trusted(self, request: Request) -> bool:
        return hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {self.token}")

    async def report(self, request: Request) -> Response:
        """Who answers here: asked by `status`."""
        return JSONResponse(self.health) if self._trusted(request) else Response(status_code=403)

    async def shut_down(self, request: Request) -> Response:
        """End the server: asked by `down`."""
        if not self._trusted(request):
            return Response(status_code=403)
        self.stop()
        return JSONResponse({"stopping": True})

    async def upload(self, request: Request) -> Response:
        """One file for a stage, at a URL that PUT gave out."""
        path = request.path_params["path"]
        if not hmac.compare_digest(request.path_params["signature"], self.engine.sign(path)):
            return Response(status_code=403)
        await stages.write(self.engine.files.root / path, request.stream())
        return Response()

    async def discard(self, request: Request) -> Response:
        """A file that OVERWRITE = FALSE keeps from replacing another."""
        async for _ in request.stream():
            pass
        return Response()

    # Snowflake's

    async def login(self, request: Request) -> Response:
        """Open a session for whoever has the password of connections.toml."""
        data = (await _body(request))["data"]
        if not hmac.compare_digest(str(data.get("PASSWORD", "")), self.token):
            return _failure("Incorrect username or password was specified.", code="390100", sqlstate="08001")
        query = request.query_params
        parameters = data.get("SESSION_PARAMETERS") or {}
        autocommit = parameters.get("AUTOCOMMIT", True)
        names = {
            name: stored(query[key]) if query.get(key) else None
            for name, key in (
                ("database", "databaseName"), ("schema", "schemaName"),
                ("role", "roleName"), ("warehouse", "warehouse"),
            )
        }  # fmt: skip
        try:
            connection = await run_in_threadpool(lambda: self.engine.open_session(**names, autocommit=autocommit))
        except Refused as refused:
            return _failure(refused.message, code=f"{refused.errno:06d}", sqlstate=refused.sqlstate)
        except Exception as error:  # noqa: BLE001  An HTTP 500 would make clients try again for minutes.
            return _failure(f"{type(error).__name__}: {error}", code="000603", sqlstate="XX000")
        token = secrets.token_urlsafe(32)
        sessions[token] = connection
        session = connection.session
        return JSONResponse(
            {
                "success": True,
                "data": {
                    "token": token,
                    # Without it clients cannot log out.
                    "masterToken": token,
                    "validityInSeconds": 3600,
                    "masterValidityInSeconds": 14400,
                    "sessionId": secrets.randbelow(2**48),
                    "serverVersion": SERVER_VERSION,
                    "parameters": [
                        {"name": "AUTOCOMMIT", "value": autocommit},
                        {"name": "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", "value": 3600},
                        {"name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": 0},
                        {"name": "CLIENT_TELEMETRY_ENABLED", "value": False},
                    ],
                    "sessionInfo": {
                        "databaseName": connection.database,
                        "schemaName": connection.schema,
                        "roleName": session.role,
                        "warehouseName": session.warehouse,
                    },
                },
            }
        )

    async def session(self, request: Request) -> Response:
        """Log out."""
        connection = self._connection(request)
        if connection is None:
            return _gone()
        if request.query_params.get("delete"):
            token = to_token(request)
            del sessions[token]
            async with self._turn(token):
                await run_in_threadpool(connection.session.close)
            self.turns.pop(token, None)
        return JSONResponse({"success": True, "data": None, "code": None, "message": None})

    async def abort(self, request: Request) -> Response:
        """Interrupt what the session runs."""
        connection = self._connection(request)
        if connection is not None:
            connection._duck_conn.interrupt()  # fakesnow has no method for it.
        return JSONResponse({"success": True})

    async def query(self, request: Request) -> Response:
        """Run a statement, once."""
        connection = self._connection(request)
        if connection is None:
            return _gone()
        # Read before the client can be gone.
        body = await _body(request)
        return await self.answers.first(
            to_token(request), request.query_params.get("requestId"), lambda: self._run(request, connection, body)
        )

    async def answer(self, request: Request) -> Response:
        """The answer to a statement that took long."""
        if self._connection(request) is None:
            return _gone()
        return await self.answers.later(to_token(request), request.path_params["request"])

    async def _run(self, request: Request, connection: LocalConnection, body: dict[str, Any]) -> Response:
        """Run a statement: one of ours, or by fakesnow."""
        describe_only = bool(body.get("describeOnly"))
        bindings = body.get("bindings") or {}
        parameters = tuple(str(b.get("value")) for _, b in sorted(bindings.items()))
        try:
            answer = await run_in_threadpool(
                statements.run, body["sqlText"], connection.session, parameters=parameters, describe_only=describe_only
            )
            match answer:
                case Transfer():
                    return JSONResponse({"success": True, "data": answer.data})
                case Result():
                    return self._table(connection, answer, describe_only=describe_only)
        except Refused as refused:
            return _failure(refused.message, code=f"{refused.errno:06d}", sqlstate=refused.sqlstate)
        except Exception as error:  # noqa: BLE001  After an HTTP 500 clients run the statement again, for minutes.
            return _failure(f"{type(error).__name__}: {error}", code="000603", sqlstate="XX000")
        _replace_body(request, _one_statement(body | {"sqlText": statements.normalize(body["sqlText"])}))
        async with self._turn(to_token(request)):
            response: Response = await query_request(request)
        if response.status_code != SUCCESS:
            message = json.loads(bytes(response.body)).get("message", "")
            return _failure(f"not supported by the local Snowflake: {message}", code="000603", sqlstate="XX000")
        return response

    def _table(self, connection: LocalConnection, result: Result, *, describe_only: bool) -> Response:
        import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

        rowtype = describe_as_rowtype([(name, kind, None, None, None, None) for name, kind in result.columns])
        kinds = {TEXT: pa.string(), WHOLE: pa.int64(), TIME: pa.timestamp("us", "UTC")}
        schema = pa.schema([(name, kinds[kind]) for name, kind in result.columns])
        columns = [[row[index] for row in result.rows] for index in range(len(result.columns))]
        arrays = [pa.array(c, type=field.type) for c, field in zip(columns, schema, strict=True)]
        table = pa.Table.from_arrays(arrays, schema=schema)
        query_id = str(uuid.uuid4())
        self.engine.results_cache[query_id] = (table, table.num_rows, "SELECT 1", None, exp.Select())
        rows = b64encode(to_ipc(to_sf(table, rowtype))).decode() if table.num_rows and not describe_only else ""
        return JSONResponse(
            {
                "success": True,
                "data": {
                    "parameters": [{"name": "TIMEZONE", "value": "Etc/UTC"}],
                    "rowtype": rowtype,
                    "total": 0 if describe_only else table.num_rows,
                    "returned": 0 if describe_only else table.num_rows,
                    "queryId": query_id,
                    "statementTypeId": SELECT,
                    "numberOfBinds": 0,
                    "finalDatabaseName": connection.database,
                    "finalSchemaName": connection.schema,
                    "finalRoleName": connection.session.role,
                    "finalWarehouseName": connection.session.warehouse,
                    "queryResultFormat": "arrow",
                    "rowsetBase64": rows,
                },
            }
        )

    def _turn(self, token: str) -> asyncio.Lock:
        return self.turns.setdefault(token, asyncio.Lock())

    def _connection(self, request: Request) -> LocalConnection | None:
        authorization = request.headers.get("Authorization")
        if not authorization:
            return None
        found = sessions.get(to_token(request))
        return found if isinstance(found, LocalConnection) else None


async def _body(request: Request) -> dict[str, Any]:
    data = await request.body()
    if request.headers.get("Content-Encoding") == "gzip":
        data = gzip.decompress(data)
    body: dict[str, Any] = json.loads(data) if data else {}
    return body


def _one_statement(body: dict[str, Any]) -> dict[str, Any]:
    """Turn an INSERT of many rows by array binding into one with as many VALUES.

    fakesnow runs such a batch row by row, at some 5 ms each: create_dataframe of 600 rows took 3 s.
    """
    bindings = body.get("bindings") or {}
    row = ROW_OF_MARKS.search(body["sqlText"])
    columns: list[dict[str, Any]] = [bindings.get(str(position), {}) for position in range(1, len(bindings) + 1)]
    if row is None or not columns or not all(isinstance(column.get("value"), list) for column in columns):
        return body
    count = len(columns[0]["value"])
    cells = ({**column, "value": column["value"][index]} for index in range(count) for column in columns)
    return body | {
        "sqlText": body["sqlText"][: row.start(1)] + ", ".join([row[1]] * count),
        "bindings": {str(position): cell for position, cell in enumerate(cells, 1)},
    }


def _replace_body(request: Request, body: dict[str, Any]) -> None:
    """Let fakesnow read another body: Starlette keeps the one that has been read."""
    data = json.dumps(body).encode()
    compressed = request.headers.get("Content-Encoding") == "gzip"
    request._body = gzip.compress(data, 1) if compressed else data


def _failure(message: str, *, code: str, sqlstate: str) -> Response:
    return JSONResponse(
        {"success": False, "code": code, "message": message, "data": {"errorCode": code, "sqlState": sqlstate}}
    )


def _gone() -> Response:
    body = {"success": False, "code": "390104", "message": "User must login again to access the service.", "data": None}
    return JSONResponse(body, status_code=401)
