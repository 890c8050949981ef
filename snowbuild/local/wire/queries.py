"""A statement of a client → what Snowflake's server would answer."""

from __future__ import annotations

import io
import re
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fakesnow.converter import from_binding, from_datetime
from fakesnow.dialect import parse
from fakesnow.rowtype import describe_as_rowtype
from fakesnow.statement_type import DML_TYPE_IDS, INSERT, SELECT, statement_type_id
from snowflake.connector.util_text import split_statements
from sqlglot import exp

from snowbuild.local.statements import dispatch as statements
from snowbuild.local.values.results import TEXT, TIME, WHOLE, Refused, Result, Transfer, compilation, unsupported
from snowbuild.local.values.tokens import Reader, SyntaxProblem
from snowbuild.local.wire.failures import refusal
from snowbuild.local.wire.rowset import rowset, typed
from snowbuild.sql import literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

    from snowbuild.local.engine.session import Session

    Bindings = Mapping[str, Mapping[str, Any]]
    """By position from 1, or by name: `{"type": "FIXED", "value": "10"}`; a list of values is a column of rows."""

SEVERAL, SEVERAL_DONE = "multiple statement execution", "Multiple statements executed successfully."
SEVERAL_TYPE = 0xA000
"""Snowflake's number for several statements in one."""

ROW_OF_MARKS = re.compile(r"\bVALUES\s*(\(\s*\?(?:\s*,\s*\?)*\s*\))\s*;?\s*$", re.IGNORECASE)


def answer(session: Session, request: Mapping[str, Any]) -> dict[str, Any]:
    """Run the statement of a request, or its statements, in which case the answer says where to find each result.

    Raises:
        Refused: with Snowflake's number and words, whatever went wrong; earlier statements stay done.
    """
    count = int((request.get("parameters") or {}).get("MULTI_STATEMENT_COUNT", 1))
    if count == 1:
        return _answer(session, request)
    parts = [part for part in split_statements(io.StringIO(request["sqlText"])) if part[0].strip(" \n;")]
    if count not in (0, len(parts)):
        raise _miscounted(len(parts), count)
    if any(moves_files for _, moves_files in parts):
        raise unsupported("run PUT or GET among several statements")
    given = [_answer(session, {"sqlText": text}) for text, _ in parts]
    whole = _ours(session, Result(columns=((SEVERAL, TEXT),), rows=((SEVERAL_DONE,),)), describe_only=False)
    return whole | {
        "resultIds": ",".join(data["queryId"] for data in given),
        "resultTypes": ",".join(str(data["statementTypeId"]) for data in given),
        "statementTypeId": SEVERAL_TYPE,
    }


def kept(session: Session, query_id: str) -> dict[str, Any]:
    """The answer of an earlier query once more.

    Raises:
        Refused: its result is not kept.
    """
    scan = {"sqlText": f"SELECT * FROM TABLE(RESULT_SCAN({literal(query_id)}))", "describeOnly": True}  # noqa: S608  A quoted constant.
    rowtype = _answer(session, scan)["rowtype"]
    table, *_, expression = session.engine.results_cache[query_id]
    return _data(session, rowtype, table, kind=statement_type_id(expression), query_id=query_id)


def _answer(session: Session, request: Mapping[str, Any]) -> dict[str, Any]:
    """Run the single statement of a request; returns the `data` of the answer.

    Raises:
        Refused: with Snowflake's number and words, whatever went wrong.
    """
    sql: str = request["sqlText"]
    bindings: Bindings = request.get("bindings") or {}
    describe_only = bool(request.get("describeOnly"))
    # By position as a number, so that 10 comes after 9.
    marks = sorted(bindings, key=lambda position: (len(position), position))
    texts = tuple(str(bindings[position].get("value")) for position in marks)
    try:
        ours = statements.run(sql, session, parameters=texts, describe_only=describe_only)
        match ours:
            case Transfer():
                return ours.data
            case Result():
                return _ours(session, ours, describe_only=describe_only)
        return _query(session, statements.normalize(sql), bindings, describe_only=describe_only)
    except Exception as error:
        raise refusal(error, sql) from error


def _ours(session: Session, result: Result, *, describe_only: bool) -> dict[str, Any]:
    import pyarrow as pa

    rowtype = describe_as_rowtype([(name, kind, None, None, None, None) for name, kind in result.columns])
    kinds = {TEXT: pa.string(), WHOLE: pa.int64(), TIME: pa.timestamp("us", "UTC")}
    schema = pa.schema([(name, kinds[kind]) for name, kind in result.columns])
    columns = [[row[index] for row in result.rows] for index in range(len(result.columns))]
    arrays = [pa.array(c, type=field.type) for c, field in zip(columns, schema, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=schema)
    query_id = str(uuid.uuid4())
    session.engine.results_cache[query_id] = (table, table.num_rows, "SELECT 1", None, exp.Select())
    session.last_query = query_id
    return _data(session, rowtype, None if describe_only else table, kind=SELECT, query_id=query_id)


def _query(session: Session, sql: str, bindings: Bindings, *, describe_only: bool) -> dict[str, Any]:
    sql, bindings = _one_statement(sql, bindings)
    expression = _only(sql)
    kind = statement_type_id(expression)
    cursor = session.connection.cursor()
    if describe_only and (columns := cursor._describe_only(sql)) is not None:  # fakesnow's, for its own server.
        data = _data(session, describe_as_rowtype(columns), None, kind=kind, query_id=cursor.sfqid)
        # Clients decide by these whether to send many rows at once.
        return data | {
            "numberOfBinds": len(list(expression.find_all(exp.Placeholder))),
            "arrayBindSupported": kind == INSERT,
        }
    rows = _parameters(bindings)
    counted = 0
    for row in rows:
        cursor.execute(sql, binding_params=row, server=True)
        counted += cursor.rowcount or 0
    rowtype = describe_as_rowtype(cursor._describe_last_sql())  # fakesnow's, for its own server.
    table, query_id = typed(cursor._arrow_table, rowtype), str(cursor.sfqid)  # As above.
    session.engine.results_cache[query_id] = (table, *session.engine.results_cache[query_id][1:])
    data = _data(session, rowtype, table, kind=kind, query_id=query_id)
    if len(rows) > 1 and kind in DML_TYPE_IDS:
        data |= {"total": 1, "rowset": [[str(counted)]]}
    return data


def _only(sql: str) -> exp.Expr:
    read = [each for each in parse(sql) if each is not None and not isinstance(each, exp.Semicolon)]
    match read:
        case []:
            raise compilation("Empty SQL statement.", errno=900)
        case [expression]:
            if any(select.args.get("laterals") for select in expression.find_all(exp.Select)):
                raise _no_comma(sql)
            return expression
    raise _miscounted(len(read), 1)


def _no_comma(sql: str) -> SyntaxProblem:
    """The refusal of a LATERAL that nothing joins: sqlglot reads it as other dialects' LATERAL VIEW."""
    reader = Reader(sql)
    before = ""
    while reader.here is not None and (not reader.peek("LATERAL") or before in (",", "JOIN")):
        before = reader.here.text.upper()
        reader.at += 1
    return reader.problem()


def _miscounted(count: int, wanted: int) -> Refused:
    text = f"Actual statement count {count} did not match the desired statement count {wanted}."
    return Refused(text, errno=8, sqlstate="0A000")


def _data(
    session: Session, rowtype: list[Any], table: pa.Table | None, *, kind: int, query_id: str | None
) -> dict[str, Any]:
    count = 0 if table is None else table.num_rows
    data: dict[str, Any] = {
        "parameters": [{"name": "TIMEZONE", "value": "Etc/UTC"}],
        "rowtype": rowtype,
        "total": count,
        "returned": count,
        "queryId": query_id,
        "statementTypeId": kind,
        "numberOfBinds": 0,
        "finalDatabaseName": session.connection.database,
        "finalSchemaName": session.connection.schema,
        "finalRoleName": session.role,
        "finalWarehouseName": session.warehouse,
    }
    if kind in DML_TYPE_IDS:
        # Clients read the numbers of affected rows from JSON.
        columns = [] if table is None else [column.to_pylist() for column in table.columns]
        rows = [[None if value is None else str(value) for value in row] for row in zip(*columns, strict=True)]
        return data | {"queryResultFormat": "json", "rowset": rows}
    text = rowset(table, rowtype) if table is not None and count else ""
    return data | {"queryResultFormat": "arrow", "rowsetBase64": text}


def _parameters(bindings: Bindings) -> list[Any]:
    """The values to run the statement with, once for each bound row; None if nothing was bound."""
    if not bindings:
        return [None]
    if not all(position.isdigit() for position in bindings):
        return [{name: _value(bound) for name, bound in bindings.items()}]
    columns = [bindings[str(position)] for position in range(1, len(bindings) + 1)]
    if not any(isinstance(column["value"], list) for column in columns):
        return [tuple(map(_value, columns))]
    values = ([_value({**column, "value": value}) for value in column["value"]] for column in columns)
    return list(zip(*values, strict=True))


def _value(bound: Mapping[str, Any]) -> Any:
    text = bound["value"]
    match bound["type"]:
        case _ if text is None:
            return None
        case "FIXED":
            return int(text) if re.fullmatch(r"-?\d+", text) else Decimal(text)
        case "REAL":
            return float(text)
        case "TIMESTAMP_NTZ":
            return from_datetime(text).replace(tzinfo=None)
    return from_binding(dict(bound))


def _one_statement(sql: str, bindings: Bindings) -> tuple[str, Bindings]:
    """Turn an INSERT of many rows by array binding into one with many VALUES.

    fakesnow runs one row at a time, at about 5 ms each: create_dataframe of 600 rows took 3 s.
    """
    row = ROW_OF_MARKS.search(sql)
    columns = [bindings.get(str(position), {}) for position in range(1, len(bindings) + 1)]
    if row is None or not columns or not all(isinstance(column.get("value"), list) for column in columns):
        return sql, bindings
    count = len(columns[0]["value"])
    cells = ({**column, "value": column["value"][index]} for index in range(count) for column in columns)
    return (
        sql[: row.start(1)] + ", ".join([row[1]] * count),
        {str(position): cell for position, cell in enumerate(cells, 1)},
    )
