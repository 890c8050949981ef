"""The lease of a project, as a function in its schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from snowbuild.apply.lease import Holder
from snowbuild.codec import parse_json
from snowbuild.errors import SqlError, TargetError
from snowbuild.snowflake.connection import ConnectionLostError
from snowbuild.sql import literal, qualified, quoted

if TYPE_CHECKING:
    from snowbuild.config.values import TargetConfig
    from snowbuild.runtime import Runtime
    from snowbuild.snowflake.target import SnowflakeTarget

ALREADY_EXISTS = "already exists"
HIDDEN = "no privileges on it"
"""What Snowflake says if a name is taken by something that the role cannot see."""


class FunctionLeases:
    """Leases in the form of functions: CREATE FUNCTION fails if the function exists."""

    def __init__(self, opened: SnowflakeTarget, target: TargetConfig, runtime: Runtime) -> None:
        self._opened = opened
        self._runtime = runtime
        self._schema = qualified(target.database, target.schema)

    def take(self, project: str, holder: Holder) -> bool:
        """Create the function; False if it exists and is not ours."""
        comment = json.dumps({"who": holder.who, "since": holder.since})
        statement = (
            f"CREATE FUNCTION {self._schema}.{_name(project)}() RETURNS VARCHAR LANGUAGE PYTHON "
            f"RUNTIME_VERSION = {literal(self._runtime.version)} COMMENT = {literal(comment)} "
            f"HANDLER = 'taken' AS {literal('def taken(): return None')}"
        )
        try:
            self._opened.execute(statement)
        except ConnectionLostError:
            # The statement may have succeeded with only its answer lost.
            if self.holder(project) == holder:
                return True
            raise
        except SqlError as exc:
            if ALREADY_EXISTS not in str(exc):
                raise
            other = self.holder(project)
            if other is None and HIDDEN in str(exc):
                raise TargetError(
                    "another deployment is under way, or died, under a role whose functions this one cannot see",
                    where=project,
                    hint="use that role: `snowbuild unlock` says who holds the lease",
                ) from exc
            return other == holder
        return True

    def holder(self, project: str) -> Holder | None:
        """What the function's comment says."""
        rows = self._opened.rows(f"SHOW USER FUNCTIONS IN SCHEMA {self._schema}")
        for row in rows:
            if row["name"] == _stored(project):
                return _read(str(row["description"]))
        return None

    def release(self, project: str) -> None:
        """Drop the function."""
        self._opened.execute(f"DROP FUNCTION IF EXISTS {self._schema}.{_name(project)}()")


def _stored(project: str) -> str:
    return f"SNOWBUILD_LEASE_{project}"


def _name(project: str) -> str:
    return quoted(_stored(project))


def _read(comment: str) -> Holder:
    try:
        plain = parse_json(comment)
        return Holder(who=str(plain["who"]), since=str(plain["since"]))
    except (ValueError, TypeError, KeyError):
        return Holder(who="someone unknown", since="an unknown time")
