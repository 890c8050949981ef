"""What Snowflake's queries say that neither sqlglot nor fakesnow translates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from snowbuild.local.engine.tables import REPODATA
from snowbuild.local.values.names import unknown_function
from snowbuild.local.values.results import compilation
from snowbuild.local.values.rights import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from snowbuild.local.engine.tables import Tables

SNOWFLAKE = "SNOWFLAKE"
"""The database of Snowflake's own functions."""


def rewrite(query: exp.Expr, context: Mapping[str, str | None], roles: Collection[str], tables: Tables) -> exp.Expr:
    """Rewrite a statement in place and give it back.

    Args:
        query: a statement as sqlglot reads it.
        context: values of functions such as CURRENT_ROLE().
        roles: those that IS_ROLE_IN_SESSION() is true for.
        tables: what is asked for tables that lie in no database.

    Raises:
        Refused: a function of Snowflake's own is called that is not known here, or with what cannot be answered.
    """

    if isinstance(query, exp.Copy):
        _copy(query, tables)

    return query.transform(_step, context, roles, tables, copy=False)


def _step(node: exp.Expr, context: Mapping[str, str | None], roles: Collection[str], tables: Tables) -> exp.Expr:
    match node:
        case exp.Parameter(this=exp.Literal()):
            # SELECT $1 FROM VALUES …
            return exp.column(exp.to_identifier(f"COLUMN{node.this.name}", quoted=True))
        case exp.Array():
            # A Snowflake array holds values of any type; a DuckDB list does not.
            return exp.func("json_array", *node.expressions)
        case exp.Table() if node.db.upper() == "INFORMATION_SCHEMA":
            return _information_schema(node)
        case exp.TableFromRows():
            return _table_function(node, context, tables)
        case exp.Dot(expression=exp.Anonymous() as call) if (parts := dotted(node))[0].upper() == SNOWFLAKE:
            return _labelled(node, _of_snowflake(parts, call, tables), node.sql(dialect="snowflake").upper())
        case exp.Func():
            name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).upper()
            if name in context:
                value = context[name]
                literal = exp.null() if value is None else exp.Literal.string(value)
                return _labelled(node, literal, f"{name}()")
            match name, node.expressions:
                case "IS_ROLE_IN_SESSION", [exp.Literal() as role]:
                    return _labelled(node, exp.convert(role.name in roles), node.sql(dialect="snowflake"))
    return node


def _copy(copy: exp.Copy, tables: Tables) -> None:
    """Write COPY INTO as fakesnow reads it: stages in full and without quotes, columns of a file by their names."""
    for table in list(copy.find_all(exp.Table)):
        place = table.name if isinstance(table.this, exp.Literal | exp.Var) else ""
        # The stages of tables and users are left to it.
        if place.startswith("@") and not set("~%") & set(place):
            table.set("this", exp.var(tables.stage(place)))
    for part in list(copy.find_all(exp.JSONExtract)):
        keys = list(part.expression.find_all(exp.JSONPathKey))
        if isinstance(part.this, exp.Parameter) and len(keys) == 1:
            part.replace(exp.column(exp.to_identifier(keys[0].name, quoted=True)))


def _table_function(node: exp.TableFromRows, context: Mapping[str, str | None], tables: Tables) -> exp.Expr:
    call = node.this
    match call.name.upper():
        case "RESULT_SCAN":
            name = tables.result(_query_id(call, context))
        case "INFER_SCHEMA":
            named = {a.name.upper(): a.expression.name for a in call.find_all(exp.Kwarg)}
            name = tables.schema(named.get("LOCATION", ""), named.get("FILE_FORMAT", ""))
        case _:
            return node
    table = exp.to_table(name)
    return exp.alias_(table, node.alias) if node.alias else table


def _of_snowflake(parts: tuple[str, ...], call: exp.Anonymous, tables: Tables) -> exp.Expr:
    """A call of a function in the database SNOWFLAKE."""
    match tuple(map(str.upper, parts)), call.expressions:
        case (_, "SNOWPARK", "GET_ANACONDA_PACKAGES_REPODATA"), [exp.Literal() as subdir]:
            table = tables.repodata(subdir.name)
            if table is not None:
                return exp.select(REPODATA).from_(table).subquery()
    raise unknown_function(tuple(map(str.upper, parts)))


def dotted(node: exp.Dot) -> tuple[str, ...]:
    """The names of `a.b.c(…)`, as written."""
    left = node.this
    before = dotted(left) if isinstance(left, exp.Dot) else (left.name,)
    return (*before, node.expression.name)


def _query_id(scan: exp.Expr, context: Mapping[str, str | None]) -> str:
    """The argument of RESULT_SCAN: a constant, or LAST_QUERY_ID()."""
    match scan.expressions:
        case [exp.Anonymous() as call] if call.name.upper() == "LAST_QUERY_ID" and not call.expressions:
            return context["LAST_QUERY_ID"] or ""
        case [exp.Literal() as literal]:
            return literal.name
    raise compilation(
        "Invalid argument for table function. Table function argument is required to be a constant.", errno=1015
    )


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
