"""What a warehouse says about the statements that run in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.local.test_limits import ENDLESS, TIMED_OUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from snowflake.snowpark import Row

    Rows = Callable[[str], list[Row]]
    Refused = Callable[[str], str]

pytestmark = pytest.mark.integration


@pytest.fixture
def warehouse(rows: Rows) -> Iterator[str]:
    """One of the session's own."""
    rows("CREATE WAREHOUSE brief STATEMENT_TIMEOUT_IN_SECONDS = 1")
    yield "BRIEF"
    rows("USE WAREHOUSE LOCAL_WH")
    rows("DROP WAREHOUSE brief")


def test_description(rows: Rows, refused: Refused, warehouse: str) -> None:
    assert [tuple(row)[1:] for row in rows(f"DESCRIBE WAREHOUSE {warehouse}")] == [("BRIEF", "WAREHOUSE")]
    assert refused("DESC WAREHOUSE none") == (
        "SQL compilation error:\nWarehouse 'NONE' does not exist or not authorized."
    )


def test_the_shorter_limit_counts(rows: Rows, refused: Refused, warehouse: str) -> None:
    rows(f"USE WAREHOUSE {warehouse}")
    rows("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 600")
    assert refused(f"{ENDLESS} WHERE RANDOM() = 5") == TIMED_OUT
    rows(f"ALTER WAREHOUSE {warehouse} SET STATEMENT_TIMEOUT_IN_SECONDS = 600")
    rows("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1")
    assert refused(f"{ENDLESS} WHERE RANDOM() = 5") == TIMED_OUT


def test_a_limit_is_a_number_of_seconds(rows: Rows, refused: Refused, warehouse: str) -> None:
    expected = "SQL compilation error:\ninvalid value [soon] for parameter 'STATEMENT_TIMEOUT_IN_SECONDS'"
    assert refused(f"ALTER WAREHOUSE {warehouse} SET STATEMENT_TIMEOUT_IN_SECONDS = soon") == expected
    rows(f"ALTER WAREHOUSE {warehouse} UNSET STATEMENT_TIMEOUT_IN_SECONDS")
