"""Stages, through a real session."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from snowflake.snowpark import Row, Session

pytestmark = pytest.mark.integration


def content(session: Session, path: str, *, decompress: bool = False) -> bytes:
    """What a staged file holds."""
    with session.file.get_stream(path, decompress=decompress) as stream:
        data: bytes = stream.read()
        return data


def test_put_list_get_remove(session: Session, rows: Callable[[str], list[Row]], tmp_path: Path) -> None:
    data = bytes(range(256)) * 1000
    (tmp_path / "a b.whl").write_bytes(data)
    (tmp_path / "c.whl").write_bytes(b"c")
    for name in ("a b.whl", "c.whl"):
        (result,) = session.file.put(str(tmp_path / name), "@files/x/y", auto_compress=False)
        assert result.status == "UPLOADED"
    listed = rows("LIST @files")
    assert [(row["name"], row["size"]) for row in listed] == [("files/x/y/a b.whl", 256000), ("files/x/y/c.whl", 1)]
    assert [row["name"] for row in rows("LIST @files PATTERN = '.*c.whl'")] == ["files/x/y/c.whl"]
    assert rows("LIST @files/z") == []
    session.file.get("@files/x/y/a b.whl", str(tmp_path / "out"))
    assert (tmp_path / "out" / "a b.whl").read_bytes() == data
    assert [tuple(row) for row in rows("REMOVE @files/x/y/c.whl")] == [("files/x/y/c.whl", "removed")]
    assert len(rows("LS @files")) == 1


def test_overwrite_goes_by_the_name_alone(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("one")
    session.file.put(str(file), "@files", auto_compress=False)
    file.write_text("two")
    (result,) = session.file.put(str(file), "@files", auto_compress=False, overwrite=False)
    assert (result.source, result.target, result.status) == ("m.py", "m.py", "SKIPPED")
    assert content(session, "@files/m.py") == b"one"
    (result,) = session.file.put(str(file), "@files", auto_compress=False, overwrite=True)
    assert result.status == "UPLOADED"
    assert content(session, "@files/m.py") == b"two"


def test_a_glob_keeps_what_is_there(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    session.file.put(str(tmp_path / "a.txt"), "@files", auto_compress=False)
    (tmp_path / "a.txt").write_text("new")
    (tmp_path / "b.txt").write_text("new")
    session.file.put(f"{tmp_path}/*.txt", "@files", auto_compress=False)
    assert content(session, "@files/a.txt") == b"old"
    assert content(session, "@files/b.txt") == b"new"


def test_streams_and_compression(session: Session) -> None:
    session.file.put_stream(io.BytesIO(b"stream"), "@files/s/x.txt", auto_compress=False)
    assert content(session, "@files/s/x.txt") == b"stream"
    result = session.file.put_stream(io.BytesIO(b"zipped"), "@files/s/y.txt")
    assert result.target == "y.txt.gz"
    assert content(session, "@files/s/y.txt.gz", decompress=True) == b"zipped"


def test_create_show_describe_drop(rows: Callable[[str], list[Row]], refused: Callable[[str], str]) -> None:
    schema = rows("SELECT CURRENT_SCHEMA()")[0][0]
    create = (
        "CREATE STAGE \"my st\" DIRECTORY = (ENABLE = TRUE) ENCRYPTION = (TYPE = 'SNOWFLAKE_SSE') COMMENT = 'it''s'"
    )
    assert rows(create)[0][0] == "Stage area my st successfully created."
    assert refused(create) == f"SQL compilation error:\nObject 'LOCAL.{schema}.my st' already exists."
    assert rows('CREATE STAGE IF NOT EXISTS "my st"')[0][0] == "my st already exists, statement succeeded."
    shown = rows(f"SHOW STAGES LIKE 'MY%' IN SCHEMA {schema}")
    assert [(row["name"], row["schema_name"], row["comment"]) for row in shown] == [("my st", schema, "it's")]
    described = {row["property"]: row["property_value"] for row in rows('DESC STAGE "my st"')}
    assert described == {"URL": "", "ENABLE": "true", "COMMENT": "it's"}
    assert rows('DROP STAGE "my st"')[0][0] == "my st successfully dropped."
    assert refused('DROP STAGE "my st"') == (
        f"SQL compilation error:\nStage 'LOCAL.{schema}.my st' does not exist or not authorized."
    )
    assert rows('DROP STAGE IF EXISTS "my st"')[0][0] == "Drop statement executed successfully (my st already dropped)."


def test_what_is_refused(refused: Callable[[str], str]) -> None:
    assert refused("LIST @nowhere").startswith("SQL compilation error:\nStage 'LOCAL.TEST_")
    assert refused("CREATE STAGE nowhere.st") == (
        "SQL compilation error:\nSchema 'LOCAL.NOWHERE' does not exist or not authorized."
    )
    assert refused("CREATE STAGE st URL = 's3://bucket'") == (
        "SQL compilation error:\nexternal stages are not supported here: the local Snowflake has internal stages only."
    )
    assert refused("PUT file:///x/y @files/../z") == "SQL compilation error:\n'@files/../z' leaves its stage."


def test_a_dropped_schema_takes_its_stages_along(session: Session, rows: Callable[[str], list[Row]]) -> None:
    schema = rows("SELECT CURRENT_SCHEMA()")[0][0]
    session.file.put_stream(io.BytesIO(b"x"), "@files/x", auto_compress=False)
    rows(f"DROP SCHEMA {schema}")
    rows(f"CREATE SCHEMA {schema}")
    assert rows(f"SHOW STAGES IN SCHEMA {schema}") == []
    rows("CREATE STAGE files")
    assert rows("LIST @files") == []


def test_staged_files_are_queried(
    session: Session, rows: Callable[[str], list[Row]], stage_file: Callable[[str, str | bytes], None]
) -> None:
    from snowflake.snowpark.types import FloatType, LongType, StringType, StructField, StructType

    stage_file("csv/a.csv", 'n,it\'s,x\n1,"y, z",\n2,,2.5\n')
    stage_file("json/a.json", '{"a": 1, "b": {"c": [7]}}\n{"a": 2}\n')
    rows("CREATE FILE FORMAT quoted TYPE = CSV SKIP_HEADER = 1 FIELD_OPTIONALLY_ENCLOSED_BY = '\"'")
    rows("CREATE FILE FORMAT documents TYPE = JSON")
    plain = rows("SELECT $1, t.$2 FROM @files/csv/a.csv t")
    assert [tuple(row) for row in plain] == [("n", "it's"), ("1", '"y'), ("2", None)]
    typed = rows("SELECT $1::INT, $2, $3::FLOAT FROM @files (FILE_FORMAT => 'quoted', PATTERN => '.*[.]csv')")
    assert [tuple(row) for row in typed] == [(1, "y, z", None), (2, None, 2.5)]
    parts = rows("SELECT $1:a::INT, $1:b.c[0]::INT FROM @files/json (FILE_FORMAT => documents)")
    assert [tuple(row) for row in parts] == [(1, 7), (2, None)]
    assert rows("SELECT $1 FROM @files/none") == []

    fields = [StructField("N", LongType()), StructField("S", StringType()), StructField("X", FloatType())]
    reader = (
        session.read.schema(StructType(fields)).option("SKIP_HEADER", 1).option("FIELD_OPTIONALLY_ENCLOSED_BY", '"')
    )
    assert [tuple(row) for row in reader.csv("@files/csv/a.csv").collect()] == [(1, "y, z", None), (2, None, 2.5)]
    assert len(session.read.json("@files/json/a.json").collect()) == 2


def test_staged_parquet_is_queried(session: Session, tmp_path: Path) -> None:
    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above

    pq.write_table(pa.table({"A": [1, 2], "b": ["x", None]}), tmp_path / "a.parquet")
    session.file.put(str(tmp_path / "a.parquet"), "@files", auto_compress=False)
    frame = session.read.parquet("@files/a.parquet")
    assert [tuple(row) for row in frame.filter(frame["A"] > 0).collect()] == [(1, "x"), (2, None)]


def test_a_file_format_is_dropped(rows: Callable[[str], list[Row]], refused: Callable[[str], str]) -> None:
    schema = rows("SELECT CURRENT_SCHEMA()")[0][0]
    rows("CREATE FILE FORMAT f TYPE = CSV")
    assert rows("DROP FILE FORMAT f")[0][0] == "F successfully dropped."
    assert rows("DROP FILE FORMAT IF EXISTS f")[0][0] == "Drop statement executed successfully (F already dropped)."
    assert refused("DROP FILE FORMAT f") == (
        f"SQL compilation error:\nFile format 'LOCAL.{schema}.F' does not exist or not authorized."
    )
