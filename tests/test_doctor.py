"""Observations → findings, and the SQL that mends what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from snowbuild.config.values import Service, TargetConfig
from snowbuild.doctor import Finding, Held, Needs, Seen, Status, Warehouse, examine, file_finding, missing_statements

TARGET = TargetConfig(name="prod", database="ML", schema='"My Schema"', stage="MODELS", role="DEPLOYER", warehouse="WH")
NEEDS = Needs(target=TARGET, service=Service.CHANNEL, x86=False)
WAREHOUSE = Warehouse(name="WH", state="STARTED", type="STANDARD", auto_resume=True, constraint="STANDARD_GEN_1")
PRIVILEGES = (
    ("DATABASE", "USAGE"), ("SCHEMA", "USAGE"), ("SCHEMA", "CREATE FUNCTION"), ("SCHEMA", "CREATE STAGE"),
    ("STAGE", "READ"), ("STAGE", "WRITE"), ("WAREHOUSE", "USAGE"),
)  # fmt: skip
WELL = Seen(
    account="ORG-A", user="CI", role="DEPLOYER", login="snowflake_jwt", warehouse="WH", facts=WAREHOUSE,
    present=frozenset({"DATABASE", "SCHEMA", "STAGE"}),
    held=tuple((kind, privilege, Held.YES) for kind, privilege in PRIVILEGES), service_role=Held.YES,
)  # fmt: skip


def problems(seen: Seen, needs: Needs = NEEDS) -> list[Finding]:
    return [f for f in examine(seen, needs) if f.status is not Status.OK]


def without(*lacking: tuple[str, str], held: Held = Held.NO) -> Seen:
    return replace(WELL, held=tuple((k, p, held if (k, p) in lacking else h) for k, p, h in WELL.held))


def test_all_is_well() -> None:
    assert problems(WELL) == []
    assert [f.check for f in examine(WELL, NEEDS)] == [
        "connection", "role", "USAGE on database", "USAGE on schema", "CREATE FUNCTION on schema", "READ on stage",
        "WRITE on stage", "USAGE on warehouse", "warehouse state", "package service",
    ]  # fmt: skip


def test_a_role_is_to_be_named_where_it_can_be() -> None:
    (finding,) = problems(WELL, replace(NEEDS, target=replace(TARGET, role=None)))
    assert (finding.status, finding.hint) == (
        Status.WARNING,
        "name it in targets.prod.role, so that every deployment uses the same one",
    )
    assert problems(WELL, replace(NEEDS, target=replace(TARGET, name="local", role=None))) == []


@pytest.mark.parametrize(
    ("lacking", "statement"),
    [
        (("DATABASE", "USAGE"), 'GRANT USAGE ON DATABASE "ML" TO ROLE "DEPLOYER"'),
        (("SCHEMA", "CREATE FUNCTION"), 'GRANT CREATE FUNCTION ON SCHEMA "ML"."My Schema" TO ROLE "DEPLOYER"'),
        (("STAGE", "READ"), 'GRANT READ ON STAGE "ML"."My Schema"."MODELS" TO ROLE "DEPLOYER"'),
        (("WAREHOUSE", "USAGE"), 'GRANT USAGE ON WAREHOUSE "WH" TO ROLE "DEPLOYER"'),
    ],
)
def test_a_missing_privilege_comes_with_its_grant(lacking: tuple[str, str], statement: str) -> None:
    (finding,) = problems(without(lacking))
    assert (finding.status, finding.statements) == (Status.FAILED, (statement,))
    (unknown,) = problems(without(lacking, held=Held.UNKNOWN))
    assert (unknown.status, unknown.statements) == (Status.WARNING, ())
    assert unknown.hint == f"if it is refused: {statement}"


def test_create_stage_matters_only_while_there_is_no_stage() -> None:
    assert problems(without(("SCHEMA", "CREATE STAGE"))) == []
    absent = replace(without(("SCHEMA", "CREATE STAGE")), present=frozenset({"DATABASE", "SCHEMA"}))
    (finding,) = problems(absent)
    assert finding.statements == ('GRANT CREATE STAGE ON SCHEMA "ML"."My Schema" TO ROLE "DEPLOYER"',)
    (told,) = problems(absent, replace(NEEDS, target=replace(TARGET, create_stage=False)))
    assert told.detail == (
        'stage "ML"."My Schema"."MODELS" does not exist, or role DEPLOYER cannot see it, and create-stage is false'
    )
    assert missing_statements([told, told]) == (
        'CREATE STAGE IF NOT EXISTS "ML"."My Schema"."MODELS"',
        'GRANT READ ON STAGE "ML"."My Schema"."MODELS" TO ROLE "DEPLOYER"',
        'GRANT WRITE ON STAGE "ML"."My Schema"."MODELS" TO ROLE "DEPLOYER"',
    )


def test_a_role_cannot_end_its_name_early() -> None:
    seen = replace(without(("DATABASE", "USAGE")), role='X" ; DROP ROLE "Y')
    (finding,) = problems(seen)
    assert finding.statements == ('GRANT USAGE ON DATABASE "ML" TO ROLE "X"" ; DROP ROLE ""Y"',)


@pytest.mark.parametrize(
    ("warehouse", "needs", "status", "detail"),
    [
        (None, NEEDS, Status.FAILED, 'warehouse "WH" does not exist, or role DEPLOYER cannot see it'),
        (
            replace(WAREHOUSE, state="SUSPENDED", auto_resume=False),
            NEEDS,
            Status.FAILED,
            '"WH" is suspended and does not resume automatically',
        ),
        (
            WAREHOUSE,
            replace(NEEDS, x86=True),
            Status.FAILED,
            '"WH" is standard STANDARD_GEN_1, and compiled wheels on the stage need a Snowpark-optimized one with x86',
        ),
        (
            replace(WAREHOUSE, type="SNOWPARK-OPTIMIZED", constraint=None),
            replace(NEEDS, x86=True),
            Status.WARNING,
            '"WH" is snowpark-optimized; whether it is x86, which compiled wheels on the stage need, is not shown',
        ),
    ],
)
def test_warehouses(warehouse: Warehouse | None, needs: Needs, status: Status, detail: str) -> None:
    (finding,) = problems(replace(WELL, facts=warehouse), needs)
    assert (finding.status, finding.detail) == (status, detail)


def test_an_optimized_x86_warehouse_runs_compiled_wheels() -> None:
    facts = replace(WAREHOUSE, type="SNOWPARK-OPTIMIZED", constraint="MEMORY_1X_x86", state="SUSPENDED")
    assert problems(replace(WELL, facts=facts), replace(NEEDS, x86=True)) == []


def test_the_package_services_role() -> None:
    (finding,) = problems(replace(WELL, service_role=Held.NO), replace(NEEDS, service=Service.REPOSITORY))
    assert finding.statements == ('GRANT DATABASE ROLE "SNOWFLAKE"."PYPI_REPOSITORY_USER" TO ROLE "DEPLOYER"',)
    assert problems(replace(WELL, service_role=None), replace(NEEDS, service=Service.NONE)) == []


def test_a_schema_that_is_not_there() -> None:
    (finding,) = problems(replace(WELL, present=frozenset({"DATABASE"})))
    assert finding.detail == 'schema "ML"."My Schema" does not exist, or role DEPLOYER cannot see it'
    assert finding.statements[0] == 'CREATE SCHEMA IF NOT EXISTS "ML"."My Schema"'


@pytest.mark.parametrize(
    ("mode", "status"),
    [(0o100600, Status.OK), (0o100640, Status.WARNING), (0o100606, Status.FAILED), (0o100660, Status.FAILED)],
)
def test_files_with_credentials(mode: int, status: Status) -> None:
    assert file_finding("c.toml", mode).status is status
