"""What Snowflake's queries say that neither sqlglot nor fakesnow translates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from snowbuild.local.catalogue import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping


def rewrite(
    query: exp.Expr,
    context: Mapping[str, str | None],
    roles: Collection[str],
    result_table: Callable[[str], str],
) -> exp.Expr:
    """Rewrite a statement in place and give it back.

    Args:
        query: a statement as sqlglot reads it.
        context: values of functions such as CURRENT_ROLE().
        roles: those that IS_ROLE_IN_SESSION() is true for.
        result_table: the name of a DuckDB table with an earlier query's result, by query id.
    """

    def step(node: exp.Expr) -> exp.Expr:
        match node:
            case exp.Parameter(this=exp.Literal()):
                # SELECT $1 FROM VALUES …
                return exp.column(exp.to_identifier(f"COLUMN{node.this.name}", quoted=True))
            case exp.Array():
                # A Snowflake array holds values of any type; a DuckDB list does not.
                return exp.func("json_array", *node.expressions)
            case exp.Table() if node.db.upper() == "INFORMATION_SCHEMA":
                return _information_schema(node)
            case exp.TableFromRows() if node.this.name.upper() == "RESULT_SCAN":
                table = exp.to_table(result_table(node.this.expressions[0].name))
                return exp.alias_(table, node.alias) if node.alias else table
            case exp.Func():
                name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).upper()
                if name in context:
                    value = context[name]
                    literal = exp.null() if value is None else exp.Literal.string(value)
                    return _labelled(node, literal, f"{name}()")
                if name == "IS_ROLE_IN_SESSION" and isinstance(role := node.expressions[0], exp.Literal):
                    return _labelled(node, exp.convert(role.name in roles), node.sql(dialect="snowflake"))
        return node

    return query.transform(step, copy=False)


def _information_schema(table: exp.Table) -> exp.Expr:
    views = {"PACKAGES": "_sb_packages", "FUNCTIONS": "_sb_functions_view"}
    view = views.get(table.name.upper())
    if view is None:
        return table
    replacement = exp.to_table(f"{SCHEMA}.{view}")
    return exp.alias_(replacement, table.alias or table.name, table=True)


def _labelled(node: exp.Expr, value: exp.Expr, label: str) -> exp.Expr:
    """Keep the name of a column that was nothing but the function."""
    if isinstance(node.parent, exp.Select) and node.arg_key == "expressions":
        return exp.alias_(value, label, quoted=True)
    return value
