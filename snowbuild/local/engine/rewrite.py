"""The parts of Snowflake's queries that neither sqlglot nor fakesnow translates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from snowbuild.local.engine.conversions import convert
from snowbuild.local.engine.tables import REPODATA
from snowbuild.local.values.names import unknown_function
from snowbuild.local.values.results import compilation
from snowbuild.local.values.rights import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from snowbuild.local.engine.tables import Tables

VIEW_KEY = ("database_name", "schema_name", "name")
VIEWS = {
    "_FS_VIEWS": ("VIEW_DEFINITION", "table_catalog", "table_schema", "table_name"),
    "_FS_SHOW_VIEWS": ("text", *VIEW_KEY),
}
"""fakesnow's tables of views: the column with the definition, and those that identify the view."""

SNOWFLAKE = "SNOWFLAKE"
"""The database of Snowflake's own functions."""


def rewrite(query: exp.Expr, context: Mapping[str, str | None], roles: Collection[str], tables: Tables) -> exp.Expr:
    """Rewrite a statement in place, and return it.

    Args:
        query: a statement as sqlglot reads it.
        context: values of functions such as CURRENT_ROLE().
        roles: those that IS_ROLE_IN_SESSION() is true for.
        tables: provides tables that are in no database.

    Raises:
        Refused: one of Snowflake's own functions is not known here, or cannot answer for its arguments.
    """

    if isinstance(query, exp.Copy):
        _copy(query, tables)
    else:
        _staged(query, tables)
    convert(query)
    return query.transform(_step, context, roles, tables, copy=False)


def as_written(query: exp.Expr) -> exp.Expr:
    """Make fakesnow's tables of views show each as it was written, not DuckDB's version of it; in place."""
    for table in list(query.find_all(exp.Table)):
        found = VIEWS.get(table.name.upper())
        if found is not None:
            shown, *names = found
            same = " AND ".join(f"o.{own} = v.{n}" for own, n in zip(names, VIEW_KEY, strict=True))
            name = table.alias or table.name
            table.set("alias", None)
            definitions = exp.select(f"o.* REPLACE (coalesce(v.definition, o.{shown}) AS {shown})", dialect="duckdb")
            definitions = definitions.from_(exp.alias_(table.copy(), "o", table=True))
            definitions = definitions.join(f"{SCHEMA}._sb_views AS v", on=same, join_type="left", dialect="duckdb")
            table.replace(definitions.subquery(name))
    return query


def _step(node: exp.Expr, context: Mapping[str, str | None], roles: Collection[str], tables: Tables) -> exp.Expr:
    match node:
        case exp.Parameter(this=exp.Literal()):
            # SELECT $1 FROM VALUES …
            return exp.column(exp.to_identifier(f"COLUMN{node.this.name}", quoted=True))
        case exp.Column(this=exp.Parameter(this=exp.Literal() as number)):
            return exp.column(exp.to_identifier(f"COLUMN{number.name}", quoted=True), node.args.get("table"))
        case exp.Array():
            # A Snowflake array holds values of any type; a DuckDB list does not.
            return exp.func("json_array", *node.expressions)
        case exp.Table() if node.db.upper() == "INFORMATION_SCHEMA":
            return _information_schema(node)
        case exp.TableFromRows():
            return _table_function(node, context, tables)
        case exp.Dot(expression=exp.Anonymous() as call) if (parts := dotted(node))[0].upper() == SNOWFLAKE:
            return _of_snowflake(parts, call, tables)
        case exp.Func():
            name = (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).upper()
            if name in context:
                value = context[name]
                return exp.null() if value is None else exp.Literal.string(value)
            match name, node.expressions:
                case "IS_ROLE_IN_SESSION", [exp.Literal() as role]:
                    return exp.convert(role.name in roles)
    return node


def _copy(copy: exp.Copy, tables: Tables) -> None:
    """Write COPY INTO as fakesnow reads it: stages with full, unquoted names, and columns of a file by name."""
    for table in list(copy.find_all(exp.Table)):
        place = table.name if isinstance(table.this, exp.Literal | exp.Var) else ""
        # The stages of tables and users are left to fakesnow.
        if place.startswith("@") and not set("~%") & set(place):
            table.set("this", exp.var(tables.stage(place)))
    for part in list(copy.find_all(exp.JSONExtract)):
        keys = list(part.expression.find_all(exp.JSONPathKey))
        if isinstance(part.this, exp.Parameter) and len(keys) == 1:
            part.replace(exp.column(exp.to_identifier(keys[0].name, quoted=True)))


def _staged(query: exp.Expr, tables: Tables) -> None:
    """Replace FROM @stage by the table that shows its files."""
    for table in list(query.find_all(exp.Table)):
        if isinstance(table.this, exp.Literal | exp.Var) and table.name.startswith("@"):
            kind, pattern = table.args.get("format"), table.args.get("pattern")
            name = kind.name if isinstance(kind, exp.Literal) else kind and kind.sql(dialect="snowflake")
            shown = exp.to_table(tables.staged(table.name, name, pattern and pattern.name))
            table.replace(exp.alias_(shown, table.alias, table=True) if table.alias else shown)


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
