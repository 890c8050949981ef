"""Calls of Python functions in queries → calls of their macros in DuckDB: which overload, and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp, parse_one

from snowbuild.local.engine.conversions import call_macro
from snowbuild.local.engine.rewrite import SNOWFLAKE
from snowbuild.local.functions.registry import macro_name
from snowbuild.local.state.catalogue import FunctionKey
from snowbuild.local.values.names import stored_name, unknown_function, written
from snowbuild.local.values.results import compilation
from snowbuild.sql import SqlType

if TYPE_CHECKING:
    from collections.abc import Callable

    from snowbuild.local.values.definition import FunctionDefinition
    from snowbuild.local.values.names import Namespace

    Lookup = Callable[[tuple[str, str, str]], list[FunctionDefinition]]
    Describe = Callable[[exp.Select], "list[str] | None"]

# The cost of converting a value of one type to another; absent means impossible.
# docs: sql-reference/data-type-conversion, and developer-guide/udf-stored-procedure-naming-conventions (overloading)
COERCIONS: dict[str, dict[str, int]] = {
    "NUMBER": {"NUMBER": 0, "FLOAT": 1, "BOOLEAN": 4, "VARCHAR": 5, "VARIANT": 6},
    "FLOAT": {"FLOAT": 0, "NUMBER": 2, "BOOLEAN": 4, "VARCHAR": 5, "VARIANT": 6},
    "VARCHAR": {
        "VARCHAR": 0, "BINARY": 3, "NUMBER": 3, "FLOAT": 3, "BOOLEAN": 4, "DATE": 3, "TIME": 3,
        "TIMESTAMP_NTZ": 3, "TIMESTAMP_LTZ": 3, "TIMESTAMP_TZ": 3, "VARIANT": 6,
    },
    "BOOLEAN": {"BOOLEAN": 0, "NUMBER": 3, "FLOAT": 4, "VARCHAR": 5, "VARIANT": 6},
    "BINARY": {"BINARY": 0, "VARCHAR": 3},
    "DATE": {"DATE": 0, "TIMESTAMP_NTZ": 1, "TIMESTAMP_LTZ": 2, "TIMESTAMP_TZ": 2, "VARCHAR": 5, "VARIANT": 6},
    "TIME": {"TIME": 0, "VARCHAR": 5, "VARIANT": 6},
    "TIMESTAMP_NTZ": {
        "TIMESTAMP_NTZ": 0, "TIMESTAMP_LTZ": 1, "TIMESTAMP_TZ": 1, "DATE": 3, "TIME": 3, "VARCHAR": 5, "VARIANT": 6,
    },
    "TIMESTAMP_TZ": {
        "TIMESTAMP_TZ": 0, "TIMESTAMP_LTZ": 1, "TIMESTAMP_NTZ": 2, "DATE": 3, "TIME": 3, "VARCHAR": 5, "VARIANT": 6,
    },
    "ARRAY": {"ARRAY": 0, "VARIANT": 1},
    "OBJECT": {"OBJECT": 0, "VARIANT": 1},
    # DuckDB has one JSON type for all three.
    "VARIANT": {
        "VARIANT": 0, "ARRAY": 1, "OBJECT": 1, "VARCHAR": 2, "NUMBER": 2, "FLOAT": 2, "BOOLEAN": 2, "DATE": 3,
        "TIME": 3, "TIMESTAMP_NTZ": 3, "TIMESTAMP_LTZ": 3, "TIMESTAMP_TZ": 3,
    },
}  # fmt: skip


class Binder:
    """Rewrites calls of Python functions in a statement."""

    def __init__(self, namespace: Namespace, lookup: Lookup, describe: Describe, *, strict: bool = False) -> None:
        """Bind for a session's database and schema.

        Args:
            namespace: the session's.
            lookup: the overloads of a name; empty when it is not a Python function's.
            describe: the DuckDB types of a SELECT's columns, or None if it cannot be described.
            strict: whether to compare types even if the number of arguments leaves a single overload.
        """
        self._namespace = namespace
        self._lookup = lookup
        self._describe = describe
        self._strict = strict

    def bind(self, query: exp.Expr) -> None:
        """Rewrite, in place, every call of a known Python function.

        Raises:
            Refused: no overload fits, or two fit equally well; or the name can only mean a user-defined function, and
                there is none.
        """
        calls = [(call, *_name(call)) for call in query.find_all(exp.Anonymous)]
        # Inner calls first: the types of the outer one's arguments depend on them.
        for call, parts, outermost in reversed(calls):
            overloads = self._overloads(parts)
            if overloads:
                _replace(call, outermost, self._choose(call, parts[-1], overloads))
            elif parts[0] != SNOWFLAKE and (len(parts) > 1 or isinstance(call.this, exp.Identifier)):
                raise unknown_function(parts)

    def _overloads(self, parts: tuple[str, ...]) -> list[FunctionDefinition]:
        here = self._namespace
        incomplete = len(parts) < 3 and (here.database is None or here.schema is None)
        return [] if len(parts) > 3 or incomplete else self._lookup(here.qualify(parts))

    def _choose(self, call: exp.Anonymous, name: str, overloads: list[FunctionDefinition]) -> FunctionDefinition:
        named = [argument for argument in call.expressions if isinstance(argument, exp.Kwarg)]
        count = len(call.expressions)
        fitting = [d for d in overloads if d.required <= count <= len(d.arguments) and _has_names(d, named)]
        if len(fitting) == 1 and not self._strict:
            return fitting[0]
        given = _types(call, self._describe)
        ranked = sorted(
            ((cost, definition) for definition in fitting if (cost := _cost(given, definition)) is not None),
            key=lambda pair: pair[0],
        )
        if not ranked:
            kinds = ", ".join(kind or "NULL" for kind in given)
            raise compilation(
                f"Invalid argument types for function '{written(name)}': ({kinds})",
                at=position(call), errno=1044, sqlstate="42P13",
            )  # fmt: skip
        if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
            listed = ", ".join(f"{name}({', '.join(d.types)})" for _, d in ranked[:2])
            raise compilation(f"Ambiguous function call: {listed} fit equally well.", errno=1049, sqlstate="42601")
        return ranked[0][1]


def position(call: exp.Anonymous) -> tuple[int, int] | None:
    """Line and position of a call in the statement, where sqlglot knows them."""
    meta = call.meta
    if not {"line", "col", "start", "end"} <= meta.keys():
        return None
    # `col` is that of the name's last letter, counted from 1.
    return meta["line"], meta["col"] - (meta["end"] - meta["start"]) - 1


def _name(call: exp.Anonymous) -> tuple[tuple[str, ...], exp.Expr]:
    """The stored parts of a called name, and the node that holds the whole of `database.schema.name(…)`."""
    own = call.this
    parts = [stored_name(own) if isinstance(own, exp.Identifier) else str(own).upper()]
    node: exp.Expr = call
    while isinstance(node.parent, exp.Dot) and node.arg_key == "expression":
        node = node.parent
        left = node.this
        # Nested to the left: Dot(Dot(database, schema), call).
        names = [left] if isinstance(left, exp.Identifier) else list(left.find_all(exp.Identifier, bfs=False))
        parts = [*(stored_name(name) for name in names), *parts]
    return tuple(parts), node


def _has_names(definition: FunctionDefinition, named: list[exp.Kwarg]) -> bool:
    return {k.this.name.upper() for k in named} <= {a.name.upper() for a in definition.arguments}


def _cost(given: list[str | None], definition: FunctionDefinition) -> tuple[int, int] | None:
    """The distance of arguments from an overload: conversions, then defaults to fill in."""
    total = 0
    for kind, wanted in zip(given, definition.types, strict=False):
        if kind is None:
            continue
        step = COERCIONS.get(kind, {}).get(wanted)
        if step is None:
            return None
        total += step
    return total, len(definition.arguments) - len(given)


def _types(call: exp.Anonymous, describe: Describe) -> list[str | None]:
    """The Snowflake types of a call's arguments; None for NULL and unknown types."""
    described: list[str] | None = None
    select = call.find_ancestor(exp.Select)
    if select is not None:
        probe = exp.Select(expressions=[exp.alias_(a.copy(), f"a{i}") for i, a in enumerate(_plain(call))])
        for part in ("with_", "from_", "joins", "laterals"):
            if (value := select.args.get(part)) is not None:
                probe.set(part, [v.copy() for v in value] if isinstance(value, list) else value.copy())
        described = describe(probe)
    kinds = [_from_duckdb(kind) for kind in described] if described else [None] * len(call.expressions)
    return [_written(argument) or kind for argument, kind in zip(_plain(call), kinds, strict=True)]


def _plain(call: exp.Anonymous) -> list[exp.Expr]:
    return [a.expression if isinstance(a, exp.Kwarg) else a for a in call.expressions]


def _written(argument: exp.Expr) -> str | None:
    """The type of an expression by its form, where DuckDB knows less than Snowflake."""
    if isinstance(argument, exp.Array | exp.ArrayConcat):
        return "ARRAY"
    if isinstance(argument, exp.JSONObject | exp.Struct | exp.StarMap | exp.VarMap):
        return "OBJECT"
    if isinstance(argument, exp.Cast):
        try:
            return SqlType.parse(argument.to.sql(dialect="snowflake")).name
        except ValueError:
            return None
    return None


def _from_duckdb(kind: str) -> str | None:
    base = kind.partition("(")[0].upper()
    if kind.endswith("[]"):
        return "ARRAY"
    numbers = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "UBIGINT")
    return {
        **dict.fromkeys(numbers, "NUMBER"), "DOUBLE": "FLOAT", "FLOAT": "FLOAT", "VARCHAR": "VARCHAR",
        "BOOLEAN": "BOOLEAN", "BLOB": "BINARY", "DATE": "DATE", "TIME": "TIME", "TIMESTAMP": "TIMESTAMP_NTZ",
        "TIMESTAMP_NS": "TIMESTAMP_NTZ", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP_TZ", "JSON": "VARIANT",
        "STRUCT": "OBJECT",
    }.get(base)  # fmt: skip


def _replace(call: exp.Anonymous, outermost: exp.Expr, definition: FunctionDefinition) -> None:
    """Call the function's macro instead."""
    outermost.replace(call_macro(macro_name(FunctionKey.of(definition)), *_arguments(call, definition)))


def _arguments(call: exp.Anonymous, definition: FunctionDefinition) -> list[exp.Expr]:
    """One expression per argument, in order; defaults filled in."""
    positional = [a for a in call.expressions if not isinstance(a, exp.Kwarg)]
    named = {a.this.name.upper(): a.expression for a in call.expressions if isinstance(a, exp.Kwarg)}
    arguments: list[exp.Expr] = []
    for index, argument in enumerate(definition.arguments):
        if index < len(positional):
            value = positional[index].copy()
        elif argument.name.upper() in named:
            value = named[argument.name.upper()].copy()
        else:
            value = parse_one(argument.default or "NULL", read="snowflake")
        arguments.append(value)
    return arguments
