"""CREATE FUNCTION, as docs.snowflake.com/en/sql-reference/sql/create-function has it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild import sql
from snowbuild.config import Service
from snowbuild.errors import Problem, RenderError
from snowbuild.runtime import Architecture

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snowbuild.config import FunctionConfig
    from snowbuild.distribution import Distribution
    from snowbuild.runtime import Runtime


def create_function(
    function: FunctionConfig,
    *,
    database: str,
    schema: str,
    stage: str,
    imports: tuple[str, ...],
    handler: str,
    runtime: Runtime,
    packages: tuple[str, ...] = (),
    service: Service = Service.NONE,
    repository: str | None = None,
    native: bool = False,
    comment: str | None = None,
    name: str | None = None,
    replace: bool = True,
) -> str:
    """Write the statement that creates a function; the order of `packages` and `imports` does not matter.

    Args:
        function: Its name, arguments and what it returns.
        database: As a name is written in SQL, like `schema` and `stage`.
        schema: Of the function and the stage.
        stage: Where the imports are.
        imports: Paths on the stage, without its name.
        handler: `module.function`.
        runtime: RUNTIME_VERSION, which has no documented default.
        packages: `name==version`, literally, as `package_literals` gives them.
        service: Where Snowflake gets the packages from.
        repository: Dotted; for service `repository` only.
        native: Whether an import holds compiled code, which asks for a warehouse of the runtime's processor.
        comment: Left out when None.
        name: Another name for the function, such as that of a canary.
        replace: OR REPLACE, keeping the grants.

    Raises:
        RenderError: two imports of one base name.
    """
    problems = import_problems(function.name, imports)
    if problems:
        raise RenderError.of(problems)
    arguments = ", ".join(
        f"{sql.identifier(argument.name)} {sql.SqlType.parse(argument.type)}" for argument in function.sql_arguments
    )
    place = sql.qualified(database, schema, stage)
    lines = [
        f"CREATE {'OR REPLACE ' if replace else ''}FUNCTION "
        f"{sql.qualified(database, schema, function.name if name is None else name)}({arguments})",
        # Without it, replacing a function takes it away from everybody.
        *(["COPY GRANTS"] if replace else []),
        f"RETURNS {sql.SqlType.parse(function.returns)}",
        "LANGUAGE PYTHON",
        f"RUNTIME_VERSION = {sql.literal(runtime.version)}",
        *([] if comment is None else [f"COMMENT = {sql.literal(comment)}"]),
    ]
    if service is Service.REPOSITORY and repository is not None:
        lines.append(f"ARTIFACT_REPOSITORY = {sql.repository(repository)}")
    lines.append(_listed("IMPORTS", (f"@{place}/{path}" for path in imports)))
    lines.append(_listed("PACKAGES", packages))
    lines.append(f"HANDLER = {sql.literal(handler)}")
    if native and runtime.architecture is Architecture.X86_64:
        lines.append("RESOURCE_CONSTRAINT = (architecture = 'x86')")
    return "\n".join(lines)


def package_literals(distributions: tuple[Distribution, ...]) -> tuple[str, ...]:
    """What PACKAGES lists: `name==version` as the package service has them; sorted.

    What the service brings along by itself, and what is on the stage, is not among them.
    """
    return tuple(
        sorted(
            f"{distribution.service_name}=={distribution.service_version}"
            for distribution in distributions
            if distribution.service_name is not None and distribution.service_version is not None
        )
    )


def import_problems(function: str, imports: tuple[str, ...]) -> tuple[Problem, ...]:
    """Imports that share a base name: Snowflake puts all of them in one folder."""
    paths: dict[str, list[str]] = {}
    for path in sorted(set(imports)):
        paths.setdefault(path.rpartition("/")[2], []).append(path)
    return tuple(
        Problem(
            message=f"{len(same)} imports have the name {name}: {', '.join(same)}",
            where=f"functions.{function}",
            hint="rename one of them: Snowflake puts all imports of a function into one folder",
        )
        for name, same in paths.items()
        if len(same) > 1
    )


def _listed(keyword: str, values: Iterable[str]) -> str:
    literals = sorted(sql.literal(value) for value in set(values))
    inner = "".join(f"\n  {literal}," for literal in literals).removesuffix(",")
    return f"{keyword} = ({inner}\n)" if literals else f"{keyword} = ()"
