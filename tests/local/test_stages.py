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
