"""SELECT … FROM @stage: staged files as DuckDB's readers show them, in columns COLUMN1, COLUMN2 …."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakesnow.copy_into import ReadCSV, handle_csv
from sqlglot import exp

from snowbuild.local.values.results import unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

    from snowbuild.local.state.stages import StagedFile

NOTHING = "SELECT NULL::JSON AS COLUMN1 WHERE FALSE"


def show(
    connection: duckdb.DuckDBPyConnection, files: Iterable[StagedFile], options: dict[str, Any], name: str
) -> None:
    """Show files as a temporary view of the connection; `options` are those of a file format.

    Raises:
        Refused: files of that type cannot be read.
    """
    paths = [str(staged.file) for staged in files]
    query = _reader(connection, paths, options) if paths else NOTHING
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")


def _reader(connection: duckdb.DuckDBPyConnection, paths: list[str], options: dict[str, Any]) -> str:
    listed = _literal(paths)
    match str(options["TYPE"]).upper():
        case "CSV":
            return _csv(connection, listed, handle_csv(options))
        case "JSON":
            form = "array" if str(options.get("STRIP_OUTER_ARRAY", "")).upper() == "TRUE" else "unstructured"
            return f"SELECT json AS COLUMN1 FROM read_json_objects({listed}, format = '{form}')"  # noqa: S608  Quoted.
        case "PARQUET":
            return f"SELECT to_json(t) AS COLUMN1 FROM read_parquet({listed}, union_by_name = true) AS t"  # noqa: S608  Quoted.
        case kind:
            raise unsupported(f"query {kind} files")


def _csv(connection: duckdb.DuckDBPyConnection, listed: str, csv: ReadCSV) -> str:
    separator = _literal(csv.sep)
    plain = "header = false, auto_detect = false"
    # As many columns as the longest line can have: DuckDB detects them only if all lines have the same number.
    lines = f"read_csv({listed}, {plain}, sep = '\\0', quote = '', escape = '', columns = {{'line': 'VARCHAR'}})"
    ((count,),) = connection.execute(f"SELECT max(len(string_split(line, {separator}))) FROM {lines}").fetchall()  # noqa: S608  Quoted.
    columns = ", ".join(f"'COLUMN{number}': 'VARCHAR'" for number in range(1, (count or 1) + 1))
    return (
        f"SELECT * FROM read_csv({listed}, {plain}, null_padding = true, skip = {csv.skip_header}, sep = {separator}, "  # noqa: S608  Quoted.
        f"quote = {_literal(csv.quote or '')}, nullstr = {_literal(csv.null_if or [])}, columns = {{{columns}}})"
    )


def _literal(value: object) -> str:
    return exp.convert(value).sql(dialect="duckdb")
