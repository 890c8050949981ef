"""DataFrames of pandas on their way into tables, through Parquet on a stage."""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from snowbuild.local.engine.infer_schema import snowflake_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from snowflake.snowpark import Row, Session

    Rows = Callable[[str], list[Row]]


@pytest.fixture
def frame() -> Any:
    import pandas as pd  # type: ignore[import-untyped]  # its stubs are a project of their own

    return pd.DataFrame(
        {
            "WHOLE": pd.Series([1, None, -(2**40)], dtype="Int64"),
            "REAL": [0.5, float("nan"), -1e300],
            "TEXT": ["it's \\ ü", None, ""],
            "FLAG": pd.Series([True, None, False], dtype="boolean"),
            "MOMENT": pd.to_datetime(["2026-01-02 03:04:05.123456", None, "1969-12-31 00:00:00"], format="ISO8601"),
            "DAY": [date(2026, 1, 2), None, date(1969, 12, 31)],
            "PRICE": [Decimal("1.25"), None, Decimal("-3.50")],
            "Mixed case": [1, 2, 3],
        }
    )


@pytest.fixture
def quiet() -> Iterator[None]:
    """Snowpark and the connector warn of what they do themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


EXPECTED = [
    (1, 0.5, "it's \\ ü", True, datetime(2026, 1, 2, 3, 4, 5, 123456), date(2026, 1, 2), Decimal("1.25"), 1),  # noqa: DTZ001  NTZ is naive.
    (None, None, None, None, None, None, None, 2),
    (-(2**40), -1e300, "", False, datetime(1969, 12, 31), date(1969, 12, 31), Decimal("-3.50"), 3),  # noqa: DTZ001  As above.
]


@pytest.mark.integration
@pytest.mark.usefixtures("quiet")
def test_a_dataframe_of_pandas(session: Session, frame: Any) -> None:
    found = session.create_dataframe(frame).sort('"Mixed case"')

    assert [tuple(row) for row in found.collect()] == EXPECTED
    assert [tuple(row) for row in found.filter("REAL > 0").select("TEXT").collect()] == [("it's \\ ü",)]


@pytest.mark.integration
@pytest.mark.usefixtures("quiet")
def test_a_table_is_made_of_a_dataframe(session: Session, frame: Any, rows: Rows) -> None:
    table = session.write_pandas(frame, "made", auto_create_table=True, chunk_size=2)

    assert sorted((tuple(row) for row in table.collect()), key=lambda row: row[-1]) == EXPECTED
    assert [(row["name"], row["type"]) for row in rows('DESCRIBE TABLE "made"')] == [
        ("WHOLE", "NUMBER(38,0)"),
        ("REAL", "FLOAT"),
        ("TEXT", "VARCHAR(16777216)"),
        ("FLAG", "BOOLEAN"),
        ("MOMENT", "TIMESTAMP_NTZ(9)"),
        ("DAY", "DATE"),
        ("PRICE", "NUMBER(3,2)"),
        ("Mixed case", "NUMBER(38,0)"),
    ]
    session.write_pandas(frame, "made", auto_create_table=False)
    assert rows('SELECT COUNT(*), SUM("Mixed case") FROM "made"')[0] == (6, 12)
    session.write_pandas(frame, "made", auto_create_table=True, overwrite=True)
    assert rows('SELECT COUNT(*) FROM "made"')[0][0] == 3


@pytest.mark.integration
@pytest.mark.usefixtures("quiet")
def test_moments_with_a_time_zone(session: Session) -> None:
    import pandas as pd

    frame = pd.DataFrame({"AT": pd.to_datetime(["2026-01-02 03:04:05+02:00"])})
    table = session.write_pandas(frame, "zoned", auto_create_table=True, use_logical_type=True)

    assert table.collect()[0][0].astimezone(UTC) == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)


@pytest.mark.integration
def test_what_cannot_be_inferred(rows: Rows, refused: Callable[[str], str]) -> None:
    rows("CREATE FILE FORMAT csv_format TYPE = CSV")
    rows("CREATE FILE FORMAT parquet_format TYPE = PARQUET")
    infer = "SELECT * FROM TABLE(INFER_SCHEMA(LOCATION => '{}', FILE_FORMAT => '{}'))"

    assert rows(infer.format("@files", "parquet_format")) == []
    assert refused(infer.format("@nowhere", "parquet_format")).endswith("NOWHERE' does not exist or not authorized.")
    assert refused(infer.format("@files", "no_format")) == (
        "SQL compilation error:\nFile format 'NO_FORMAT' does not exist or not authorized."
    )
    assert refused(infer.format("@files", "csv_format")) == (
        "SQL compilation error:\nUnsupported feature: the local Snowflake cannot infer the schema of CSV files."
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("UTINYINT", "NUMBER(38, 0)"),
        ("HUGEINT", "NUMBER(38, 0)"),
        ("DECIMAL(12,4)", "NUMBER(12, 4)"),
        ("FLOAT", "REAL"),
        ("TIMESTAMP_NS", "TIMESTAMP_NTZ"),
        ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP_LTZ"),
        ("BLOB", "BINARY"),
        ("INTEGER[]", "VARIANT"),
        ("STRUCT(a INTEGER)", "VARIANT"),
    ],
)
def test_types(kind: str, expected: str) -> None:
    assert snowflake_type(kind) == expected
