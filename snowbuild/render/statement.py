"""CREATE FUNCTION, according to docs.snowflake.com/en/sql-reference/sql/create-function. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild import sql
from snowbuild.errors import Problem, RenderError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snowbuild.config.values import Argument, Processor
    from snowbuild.distribution import Distribution
    from snowbuild.render.values import FunctionDefinition


def create_function(definition: FunctionDefinition) -> str:
    """Write the statement that creates a function, or replaces the one with its signature.

    Raises:
        RenderError: two imports have the same base name.
    """
    if problems := _import_problems(definition.name, definition.imports):
        raise RenderError.of(problems)
    name = sql.qualified(definition.database, definition.schema, definition.name)
    arguments = ", ".join(map(_argument, definition.arguments))
    clauses = [
        f"CREATE OR REPLACE {'SECURE ' if definition.secure else ''}FUNCTION {name}({arguments})",
        # Without it, replacing a function revokes it from every role.
        "COPY GRANTS",
        f"RETURNS {sql.SqlType.parse(definition.returns)}",
        "LANGUAGE PYTHON",
        # Defaults are left out: they would change the digest of every function that was made before.
        "STRICT" if definition.strict else None,
        "IMMUTABLE" if definition.immutable else None,
        # Always present: it has no documented default.
        f"RUNTIME_VERSION = {sql.literal(definition.runtime_version)}",
        f"COMMENT = {sql.literal(definition.comment)}" if definition.comment is not None else None,
        f"ARTIFACT_REPOSITORY = {sql.dotted(definition.repository)}" if definition.repository is not None else None,
        _listed("IMPORTS", definition.imports),
        _listed("PACKAGES", definition.packages),
        f"HANDLER = {sql.literal(definition.handler)}",
        _access(definition.integrations),
        _secrets(definition.secrets),
        _constraint(definition.processor),
    ]
    return "\n".join(clause for clause in clauses if clause is not None)


def package_literals(distributions: tuple[Distribution, ...]) -> tuple[str, ...]:
    """The content of PACKAGES: `name==version` as the package service spells them; sorted.

    Without what the service installs by itself, and what is on the stage.
    """
    return tuple(
        sorted(
            f"{distribution.service_name}=={distribution.service_version}"
            for distribution in distributions
            if distribution.service_name is not None and distribution.service_version is not None
        )
    )


def _import_problems(function: str, imports: tuple[str, ...]) -> tuple[Problem, ...]:
    """Problems with imports that share a base name: Snowflake puts all of them in one folder."""
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


def _argument(argument: Argument) -> str:
    default = "" if argument.default is None else f" DEFAULT {argument.default}"
    return f"{sql.identifier(argument.name)} {sql.SqlType.parse(argument.type)}{default}"


def _access(integrations: tuple[str, ...]) -> str | None:
    names = ", ".join(map(sql.identifier, integrations))
    return f"EXTERNAL_ACCESS_INTEGRATIONS = ({names})" if names else None


def _secrets(secrets: tuple[tuple[str, str], ...]) -> str | None:
    pairs = ", ".join(f"{sql.literal(name)} = {sql.dotted(secret)}" for name, secret in secrets)
    return f"SECRETS = ({pairs})" if pairs else None


def _constraint(processor: Processor | None) -> str | None:
    return None if processor is None else f"RESOURCE_CONSTRAINT = (architecture = {sql.literal(processor.value)})"


def _listed(keyword: str, values: Iterable[str]) -> str:
    literals = sorted(sql.literal(value) for value in set(values))
    inner = "".join(f"\n  {literal}," for literal in literals).removesuffix(",")
    return f"{keyword} = ({inner}\n)" if literals else f"{keyword} = ()"
