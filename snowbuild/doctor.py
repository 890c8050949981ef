"""Observations of a project and its target → what is fine, and what to do about the rest. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from snowbuild.config.values import Service, TargetConfig
from snowbuild.sql import grant_statement, qualified, quoted, stage_statements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OPTIMIZED = "SNOWPARK-OPTIMIZED"

# docs: developer-guide/udf/python/udf-python-packages; both are granted to PUBLIC by default.
SERVICE_ROLES = {
    Service.REPOSITORY: ("SNOWFLAKE", "PYPI_REPOSITORY_USER"),
    Service.CHANNEL: ("SNOWFLAKE", "ANACONDA_REPOSITORY_USER"),
}
"""The database role that a function's packages need, by service."""


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    """It may still work, or could not be determined."""
    FAILED = "failed"


class Held(StrEnum):
    """Whether a role has something."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one check."""

    check: str
    status: Status
    detail: str
    """What was found; one sentence without a full stop."""
    hint: str | None = None
    """What to do about it."""
    statements: tuple[str, ...] = ()
    """The SQL that fixes it, for somebody with the privileges; without semicolons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Warehouse:
    """A row of SHOW WAREHOUSES."""

    name: str
    state: str
    type: str
    auto_resume: bool
    constraint: str | None
    """RESOURCE_CONSTRAINT; None if the account does not show it."""

    @property
    def has_x86(self) -> bool | None:
        """Whether it runs functions with RESOURCE_CONSTRAINT x86; None if unknown."""
        if self.type.upper() != OPTIMIZED:
            return False
        return None if self.constraint is None else self.constraint.upper().endswith("X86")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a session in the target sees; all privileges are those of its primary role."""

    account: str
    user: str
    role: str
    login: str
    """The authenticator, as the connector names it."""
    warehouse: str | None
    """The session's current one."""
    facts: Warehouse | None
    """Of the target's warehouse, or of the current one; None if the role cannot see it."""
    present: frozenset[str]
    """Which of DATABASE, SCHEMA and STAGE the role can see."""
    held: tuple[tuple[str, str, Held], ...]
    """Kind, privilege, and whether the role has it."""
    service_role: Held | None
    """Whether it has the package service's role; None if there is no service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a deployment needs of its target."""

    target: TargetConfig
    service: Service
    x86: bool
    """Whether a function asks for RESOURCE_CONSTRAINT x86."""


def examine(seen: Seen, needs: Needs) -> tuple[Finding, ...]:
    """Check what a session sees against what a deployment needs, in the order in which it is needed."""
    return tuple(_findings(seen, needs))


def missing_statements(findings: Iterable[Finding]) -> tuple[str, ...]:
    """The SQL of all findings, each statement once, in their order."""
    return tuple(dict.fromkeys(statement for finding in findings for statement in finding.statements))


def file_finding(path: str, mode: int) -> Finding:
    """Check the permissions of a file with credentials."""
    check = "connection file"
    rights = f"{path} has mode {mode & 0o777:03o}"
    if mode & 0o022:
        return Finding(
            check=check,
            status=Status.FAILED,
            detail=f"{rights}: others may write it, and the connector refuses it",
            hint=f"chmod 600 {path}",
        )
    if mode & 0o044:
        return Finding(
            check=check, status=Status.WARNING, detail=f"{rights}: others may read it", hint=f"chmod 600 {path}"
        )
    return Finding(check=check, status=Status.OK, detail=rights)


def _findings(seen: Seen, needs: Needs) -> Iterator[Finding]:
    target = needs.target
    yield Finding(check="connection", status=Status.OK, detail=f"{seen.user} at {seen.account}, by {seen.login}")
    yield _role(seen, target)
    yield from _places(seen, needs)
    yield from _stage(seen, target)
    yield from _warehouse(seen, needs)
    if seen.service_role is not None:
        yield _service(seen, needs.service, seen.service_role)


def _role(seen: Seen, target: TargetConfig) -> Finding:
    # The local Snowflake's target has no key for it.
    if target.role is None and not target.is_local:
        return Finding(
            check="role",
            status=Status.WARNING,
            detail=f"{seen.role}, from the connection: it will own what it creates",
            hint=f"name it in targets.{target.name}.role, so that every deployment uses the same one",
        )
    return Finding(check="role", status=Status.OK, detail=seen.role)


def _places(seen: Seen, needs: Needs) -> Iterator[Finding]:
    """Database and schema: that they exist, and what may be done in them."""
    target = needs.target
    names = {"DATABASE": qualified(target.database), "SCHEMA": qualified(target.database, target.schema)}
    wanted = {"DATABASE": ("USAGE",), "SCHEMA": ("USAGE", "CREATE FUNCTION")}
    for kind, name in names.items():
        if kind not in seen.present:
            yield Finding(
                check=kind.lower(),
                status=Status.FAILED,
                detail=f"{kind.lower()} {name} does not exist, or role {seen.role} cannot see it",
                hint=f"create it, or change targets.{target.name}; a role only sees what it has USAGE on",
                statements=(
                    f"CREATE {kind} IF NOT EXISTS {name}",
                    *(grant_statement(privilege, kind, name, seen.role) for privilege in wanted[kind]),
                ),
            )
            continue
        for privilege in wanted[kind]:
            yield _privilege(seen, privilege, kind, name)


def _stage(seen: Seen, target: TargetConfig) -> Iterator[Finding]:
    stage = qualified(target.database, target.schema, target.stage)
    schema = qualified(target.database, target.schema)
    if "STAGE" in seen.present:
        yield _privilege(seen, "READ", "STAGE", stage)
        yield _privilege(seen, "WRITE", "STAGE", stage)
    elif "SCHEMA" not in seen.present:
        return
    elif target.create_stage:
        yield Finding(check="stage", status=Status.OK, detail=f"{stage} does not exist yet; the first apply creates it")
        yield _privilege(seen, "CREATE STAGE", "SCHEMA", schema)
    else:
        yield Finding(
            check="stage",
            status=Status.FAILED,
            detail=f"stage {stage} does not exist, or role {seen.role} cannot see it, and create-stage is false",
            hint="create it with the statements below",
            statements=stage_statements(stage, seen.role),
        )


def _warehouse(seen: Seen, needs: Needs) -> Iterator[Finding]:
    name = needs.target.warehouse or (quoted(seen.warehouse) if seen.warehouse else None)
    if name is None:
        needed = needs.service is Service.REPOSITORY
        yield Finding(
            check="warehouse",
            status=Status.FAILED if needed else Status.WARNING,
            detail="none: functions cannot be called, nor created with packages of a repository",
            hint=f"name one in targets.{needs.target.name}.warehouse",
        )
        return
    sql_name = qualified(name)
    if seen.facts is None:
        yield Finding(
            check="warehouse",
            status=Status.FAILED,
            detail=f"warehouse {sql_name} does not exist, or role {seen.role} cannot see it",
            hint=f"create it, or change targets.{needs.target.name}.warehouse",
            statements=(grant_statement("USAGE", "WAREHOUSE", sql_name, seen.role),),
        )
        return
    yield _privilege(seen, "USAGE", "WAREHOUSE", sql_name)
    yield _state(seen.facts, sql_name)
    if needs.x86:
        yield _architecture(seen.facts, sql_name)


def _state(warehouse: Warehouse, name: str) -> Finding:
    suspended = warehouse.state.upper() not in ("STARTED", "RESUMING", "RESIZING")
    if suspended and not warehouse.auto_resume:
        return Finding(
            check="warehouse state",
            status=Status.FAILED,
            detail=f"{name} is {warehouse.state.lower()} and does not resume automatically",
            hint="resume it",
            statements=(f"ALTER WAREHOUSE {name} RESUME",),
        )
    resumes = ", and resumes automatically" if suspended else ""
    return Finding(check="warehouse state", status=Status.OK, detail=f"{name} is {warehouse.state.lower()}{resumes}")


def _architecture(warehouse: Warehouse, name: str) -> Finding:
    found = f"{warehouse.type.lower()} {warehouse.constraint or ''}".strip()
    match warehouse.has_x86:
        case True:
            return Finding(check="warehouse architecture", status=Status.OK, detail=f"{name} is {found}")
        case None:
            return Finding(
                check="warehouse architecture",
                status=Status.WARNING,
                detail=f"{name} is {found}; whether it is x86, which compiled wheels on the stage need, is not shown",
                hint="look at its RESOURCE_CONSTRAINT",
            )
    return Finding(
        check="warehouse architecture",
        status=Status.FAILED,
        detail=f"{name} is {found}, and compiled wheels on the stage need a Snowpark-optimized one with x86",
        hint="create one, and name it in the target",
        statements=(
            f"CREATE WAREHOUSE {quoted(f'{warehouse.name}_X86')} WAREHOUSE_TYPE = '{OPTIMIZED}' "
            "RESOURCE_CONSTRAINT = 'MEMORY_1X_x86'",
        ),
    )


def _service(seen: Seen, service: Service, held: Held) -> Finding:
    database, role = SERVICE_ROLES[service]
    name = f"{database}.{role}"
    grant = f"GRANT DATABASE ROLE {qualified(database, role)} TO ROLE {quoted(seen.role)}"
    match held:
        case Held.YES:
            return Finding(check="package service", status=Status.OK, detail=f"{seen.role} has {name}")
        case Held.NO:
            return Finding(
                check="package service",
                status=Status.FAILED,
                detail=f"{seen.role} lacks {name}, which roles that call the functions need as well",
                hint=f"grant it, to the callers too; or do not use packages.service = {service.value!r}",
                statements=(grant,),
            )
        case Held.UNKNOWN:
            return Finding(
                check="package service",
                status=Status.WARNING,
                detail=f"cannot tell whether {seen.role} has {name}",
                hint=f"if CREATE FUNCTION is refused: {grant}",
            )
    assert_never(held)


def _privilege(seen: Seen, privilege: str, kind: str, name: str) -> Finding:
    check = f"{privilege} on {kind.lower()}"
    held = next((h for k, p, h in seen.held if (k, p) == (kind, privilege)), Held.UNKNOWN)
    grant = grant_statement(privilege, kind, name, seen.role)
    match held:
        case Held.YES:
            return Finding(check=check, status=Status.OK, detail=f"{seen.role} has it on {name}")
        case Held.NO:
            return Finding(
                check=check,
                status=Status.FAILED,
                detail=f"{seen.role} lacks it on {name}",
                hint="grant it",
                statements=(grant,),
            )
        case Held.UNKNOWN:
            return Finding(
                check=check,
                status=Status.WARNING,
                detail=f"cannot tell whether {seen.role} has it on {name}",
                hint=f"if it is refused: {grant}",
            )
    assert_never(held)
