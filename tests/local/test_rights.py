"""Roles, privileges and warehouses: what a role lacks is refused."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.local.servers import open_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from snowflake.snowpark import Row

    from snowbuild.local import Rendezvous

    Rows = Callable[[str], list[Row]]
    Refused = Callable[[str], str]

pytestmark = pytest.mark.integration

FUNCTION = "FUNCTION f() RETURNS INT LANGUAGE PYTHON RUNTIME_VERSION = '3.11' HANDLER = 'f' AS 'def f(): return 1'"


def held(rows: Rows, on: str) -> list[tuple[str, str]]:
    return [(row["privilege"], row["grantee_name"]) for row in rows(f"SHOW GRANTS ON {on}")]


@pytest.fixture
def schema(rows: Rows) -> str:
    """The session's own schema, which a new role CI may use and nothing more."""
    name = str(rows("SELECT CURRENT_SCHEMA()")[0][0])
    rows("CREATE OR REPLACE ROLE ci")
    rows("GRANT USAGE ON DATABASE local TO ROLE ci")
    rows(f"GRANT USAGE ON SCHEMA {name} TO ROLE ci")
    return name


def test_creating_needs_privileges(rows: Rows, refused: Refused, schema: str) -> None:
    lacking = f"SQL access control error:\nInsufficient privileges to operate on schema '{schema}'."
    rows("USE ROLE ci")
    assert refused(f"CREATE {FUNCTION}") == lacking
    assert refused("CREATE STAGE IF NOT EXISTS mine") == lacking
    rows("USE ROLE sysadmin")
    rows(f"GRANT CREATE FUNCTION, CREATE STAGE ON SCHEMA {schema} TO ROLE ci")
    rows("USE ROLE ci")
    rows(f"CREATE {FUNCTION}")
    rows("CREATE STAGE mine")
    assert held(rows, "FUNCTION f()") == [("OWNERSHIP", "CI")]
    assert held(rows, "STAGE mine") == [("OWNERSHIP", "CI")]
    rows("USE ROLE sysadmin")
    rows(f"REVOKE USAGE ON SCHEMA {schema} FROM ROLE ci")
    rows("USE ROLE ci")
    assert refused(f"CREATE OR REPLACE {FUNCTION}") == (
        f"SQL compilation error:\nSchema 'LOCAL.{schema}' does not exist or not authorized."
    )


def test_a_function_belongs_to_its_role(rows: Rows, refused: Refused, schema: str) -> None:
    rows(f"CREATE {FUNCTION}")
    rows(f"GRANT CREATE FUNCTION ON SCHEMA {schema} TO ROLE ci")
    rows("USE ROLE ci")
    assert rows("SHOW USER FUNCTIONS IN SCHEMA") == []
    assert refused("SELECT f()").startswith("SQL compilation error:\nUnknown function F")
    rows("USE ROLE sysadmin")
    rows("GRANT USAGE ON FUNCTION f() TO ROLE ci")
    rows("USE ROLE ci")
    assert rows("SELECT f()")[0][0] == 1
    assert (
        refused("DROP FUNCTION f()") == "SQL access control error:\nInsufficient privileges to operate on function 'F'."
    )
    assert refused(f"CREATE OR REPLACE {FUNCTION}") == (
        "SQL access control error:\nInsufficient privileges to operate on function 'F'."
    )


def test_stages_are_read_and_written_by_privilege(rows: Rows, refused: Refused, schema: str) -> None:
    rows("USE ROLE ci")
    hidden = f"SQL compilation error:\nStage 'LOCAL.{schema}.FILES' does not exist or not authorized."
    assert refused("LIST @files") == hidden
    assert refused("SHOW GRANTS ON STAGE files") == hidden
    rows("USE ROLE sysadmin")
    rows("GRANT READ ON STAGE files TO ROLE ci")
    rows("USE ROLE ci")
    assert rows("LIST @files") == []
    assert refused("REMOVE @files") == "SQL access control error:\nInsufficient privileges to operate on stage 'FILES'."
    assert held(rows, "STAGE files") == [("OWNERSHIP", "SYSADMIN"), ("READ", "CI")]


def test_roles_inherit(rows: Rows, schema: str) -> None:
    rows("CREATE OR REPLACE ROLE lead")
    rows("GRANT ROLE ci TO ROLE lead")
    rows("USE ROLE lead")
    row = rows("SELECT IS_ROLE_IN_SESSION('CI') AS c, IS_ROLE_IN_SESSION('PUBLIC') AS p, IS_ROLE_IN_SESSION('X') AS x")[
        0
    ]
    assert tuple(row) == (True, True, False)
    assert [row["name"] for row in rows("SHOW GRANTS TO ROLE ci")] == ["LOCAL", f"LOCAL.{schema}"]
    assert [row["grantee_name"] for row in rows("SHOW GRANTS OF ROLE ci")] == ["LEAD"]
    rows(f"SHOW USER FUNCTIONS IN SCHEMA {schema}")
    rows("USE ROLE sysadmin")
    rows("DROP ROLE ci")
    assert rows("SHOW GRANTS TO ROLE ci") == []


def test_package_services_are_everybodys_until_they_are_revoked(rows: Rows) -> None:
    def grantees() -> list[str]:
        found = rows("SHOW GRANTS OF DATABASE ROLE snowflake.pypi_repository_user")
        return [row["grantee_name"] for row in found]

    assert grantees() == ["PUBLIC"]
    rows("REVOKE DATABASE ROLE snowflake.pypi_repository_user FROM ROLE PUBLIC")
    assert grantees() == []
    rows("GRANT DATABASE ROLE snowflake.pypi_repository_user TO ROLE PUBLIC")


def test_unknown_roles(local_server: Rendezvous, refused: Refused) -> None:
    assert refused("USE ROLE nobody") == (
        "SQL access control error:\nRequested role 'NOBODY' is not assigned to the executing user. "
        "Specify another role to activate."
    )
    from snowflake.connector.errors import DatabaseError

    with pytest.raises(DatabaseError, match="Role 'NOBODY' specified in the connect string does not exist"):
        open_session(local_server, role="NOBODY")


def test_a_session_of_a_role_creates_no_database(local_server: Rendezvous, rows: Rows, schema: str) -> None:
    with contextlib.closing(open_session(local_server, role="CI", database="NEW_ONE", schema="X")) as session:
        found = session.sql("SELECT CURRENT_DATABASE() AS d, CURRENT_ROLE() AS r").collect()[0]
        assert tuple(found) == (None, "CI")
    with contextlib.closing(open_session(local_server, role="CI", schema=schema)) as session:
        assert session.get_current_schema() == f'"{schema}"'


def test_warehouses(rows: Rows, refused: Refused) -> None:
    rows("CREATE OR REPLACE WAREHOUSE small WITH AUTO_RESUME = FALSE INITIALLY_SUSPENDED = TRUE")
    columns = ("name", "state", "type", "auto_resume", "resource_constraint", "owner")
    (shown,) = rows("SHOW WAREHOUSES LIKE 'small'")
    assert [shown[c] for c in columns] == ["SMALL", "SUSPENDED", "STANDARD", "false", "STANDARD_GEN_1", "SYSADMIN"]
    rows("USE WAREHOUSE small")
    wanting = FUNCTION.replace(" AS ", " RESOURCE_CONSTRAINT = (architecture = 'x86') AS ")
    assert refused(f"CREATE {wanting}") == (
        "SQL compilation error:\n"
        "Cannot create or execute a function with resource_constraint annotation on a standard warehouse."
    )
    rows("ALTER WAREHOUSE small RESUME")
    rows(
        "CREATE OR REPLACE WAREHOUSE large WAREHOUSE_TYPE = 'SNOWPARK-OPTIMIZED' RESOURCE_CONSTRAINT = 'MEMORY_1X_x86'"
    )
    rows("USE WAREHOUSE large")
    rows(f"CREATE {wanting}")
    rows("DROP WAREHOUSE small")
    assert refused("USE WAREHOUSE small") == (
        "SQL compilation error:\nObject does not exist, or operation cannot be performed."
    )


def test_roles_are_listed(rows: Rows, schema: str) -> None:
    rows("GRANT ROLE ci TO ROLE useradmin")
    shown = {
        row["name"]: (row["is_current"], row["is_inherited"], row["granted_to_roles"]) for row in rows("SHOW ROLES")
    }
    assert shown["CI"] == ("N", "N", 1)
    assert shown["SYSADMIN"] == ("Y", "Y", 1)
    assert [row["name"] for row in rows("SHOW ROLES LIKE 'sys%'")] == ["SYSADMIN"]
