"""What is asked of an account for its channel, and what its answers become."""

from __future__ import annotations

import json
from typing import Any

import pytest

from snowbuild.channel.listing import Listed
from snowbuild.errors import SqlError, TargetError
from snowbuild.snowflake.channel import listed_packages, repodata

DATABASE = 'SELECT CURRENT_DATABASE() AS "D"'
PACKAGES = """SELECT * FROM "Mixed".INFORMATION_SCHEMA.PACKAGES WHERE LANGUAGE = 'python'"""


def calls(subdir: str) -> str:
    return f"""SELECT SNOWFLAKE.SNOWPARK.GET_ANACONDA_PACKAGES_REPODATA('{subdir}') AS "REPODATA\""""


class Account:
    """Answers the queries that it knows, and refuses all others."""

    def __init__(self, **answers: list[dict[str, Any]]) -> None:
        self.answers = answers

    def __call__(self, statement: str) -> list[dict[str, Any]]:
        if statement not in self.answers:
            raise SqlError("Unknown function or insufficient privileges")
        return self.answers[statement]


def test_packages_with_and_without_runtime_versions() -> None:
    rows: list[dict[str, Any]] = [
        {"PACKAGE_NAME": "numpy", "VERSION": "1.26.4", "LANGUAGE": "python", "RUNTIME_VERSION": "3.11"},
        {"package_name": "numpy", "version": "2.0", "language": "python"},
        {"PACKAGE_NAME": "six", "VERSION": "1.16", "LANGUAGE": "python", "RUNTIME_VERSION": None},
    ]

    assert listed_packages(Account(**{DATABASE: [{"D": "Mixed"}], PACKAGES: rows})) == (
        Listed(name="numpy", version="1.26.4", python="3.11"),
        Listed(name="numpy", version="2.0"),
        Listed(name="six", version="1.16"),
    )


def test_a_session_needs_a_database() -> None:
    with pytest.raises(TargetError) as caught:
        listed_packages(Account(**{DATABASE: [{"D": None}]}))

    assert str(caught.value) == (
        "--connection: the connection has no database, which INFORMATION_SCHEMA.PACKAGES needs\n"
        "hint: add database = … to the connection, or use --target"
    )


def test_repodata_of_every_platform() -> None:
    documents = {subdir: {"info": {"subdir": subdir}} for subdir in ("linux-64", "linux-aarch64", "noarch")}
    account = Account(**{calls(s): [{"REPODATA": json.dumps(d)}] for s, d in documents.items()})

    assert [document for _, document in repodata(account)] == list(documents.values())


def test_repodata_that_may_not_be_read_or_is_none() -> None:
    with pytest.raises(SqlError, match="insufficient privileges"):
        repodata(Account())
    with pytest.raises(TargetError) as caught:
        repodata(Account(**{calls("linux-64"): [{"REPODATA": None}]}))
    assert str(caught.value).startswith(
        "SNOWFLAKE.SNOWPARK.GET_ANACONDA_PACKAGES_REPODATA('linux-64'): not valid JSON: "
    )
