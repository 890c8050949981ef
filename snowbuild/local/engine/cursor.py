"""fakesnow's connection and cursor, extended by Python functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
from fakesnow.conn import FakeSnowflakeConnection
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.dialect import parse_one
from sqlglot import exp

from snowbuild.local.engine.binding import Binder
from snowbuild.local.engine.corrections import correct
from snowbuild.local.engine.identifiers import put_in
from snowbuild.local.engine.rewrite import as_written, rewrite
from snowbuild.local.engine.tables import Tables
from snowbuild.local.engine.temporary_tables import full_name, shorten
from snowbuild.local.state.catalogue import FunctionKey

if TYPE_CHECKING:
    from snowbuild.local.engine.session import Session
    from snowbuild.local.values.definition import FunctionDefinition

    Step = tuple[exp.Expr, Any]
    """What DuckDB has run, and its parameters."""

KEPT_RESULTS = 64
"""How many results RESULT_SCAN can reach; older ones are forgotten."""


class LocalConnection(FakeSnowflakeConnection):
    """A session's connection."""

    session: Session

    def __init__(self, duck_conn: duckdb.DuckDBPyConnection, *args: Any, **kwargs: Any) -> None:
        super().__init__(duck_conn, *args, **kwargs)
        ((self.number,),) = duck_conn.execute("SELECT current_connection_id()").fetchall()
        """DuckDB's."""
        self._changes: list[Step] = []
        """What the open transaction has done."""

    def cursor(self, cursor_class: Any = None) -> LocalCursor:
        """Our own cursor, whatever class is asked for."""
        named = getattr(cursor_class, "__name__", "") == "DictCursor"
        return LocalCursor(self, self._duck_conn, named)

    def interrupt(self) -> None:
        """Stop DuckDB's query; safe from any thread."""
        self._duck_conn.interrupt()

    def end_transaction(self) -> None:
        """Commit the open transaction, if there is one."""
        try:
            self._duck_conn.commit()
        except duckdb.TransactionException:  # There is none.
            return
        self._in_transaction = False
        self._changes.clear()

    def keep(self, steps: list[Step]) -> None:
        """Remember what a statement has done, as long as its transaction is open."""
        for done, parameters in steps:
            if isinstance(done, exp.Transaction | exp.Commit | exp.Rollback):
                self._in_transaction = isinstance(done, exp.Transaction)
            elif not isinstance(done, exp.Query):
                self._changes.append((done, parameters))
        if not self._in_transaction:
            self._changes.clear()

    def restore(self) -> None:
        """Repeat what the open transaction had done: DuckDB aborts it when a statement fails, Snowflake does not."""
        try:
            self._duck_conn.execute("SELECT 1")
        except duckdb.TransactionException:
            self._duck_conn.rollback()
            self._duck_conn.begin()
            for done, parameters in self._changes:
                self.cursor()._execute(done, parameters)


class LocalCursor(FakeSnowflakeCursor):
    """Runs one statement after the other."""

    _conn: LocalConnection
    _exact_sums = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._steps: list[Step] = []
        """Of the running statement: a MERGE has several."""

    def execute(self, command: str, *args: Any, **kwargs: Any) -> LocalCursor:
        """Run a statement.

        Raises:
            Refused: a function is called with arguments of other types than it takes.
            snowflake.connector.errors.Error: fakesnow's version of an error of DuckDB, which is its cause.
            Exception: anything else that fakesnow raises for unexpected input.
        """
        self._steps = []
        try:
            super().execute(command, *args, **kwargs)
        except Exception as error:
            self._conn.restore()
            if self._exact_sums and "'sum(" in str(error.__cause__):
                self._exact_sums = False
                return self.execute(command, *args, **kwargs)
            # Types are compared only after a conversion has failed, because describing each query would take time.
            if isinstance(error.__cause__, duckdb.ConversionException | duckdb.BinderException):
                self._binder(strict=True).bind(parse_one(command))
            raise
        self._conn.keep(self._steps)
        self._remember_view(command)
        self._conn.session.last_query = self._sfqid
        results = self._conn.results_cache
        while len(results) > KEPT_RESULTS:
            results.pop(next(iter(results)), None)
        return self

    def _execute(self, transformed: exp.Expr, params: Any = None) -> None:
        super()._execute(transformed, params)
        self._steps.append((transformed, params))

    def _describe_last_sql(self) -> list[Any]:
        # fakesnow has sqlglot read it first, which does not know DESCRIBE before a parenthesis.
        return self._duck_conn.execute(f"DESCRIBE {self._last_sql}", self._last_params).fetchall()

    def _remember_view(self, command: str) -> None:
        done: Any = self._last_transformed
        is_view = isinstance(done, exp.Create | exp.Drop) and done.args.get("kind") == "VIEW"
        table = done.find(exp.Table) if is_view else None
        if table is None:
            return
        session = self._conn.session
        name = full_name(table, session.namespace)
        if isinstance(done, exp.Drop):
            session.engine.catalogue.drop_view(name)
        else:
            session.engine.catalogue.put_view(name, command, replace=not done.args.get("exists"))

    def _transform_explode(self, expression: exp.Expr) -> list[exp.Expr]:
        return super()._transform_explode(correct(expression, exact_sums=self._exact_sums))

    def _transform(self, expression: exp.Expr, params: Any) -> exp.Expr:
        session = self._conn.session
        put_in(expression, params)
        shorten(expression, session.temporary_tables, session.namespace)
        self._binder().bind(expression)
        return as_written(super()._transform(self._rewrite(expression), params))

    def _binder(self, *, strict: bool = False) -> Binder:
        return Binder(self._conn.session.namespace, self._overloads, self._column_types, strict=strict)

    def _rewrite(self, query: exp.Expr) -> exp.Expr:
        session = self._conn.session
        return rewrite(query, session.context(), session.roles(), Tables(session, self._duck_conn))

    def _overloads(self, name: tuple[str, str, str]) -> list[FunctionDefinition]:
        database, schema, function = name
        session = self._conn.session
        found = session.functions(database=database, schema=schema, name=function)
        # What the role may not use does not exist for it.
        return [r.definition for r in found if session.may_use(FunctionKey.of(r.definition).securable)]

    def _column_types(self, select: exp.Select) -> list[str] | None:
        try:
            sql = super()._transform(self._rewrite(select), None).sql(dialect="duckdb")
            rows = self._duck_conn.execute(f"DESCRIBE {sql}").fetchall()
        except Exception:  # noqa: BLE001  Part of a query may make no sense alone; its types are then unknown.
            return None
        return [kind for _, kind, *_ in rows]
