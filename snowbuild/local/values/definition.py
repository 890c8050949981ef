"""A Python function as CREATE FUNCTION defines it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from snowbuild.sql import SqlType


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """An argument of a function."""

    name: str
    """As stored."""
    type: str
    """With its parameters."""
    default: str | None = None
    """The expression after DEFAULT, as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDefinition:
    """Everything that CREATE FUNCTION says, with every name resolved."""

    database: str
    schema: str
    name: str
    arguments: tuple[Argument, ...]
    returns: str
    not_null: bool = False
    runtime: str
    handler: str
    body: str | None = None
    """The source between AS '…'; None for a staged handler."""
    imports: tuple[str, ...] = ()
    """Stage references with all three names."""
    packages: tuple[str, ...] = ()
    repository: str | None = None
    """ARTIFACT_REPOSITORY; None is the Anaconda channel."""
    strict: bool = False
    immutable: bool = False
    secure: bool = False
    temporary: bool = False
    """Whether it is dropped with its session."""
    session: int = 0
    """The number of the session that it belongs to; 0 if it belongs to none."""
    comment: str = "user-defined function"
    integrations: str | None = None
    """EXTERNAL_ACCESS_INTEGRATIONS, as written between the parentheses."""
    secrets: str | None = None
    constraint: str | None = None
    """RESOURCE_CONSTRAINT, as written between the parentheses."""

    @property
    def types(self) -> tuple[str, ...]:
        """The names of the argument types, which distinguish overloads."""
        return tuple(SqlType.parse(argument.type).name for argument in self.arguments)

    @property
    def signature(self) -> str:
        """Such as PREDICT(NUMBER, VARCHAR) RETURN FLOAT, as SHOW FUNCTIONS has it."""
        return f"{self.name}({', '.join(self._optional())}) RETURN {SqlType.parse(self.returns).name}"

    def _optional(self) -> list[str]:
        return [
            f"DEFAULT {kind}" if argument.default is not None else kind
            for kind, argument in zip(self.types, self.arguments, strict=True)
        ]

    @property
    def required(self) -> int:
        """How many arguments have no default."""
        return sum(argument.default is None for argument in self.arguments)

    @property
    def id(self) -> str:
        """A name for what runs: shared by definitions that are equal apart from comment, privacy and duration."""
        facts = asdict(self) | {"comment": "", "secure": False, "temporary": False, "session": 0}
        return "_sb_" + hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """The form in which the catalogue stores it."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> FunctionDefinition:
        """The inverse of `to_json`."""
        data: dict[str, Any] = json.loads(text)
        arguments = tuple(Argument(**argument) for argument in data.pop("arguments"))
        imports, packages = tuple(data.pop("imports")), tuple(data.pop("packages"))
        return cls(arguments=arguments, imports=imports, packages=packages, **data)


def as_list(values: tuple[str, ...]) -> str:
    """A list as DESCRIBE FUNCTION shows it."""
    return "[" + ", ".join(f"'{value}'" for value in values) + "]"
