"""Tables that DuckDB sees while a statement runs: Python values that are in no database."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from fakesnow.transforms.file_format import lookup_file_format

from snowbuild.channel.repodata import SUBDIRS
from snowbuild.local.engine import staged
from snowbuild.local.engine.infer_schema import infer_schema
from snowbuild.local.values.names import StagePath
from snowbuild.local.values.results import Refused, invalid, unsupported
from snowbuild.local.values.rights import ADMINISTRATORS

if TYPE_CHECKING:
    import duckdb

    from snowbuild.local.engine.session import Session

REPODATA = "DOCUMENT"
"""The only column of a table with a repodata.json."""
SCHEMA = "_inferred_schema"
PLAIN_CSV = {"TYPE": "CSV"}
"""The default file format."""


class Tables:
    """Each method makes a table visible to a session's connection, and returns its name."""

    def __init__(self, session: Session, connection: duckdb.DuckDBPyConnection) -> None:
        self._session = session
        self._connection = connection
        self._numbers = itertools.count(1)

    def result(self, query_id: str) -> str:
        """An earlier query's result.

        Raises:
            Refused: it is no longer kept, or never was.
        """
        result = self._session.engine.results_cache.get(query_id)
        if result is None:
            raise Refused(f"Statement {query_id} not found", errno=709, sqlstate="02000")
        name = "_result_" + query_id.replace("-", "")
        self._connection.register(name, result[0])
        return name

    def repodata(self, subdir: str) -> str | None:
        """conda's index of a platform; None for a role without the privilege.

        Raises:
            Refused: there is no such platform.
        """
        import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

        # On Snowflake only ACCOUNTADMIN may do it; here SYSADMIN has the same powers.
        if not self._session.roles() & ADMINISTRATORS:
            return None
        if subdir not in SUBDIRS:
            raise invalid("architecture", subdir)
        name = "_repodata_" + subdir.replace("-", "_")
        self._connection.register(name, pa.table({REPODATA: [self._session.engine.repodata(subdir)]}))
        return name

    def stage(self, location: str) -> str:
        """A place on a stage, with its full name.

        Raises:
            Refused: there is no such stage that the session may read.
        """
        return self._stage(location).reference

    def _stage(self, location: str) -> StagePath:
        place = StagePath.parse(location, self._session.namespace)
        self._session.may_use_stage("READ", place)
        return place

    def schema(self, location: str, file_format: str) -> str:
        """The columns of staged files, as INFER_SCHEMA gives them.

        Raises:
            Refused: no such stage or file format, or one that is not Parquet's.
        """
        place = self._stage(location)
        kind = self._format(file_format)["TYPE"]
        if kind != "PARQUET":
            raise unsupported(f"infer the schema of {kind} files")
        with self._connection.cursor() as cursor:
            columns = infer_schema(cursor, place.stage, self._session.engine.files.list(place))
        self._connection.register(SCHEMA, columns)
        return SCHEMA

    def staged(self, location: str, file_format: str | None, pattern: str | None) -> str:
        """What staged files hold.

        Raises:
            Refused: no such stage or file format, or one that cannot be read.
        """
        files = self._session.engine.files.list(self._stage(location), pattern)
        name = f"_staged_{next(self._numbers)}"
        options = PLAIN_CSV if file_format is None else self._format(file_format)
        staged.show(self._connection, files, options, name)
        return name

    def _format(self, name: str) -> dict[str, Any]:
        here = self._session.namespace
        # A separate cursor: rows left unread would be in the way of the statement.
        with self._connection.cursor() as cursor:
            return lookup_file_format(cursor, name, here.database, here.schema)
