"""DuckDB's errors → Snowflake's. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

import duckdb

from snowbuild.local.functions.function import FunctionError
from snowbuild.local.functions.registry import MACRO
from snowbuild.local.values.results import Refused, compilation, unsupported
from snowbuild.local.values.tokens import place

USER_ERROR = 100357
"""Snowflake's number for an error inside a function."""
EXECUTION_ERROR = 100132

NUMBER = r"(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?\d*|DECIMAL|DOUBLE|FLOAT)"
NAME = r'"*([^\n]+?)"*'
VALUE = r"[\"'](.*?)[\"']"


class Rule(NamedTuple):
    """What DuckDB says, and what Snowflake would say."""

    pattern: str
    """Of DuckDB's message."""
    message: str
    """With `{0}`, `{1}` … for the pattern's groups."""
    errno: int
    sqlstate: str
    compiling: bool = True
    """Whether Snowflake finds it before it runs anything."""
    places: bool = False
    """Whether the first group is a name whose place in the statement Snowflake gives."""


# The first that fits counts.
RULES = (
    Rule(rf"Scalar (?:Macro )?Function with name {NAME} does not exist", "Unknown function {0}.", 2140, "42601"),
    Rule(rf"Table (?:Macro )?Function with name {NAME} does not exist", "Unknown function {0}.", 2140, "42601"),
    Rule(r'Catalog "(.+?)" does not exist', "Database '{0}' does not exist or not authorized.", 2003, "02000"),
    Rule(rf"Schema with name {NAME} does not exist", "Schema '{0}' does not exist or not authorized.", 2003, "02000"),
    Rule(
        rf"(?:Table|View|Sequence) with name {NAME} does not exist",
        "Object '{0}' does not exist or not authorized.", 2003, "42S02",
    ),
    Rule(rf"Column with name {NAME} already exists", "duplicate column name '{0}'", 2025, "42S21"),
    Rule(rf"with name {NAME} already exists", "Object '{0}' already exists.", 2002, "42710"),
    # There is no known public source for this number, or for the one for time zones.
    Rule(
        rf"Existing object {NAME} is of type \w+, trying to \w+ type (\w+)",
        "Object found is not of type '{1}' specified in the statement: '{0}'.", 1983, "42601",
    ),
    Rule(rf"have a column (?:named|with name) {NAME}\n", "invalid identifier '{0}'", 904, "42000", places=True),
    Rule(
        rf"Referenced (?:update )?(?:column|table) {NAME} (?:was )?not found",
        "invalid identifier '{0}'", 904, "42000", places=True,
    ),
    Rule(
        rf"Column {NAME} (?:in EXCLUDE list not found|does not exist on)",
        "invalid identifier '{0}'", 904, "42000", places=True,
    ),
    Rule(
        rf"Ambiguous reference to column name {NAME} ", "ambiguous column name '{0}'", 904, "42000", places=True
    ),
    Rule(
        rf"column {NAME} must appear in the GROUP BY clause",
        "'{0}' in select clause is neither an aggregate nor in the group by clause.", 979, "42601", places=True,
    ),
    Rule(
        r"No function matches the given name and argument types '\"?(.+?)\"?\((.*?)\)'",
        "Invalid argument types for function '{0}': ({1})", 1044, "42P13", places=True,
    ),
    Rule(
        r"best candidate function for the function call \"(.+?)\((.*?)\)\"",
        "Invalid argument types for function '{0}': ({1})", 1044, "42P13", places=True,
    ),
    Rule(
        r"Macro (?:_fs_)?(\w+?)\(\) does not support the supplied arguments",
        "Invalid number of arguments for function '{0}'", 1044, "42P13", places=True,
    ),
    Rule(
        r"Unimplemented type for cast \((.+?) -> (\w+)",
        "invalid type [{0}] for parameter 'TO_{1}'", 1007, "22023",
    ),
    Rule(
        r"Function \"(\w+)\" is a Macro Function",
        "{0} is not an aggregate function and takes no DISTINCT.", 1003, "42000",
    ),
    Rule(r"Window function macro bodies", "Invalid function type for window function.", 1003, "42000"),
    Rule(
        r"Set operations can only apply to expressions with the same number",
        "invalid number of result columns for set operator input branches", 1789, "42601",
    ),
    Rule(
        r"table \S+ has (\d+) columns but (\d+) values were supplied",
        "Insert value list does not match column list expecting {0} but got {1}", 2020, "21S01",
    ),
    Rule(r"Values were not provided for the following parameters", "Bind variable ? not set.", 2049, "42601"),
    Rule(
        rf"Could not convert string [\"'][+-]?\d*\.?\d+\.?(?:e[+-]?\d+)?[\"'] to {NUMBER}",
        "Number out of representable range", 100046, "22003", compiling=False,
    ),
    Rule(
        rf"Could not convert string {VALUE} to {NUMBER}",
        "Numeric value '{0}' is not recognized", 100038, "22018", compiling=False,
    ),
    Rule(
        rf"Could not convert string {VALUE} to BOOL",
        "Boolean value '{0}' is not recognized", 100037, "22018", compiling=False,
    ),
    Rule(rf"\bdate field [\w ]+: {VALUE}", "Date '{0}' is not recognized", 100040, "22007", compiling=False),
    Rule(rf"timestamp field [\w ]+: {VALUE}", "Timestamp '{0}' is not recognized", 100035, "22007", compiling=False),
    Rule(rf"\btime field [\w ]+: {VALUE}", "Time '{0}' is not recognized", 100108, "22007", compiling=False),
    Rule(r"Division by zero", "Division by zero", 100051, "22012", compiling=False),
    Rule(
        r"^Out of Range Error|\bINT\d+ with value \S+ can't be cast because the value is out of range",
        "Number out of representable range", 100046, "22003", compiling=False,
    ),
    Rule(r"Malformed JSON[^:\n]*: ([^.\n]*)", "Error parsing JSON: {0}", 100069, "22P02", compiling=False),
    Rule(rf"Unknown TimeZone {VALUE}!", "Timezone not recognized: '{0}'", 100095, "22023", compiling=False),
    Rule(
        r"^Invalid Input Error: (missing [\])]|no argument for repetition operator|bad \w+ \w+)[^:\n]*: ([^\n]*)",
        "Invalid regular expression: '{1}', {0}", 100048, "2201B", compiling=False,
    ),
)  # fmt: skip


def of_duckdb(error: duckdb.Error, sql: str) -> Refused:
    """The refusal of the statement `sql`, as it was written."""
    text = str(error)
    if FunctionError.__name__ in text:
        return Refused(text.partition(f"{FunctionError.__name__}: ")[2], errno=USER_ERROR, sqlstate="P0000")
    for rule in RULES:
        if found := re.search(rule.pattern, text, re.IGNORECASE):
            return _refusal(rule, found, sql)
    message = _first_words(text)
    match error:
        case duckdb.InterruptException():
            return Refused("SQL execution canceled", errno=604, sqlstate="57014")
        case duckdb.ParserException():
            token = re.search(r'syntax error at or near "+(.*?)"+$', message)
            return unsupported(f"read this statement near '{token[1]}'") if token and token[1] else unsupported()
        case duckdb.NotImplementedException() | duckdb.InternalException():
            return unsupported()
        case duckdb.BinderException() | duckdb.CatalogException():
            return compilation(message, errno=2043, sqlstate="02000")
    return Refused(message, errno=EXECUTION_ERROR, sqlstate="P0000")


def _refusal(rule: Rule, found: re.Match[str], sql: str) -> Refused:
    words = [group or "" for group in found.groups()]
    if words:
        macro = MACRO.fullmatch(words[0])
        words[0] = (macro[1] if macro else words[0]).strip('"')
        # DuckDB writes its own functions in lower case.
        words[0] = words[0].upper() if "function" in rule.message else words[0]
    at = _named(words[0], sql) if rule.places and words else None
    message = rule.message.format(*words)
    if rule.compiling:
        return compilation(message, at=at, errno=rule.errno, sqlstate=rule.sqlstate)
    return Refused(message, errno=rule.errno, sqlstate=rule.sqlstate)


def _named(name: str, sql: str) -> tuple[int, int] | None:
    """The place of a name in the statement as it was written."""
    found = re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", sql, re.IGNORECASE)
    return place(sql, found.start()) if found else None


def _first_words(text: str) -> str:
    """A message without DuckDB's kind of error in front, and without candidates and SQL at the end."""
    message = re.sub(r"^[\w ]+ Error: ", "", text).partition("\n")[0].strip()
    return re.split(r"\. (?:You might need|In order to|Use )", message)[0] or "SQL execution error"
