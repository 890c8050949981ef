"""Queries rewritten, in place, so that fakesnow and DuckDB understand them as Snowflake does; in any session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from snowbuild.local.values.names import PLAIN_STORED

if TYPE_CHECKING:
    from collections.abc import Callable

UNNAMED = (exp.Column, exp.Alias, exp.Aliases, exp.Star, exp.Identifier)
"""Columns that have a name without an alias."""

BINARY = frozenset({exp.DataType.Type.BINARY, exp.DataType.Type.VARBINARY})
ALONE = (exp.Table, exp.TableFromRows, exp.Subquery)
"""What FROM accepts without parentheses."""

SEQUENCES = (exp.Seq1, exp.Seq2, exp.Seq4, exp.Seq8)
CREATED, MERGED = "_CREATED", "_MERGED"
"""Generates names for what has none."""


def correct(query: exp.Expr, *, exact_sums: bool = True) -> exp.Expr:
    """Correct a statement, and return it.

    Args:
        query: as sqlglot reads it.
        exact_sums: whether a sum keeps the type of its argument, which then cannot be text.
    """
    _label(query)
    for node in list(query.walk()):
        if (step := STEPS.get(type(node))) is not None:
            step(node)
        elif exact_sums and type(node) is exp.Sum:
            # fakesnow casts the argument of exp.Sum to DOUBLE, because it might be text.
            node.replace(exp.Anonymous(this="SUM", expressions=[node.this]))
    return query


def _label(query: exp.Expr) -> None:
    """Name columns after the original expression, not after the rewritten one."""
    for select in query.find_all(exp.Select):
        for column in select.expressions:
            label = column.sql(dialect="snowflake", comments=False).upper()
            # An example is CURRENT_DATE, which DuckDB would then take for that column.
            is_word = PLAIN_STORED.fullmatch(label) is not None
            if not isinstance(column, UNNAMED) and not column.is_star and not is_word:
                column.replace(exp.alias_(column.copy(), label, quoted=True))


def _object(node: Any) -> None:
    # The keys of an object are not identifiers, which would be stored in capitals.
    for pair in node.expressions:
        if isinstance(pair, exp.PropertyEQ):
            pair.this.set("quoted", True)


def _to_binary(node: Any) -> None:
    if node.args.get("format") is None:
        node.set("format", exp.Literal.string("HEX"))


def _cast(node: Any) -> None:
    if node.to.this in BINARY and node.this.is_string:
        node.replace(exp.ToBinary(this=node.this, format=exp.Literal.string("HEX")))


def _call(node: Any) -> None:
    # fakesnow supports only constants here.
    if node.name.upper() in ("TO_TIMESTAMP_TZ", "TO_TIMESTAMP_LTZ") and len(node.expressions) == 1:
        node.replace(exp.cast(node.expressions[0], exp.DataType.Type.TIMESTAMPTZ))


def _regexp_replace(node: Any) -> None:
    # Snowpark spells out the default: from the first letter, every occurrence.
    for name, default in (("position", "1"), ("occurrence", "0")):
        if isinstance(given := node.args.get(name), exp.Literal) and given.name == default:
            node.set(name, None)


def _window(node: Any) -> None:
    order = node.args.get("order")
    # fakesnow's form of a sequence cannot be in a window; without it, rows come in the same order.
    if order is not None and any(isinstance(o.this, SEQUENCES) for o in order.expressions):
        node.set("order", None)


def _random(node: Any) -> None:
    # A seed would need a separate statement, and fakesnow converts a call in a subquery twice.
    node.replace(exp.cast((exp.Anonymous(this="RANDOM") - 0.5) * (2**63 - 1), exp.DataType.Type.BIGINT))


def _values(node: Any) -> None:
    alias = node.args.get("alias")
    if alias is not None and not alias.columns and node.expressions:
        count = len(node.expressions[0].expressions)
        alias.set("columns", [exp.to_identifier(f"COLUMN{n}", quoted=True) for n in range(1, count + 1)])


def _subquery(node: Any) -> None:
    # FROM ("T"), as Snowpark writes it: DuckDB 2.0.1 accepts only queries and joins in parentheses.
    inner = node.this
    if isinstance(inner, ALONE) and not inner.args.get("joins"):
        if node.alias:
            inner.set("alias", node.args["alias"])
        node.replace(inner)


def _create(node: Any) -> None:
    # CREATE TABLE t (a, b) AS …: fakesnow supports only columns with types.
    schema, query = node.this, node.expression
    if node.kind != "TABLE" or not isinstance(schema, exp.Schema) or not isinstance(query, exp.Query):
        return
    if all(isinstance(column, exp.Identifier) for column in schema.expressions):
        alias = exp.TableAlias(this=exp.to_identifier(CREATED), columns=schema.expressions)
        node.set("this", schema.this)
        node.set("expression", exp.select("*").from_(exp.Subquery(this=query.copy(), alias=alias)))


def _merge(node: Any) -> None:
    # fakesnow finds the columns of a source only by its name.
    source = node.args["using"]
    if not isinstance(source, exp.Subquery):
        return
    if not source.alias:
        source.set("alias", exp.TableAlias(this=exp.to_identifier(MERGED)))
    names = {name.upper() for name in source.this.named_selects}
    for part in (node.args["on"], node.args["whens"]):
        for column in list(part.find_all(exp.Column)):
            if not column.table and column.name.upper() in names and not _is_target(column):
                column.set("table", source.args["alias"].this.copy())


def _is_target(column: exp.Column) -> bool:
    """Whether a column is one that a MERGE writes to: SET column = …, INSERT (column, …)."""
    parent = column.parent
    if isinstance(parent, exp.EQ):
        return column.arg_key == "this" and isinstance(parent.parent, exp.Update)
    return isinstance(parent, exp.Tuple) and isinstance(parent.parent, exp.Insert) and parent.arg_key == "this"


STEPS: dict[type[exp.Expr], Callable[[Any], None]] = {
    exp.Struct: _object,
    exp.ToBinary: _to_binary,
    exp.Cast: _cast,
    exp.Anonymous: _call,
    exp.RegexpReplace: _regexp_replace,
    exp.Window: _window,
    exp.Rand: _random,
    exp.Values: _values,
    exp.Subquery: _subquery,
    exp.Create: _create,
    exp.Merge: _merge,
}
