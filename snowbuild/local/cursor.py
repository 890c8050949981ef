"""fakesnow's connection and cursor, taught about Python functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import duckdb
import snowflake.connector.errors as client
from fakesnow import transforms
from fakesnow.conn import FakeSnowflakeConnection
from fakesnow.cursor import FakeSnowflakeCursor
from sqlglot import exp

from snowbuild.local.binding import bind
from snowbuild.local.catalogue import FunctionKey
from snowbuild.local.results import Refused
from snowbuild.local.rewrite import rewrite

if TYPE_CHECKING:
    from snowbuild.local.definition import FunctionDefinition
    from snowbuild.local.engine import Session

KEPT_RESULTS = 64
"""Results that RESULT_SCAN can still reach; older ones are forgotten."""
USER_ERROR = 100357
"""Snowflake's number for an error inside a function."""


class LocalConnection(FakeSnowflakeConnection):
    """A session's connection."""

    session: Session

    def cursor(self, cursor_class: Any = None) -> LocalCursor:
        """A cursor of ours, whatever class is asked for."""
        named = getattr(cursor_class, "__name__", "") == "DictCursor"
        return LocalCursor(self, self._duck_conn, named)


class LocalCursor(FakeSnowflakeCursor):
    """Runs one statement after the other."""

    _conn: LocalConnection

    def execute(self, command: str, *args: Any, **kwargs: Any) -> LocalCursor:
        """Run a statement.

        Raises:
            snowflake.connector.errors.Error: whatever went wrong. Anything else would become an HTTP 500, which
                clients try again for minutes.
        """
        try:
            super().execute(command, *args, **kwargs)
        except client.Error as error:
            raise _in_snowflakes_words(error) from error
        except Refused as refused:
            raise client.ProgrammingError(
                msg=refused.message, errno=refused.errno, sqlstate=refused.sqlstate
            ) from refused
        except Exception as error:  # See Raises.
            text = f"not supported by the local Snowflake: {type(error).__name__}: {error}"
            raise client.ProgrammingError(msg=text, errno=603, sqlstate="XX000") from error
        results = self._conn.results_cache
        while len(results) > KEPT_RESULTS:
            results.pop(next(iter(results)), None)
        return self

    def _transform(self, expression: exp.Expr, params: Any) -> exp.Expr:
        session = self._conn.session
        named = expression.transform(
            lambda node: transforms.identifier(node, params) if node.find(exp.DynamicIdentifier) else node, copy=False
        )
        for definition in bind(named, session.namespace, self._overloads, self._column_types):
            session.engine.register(definition)
        return super()._transform(self._rewrite(named), params)

    def _rewrite(self, query: exp.Expr) -> exp.Expr:
        session = self._conn.session
        return rewrite(query, session.context(), session.roles(), self._result_table)

    def _overloads(self, name: tuple[str, str, str]) -> list[FunctionDefinition]:
        database, schema, function = name
        session = self._conn.session
        found = session.engine.catalogue.functions(database=database, schema=schema, name=function)
        # What the role may not use is not there for it.
        return [r.definition for r in found if session.may_use(FunctionKey.of(r.definition).securable)]

    def _column_types(self, select: exp.Select) -> list[str] | None:
        try:
            sql = super()._transform(self._rewrite(select), None).sql(dialect="duckdb")
            rows = self._duck_conn.execute(f"DESCRIBE {sql}").fetchall()
        except Exception:  # noqa: BLE001  A part of a query need not make sense alone; its types are then unknown.
            return None
        return [kind for _, kind, *_ in rows]

    def _result_table(self, query_id: str) -> str:
        """Show an earlier result to DuckDB; gives the name of the table."""
        result = self._conn.results_cache.get(query_id)
        if result is None:
            raise Refused(f"Statement {query_id} not found", errno=709, sqlstate="02000")
        name = "_result_" + query_id.replace("-", "")
        self._duck_conn.register(name, result[0])
        return name

    def _execute(self, transformed: exp.Expr, params: Any = None) -> None:
        try:
            super()._execute(transformed, params)
        except duckdb.InvalidInputException as error:
            message = str(error).partition("FunctionError: ")[2]
            if not message:
                raise
            raise client.ProgrammingError(msg=message, errno=USER_ERROR, sqlstate="P0000") from error


def _in_snowflakes_words(error: client.Error) -> client.Error:
    unknown = re.search(r"Scalar Function with name \"?(.+?)\"? does not exist", str(error.msg or ""))
    if unknown is None:
        return error
    message = f"SQL compilation error:\nUnknown function {unknown[1].upper()}."
    return client.ProgrammingError(msg=message, errno=2140, sqlstate="42601")
