"""The results of rendering: modules, and the definition of a function that imports them."""

from __future__ import annotations

from dataclasses import dataclass

from snowbuild.config.values import Argument, Processor
from snowbuild.sql import Signature, SqlType, stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A Python module that goes on the stage."""

    filename: str
    """A Python identifier and `.py`; unique in the project."""
    data: bytes
    """UTF-8 with \\n line ends."""
    sha256: str
    template: str
    """The template's file name, or the path of the user's own module, relative to snowbuild.toml."""
    template_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedFunction:
    """A function with the modules that it imports; the first holds its handler."""

    name: str
    """As in snowbuild.toml."""
    handler: str
    """`module.function`, as HANDLER requires it."""
    modules: tuple[Module, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDefinition:
    """The content of CREATE FUNCTION; `create_function(definition)` writes the statement."""

    database: str
    schema: str
    name: str
    arguments: tuple[Argument, ...] = ()
    """Those of the SQL signature, in order."""
    returns: str
    runtime_version: str
    packages: tuple[str, ...] = ()
    """`name==version`, sorted."""
    repository: str | None = None
    """The artifact repository; None for the channel, and if there are no packages."""
    imports: tuple[str, ...] = ()
    """Stage references such as `@"DB"."SCHEMA"."STAGE"/project/modules/…/f.py`, unquoted as literals; sorted."""
    handler: str
    processor: Processor | None = None
    """What RESOURCE_CONSTRAINT asks for if an import contains compiled code."""
    strict: bool = False
    immutable: bool = False
    secure: bool = False
    integrations: tuple[str, ...] = ()
    """EXTERNAL_ACCESS_INTEGRATIONS, as names; sorted."""
    secrets: tuple[tuple[str, str], ...] = ()
    """The name that the code asks for, and the dotted name of the secret; sorted."""
    comment: str | None = None

    @property
    def signature(self) -> Signature:
        """What distinguishes it from other overloads."""
        return Signature(stored(self.name), tuple(SqlType.parse(a.type).name for a in self.arguments))
