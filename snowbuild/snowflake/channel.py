"""What an account says about its Anaconda channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snowbuild.channel.listing import Listed
from snowbuild.channel.repodata import SUBDIRS
from snowbuild.codec import parse_json
from snowbuild.errors import TargetError
from snowbuild.sql import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    Query = Callable[[str], list[dict[str, Any]]]
    """Runs a query, with one dictionary per row, like `SnowflakeTarget.rows`."""


def listed_packages(query: Query) -> tuple[Listed, ...]:
    """INFORMATION_SCHEMA.PACKAGES of the current database, which lists the account's Python packages.

    docs.snowflake.com/en/sql-reference/info-schema/packages

    Raises:
        TargetError: the session has no current database.
    """
    database = query('SELECT CURRENT_DATABASE() AS "D"')[0]["D"]
    if database is None:
        raise TargetError(
            "the connection has no database, which INFORMATION_SCHEMA.PACKAGES needs",
            where="--connection",
            hint="add database = … to the connection, or use --target",
        )
    # All columns: RUNTIME_VERSION is not everywhere.
    rows = query(
        f"SELECT * FROM {quoted(str(database))}.INFORMATION_SCHEMA.PACKAGES WHERE LANGUAGE = 'python'"  # noqa: S608  # Quoted.
    )
    upper = ({key.upper(): value for key, value in row.items()} for row in rows)
    return tuple(
        Listed(name=row["PACKAGE_NAME"], version=row["VERSION"], python=row.get("RUNTIME_VERSION") or None)
        for row in upper
    )


def repodata(query: Query) -> tuple[tuple[str, object], ...]:
    """conda's repodata.json of each platform, parsed, with its name for errors.

    docs.snowflake.com/en/sql-reference/functions/get_anaconda_packages_repodata

    Raises:
        SqlError: the role may not read it; ACCOUNTADMIN may.
        TargetError: it is not JSON.
    """
    found = []
    for subdir in SUBDIRS:
        call = f"SNOWFLAKE.SNOWPARK.GET_ANACONDA_PACKAGES_REPODATA({literal(subdir)})"
        text = query(f'SELECT {call} AS "REPODATA"')[0]["REPODATA"]
        try:
            found.append((call, parse_json(text)))
        except (TypeError, ValueError) as exc:
            raise TargetError(f"not valid JSON: {exc}", where=call) from exc
    return tuple(found)
