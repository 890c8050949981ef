"""Errors from below (sqlglot, fakesnow, DuckDB or a handler) as Snowflake would report them.

The parts below do not know Snowflake's numbers, and their messages quote rewritten SQL. Recognized errors get
Snowflake's number, SQLSTATE and words; the others keep DuckDB's words without its SQL, and errors that are not meant
for people, such as failed assertions, become an unsupported feature.
"""

from __future__ import annotations

import re
import sys
import traceback

import duckdb
import snowflake.connector.errors as client
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from snowbuild.local.values.results import Refused, compilation, unsupported
from snowbuild.local.values.tokens import SyntaxProblem, place
from snowbuild.local.wire.duckdb_failures import of_duckdb

END = "<EOF>"


def refusal(error: Exception, sql: str) -> Refused:
    """The refusal of a statement, for any exception raised while it ran."""
    match error:
        case Refused():
            return error
        case SyntaxProblem():
            return compilation(str(error))
    cause = error.__cause__ or error.__context__ if isinstance(error, client.Error) else error
    match cause:
        case ParseError():
            return _unreadable(cause, sql)
        case TokenError():
            line, position = _end(sql)
            return compilation(f"parse error line {line} at position {position} near '{END}'.")
        # DuckDB takes anything after SHOW that fakesnow does not know for a table.
        case duckdb.CatalogException() if re.match(r"\s*SHOW\b", sql, re.IGNORECASE):
            return unsupported()
        case duckdb.Error():
            return of_duckdb(cause, sql)
    if isinstance(error, client.Error) and not isinstance(cause, NotImplementedError):
        message = re.sub(r"^\d{6} \(\w{5}\): ", "", str(error.msg))
        if error.errno < 0 or not error.sqlstate:
            return compilation(message)
        return Refused(message, errno=error.errno, sqlstate=error.sqlstate)
    # The log only names the place: values and the statement may be secret.
    where = "".join(traceback.format_tb(error.__traceback__))
    print(f"{type(error).__name__}\n{where}", file=sys.stderr, flush=True)  # noqa: T201  The server's log.
    return unsupported()


# What sqlglot cannot read


def _unreadable(error: ParseError, sql: str) -> Refused:
    if not error.errors:
        return compilation("Empty SQL statement.", errno=900)
    (facts, *_) = error.errors
    description, highlight = str(facts["description"]), str(facts["highlight"])
    before = str(facts["start_context"])
    needed = re.match(r"Required keyword: '\w+' missing for <class '[\w.]+\.(\w+)'>", description)
    too_many = re.match(r"The number of provided arguments \((\d+)\).*\((\d+)\)$", description)
    kind = getattr(exp, needed[1], None) if needed else None
    is_function = isinstance(kind, type) and issubclass(kind, exp.Func) and not issubclass(kind, exp.Connector)
    if (is_function or too_many) and (call := _last_call(before + highlight)):
        name, given, start = call
        if too_many:
            text = f"too many arguments for function [{name}] expected {too_many[2]}, got {too_many[1]}"
            return compilation(text, at=place(sql, start), errno=939, sqlstate="22023")
        wanted = sum(getattr(kind, "arg_types", {}).values())
        text = f"not enough arguments for function [{name}], expected {wanted}, got {given}"
        return compilation(text, at=place(sql, start), errno=938, sqlstate="22023")
    # sqlglot notices at the end that something is missing, and blames the last word.
    incomplete = "SENTINEL" in description or needed is not None or not highlight
    if incomplete and not str(facts["end_context"]).strip() and highlight != ")":
        line, position = _end(sql)
        return compilation(f"syntax error line {line} at position {position} unexpected '{END}'.")
    position = int(facts["col"]) - len(highlight)
    return compilation(f"syntax error line {facts['line']} at position {position} unexpected '{highlight}'.")


def _last_call(text: str) -> tuple[str, int, int] | None:
    """The call at the end of a text: its name as written, its number of arguments, and where it begins."""
    if not text.endswith(")"):
        return None
    depth = count = 0
    for index in range(len(text) - 1, -1, -1):
        letter = text[index]
        depth += {")": 1, "(": -1}.get(letter, 0)
        count += letter == "," and depth == 1
        if depth == 0:
            name = re.search(r"[\w$]+\s*$", text[:index])
            inside = text[index + 1 : -1].strip()
            return (text[name.start() :].upper(), count + bool(inside), name.start()) if name else None
    return None


def _end(sql: str) -> tuple[int, int]:
    return place(sql, len(sql.rstrip()))
