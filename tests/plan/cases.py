"""Plan cases as data: short words in a TOML file → desired, recorded and observed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from snowbuild.config import Argument, Grant
from snowbuild.plan import (
    Desired,
    Function,
    Observed,
    ObservedFile,
    ObservedFunction,
    Part,
    Provenance,
    Record,
    StagedFile,
    Stamp,
)
from snowbuild.render.values import FunctionDefinition
from snowbuild.sql import Signature

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = "forecast"
DEPLOYMENT = 7


def desired_from(case: Mapping[str, Any]) -> Desired:
    """A file's name is `folder/<hex digit>/name`, its digest the digit repeated."""
    return _desired(case["desired"])


def record_of(desired: Desired, deployment: int) -> Record:
    """The record of a deployment that went well."""
    provenance = Provenance(at="2026-11-01T12:00:00+00:00", user="DEPLOYER", role="CI", commit="c" * 40)
    return Record(deployment=deployment, provenance=provenance, desired=desired)


def observed_from(case: Mapping[str, Any]) -> Observed:
    """A function's value is the digit of the definition in its stamp, ours or `project`'s; empty for one without."""
    table = case.get("observed", {})
    project = table.get("project", PROJECT)
    return Observed(
        files=tuple(sorted((ObservedFile(path=_path(n), size=1000) for n in table.get("files", ())), key=str)),
        functions=tuple(
            ObservedFunction(signature=signature(text), comment=_comment(digit, project))
            for text, digit in sorted(table.get("functions", {}).items())
        ),
        record=record_of(_desired(case["recorded"]), DEPLOYMENT) if "recorded" in case else None,
    )


def _desired(table: Mapping[str, Any]) -> Desired:
    return Desired(
        project=PROJECT,
        database="DB",
        schema="SC",
        lock_sha256="0" * 64,
        files=_files(table),
        functions=tuple(_function(text, f) for text, f in sorted(table.get("functions", {}).items())),
    )


def signature(text: str) -> Signature:
    """`F(NUMBER, VARCHAR)`."""
    match = re.fullmatch(r"(\w+)\((.*)\)", text)
    assert match is not None
    return Signature(match[1], tuple(t.strip() for t in match[2].split(",") if t.strip()))


def definition(text: str) -> FunctionDefinition:
    """The least that CREATE FUNCTION needs."""
    wanted = signature(text)
    return FunctionDefinition(
        database="DB",
        schema="SC",
        name=wanted.name,
        arguments=tuple(Argument(name=f"A{i}", type=t) for i, t in enumerate(wanted.types)),
        returns="FLOAT",
        runtime_version="3.11",
        packages=(),
        imports=(),
        handler="f.predict",
    )


def _function(text: str, table: Mapping[str, Any]) -> Function:
    roles = tuple(sorted(table.get("grants", ())))
    settings = dict(table.get("settings", {}))
    if "arguments" in settings:
        settings["arguments"] = tuple(Argument(**argument) for argument in settings["arguments"])
    return Function(
        name=signature(text).name.lower(),
        definition=replace(definition(text), **settings),
        sha256=table["definition"] * 64,
        parts=tuple(Part(name=name, digest=digit * 16) for name, digit in table.get("parts", {}).items()),
        grants=(Grant(privilege="USAGE", roles=roles),) if roles else (),
    )


def _files(table: Mapping[str, Any]) -> tuple[StagedFile, ...]:
    files = table.get("files", {})
    return tuple(
        StagedFile(path=_path(name), sha256=name.split("/")[1] * 64, size=files[name]) for name in sorted(files)
    )


def _path(name: str) -> str:
    folder, digit, filename = name.split("/")
    return f"{PROJECT}/{folder}/{digit * 16}/{filename}"


def _comment(digit: str, project: str) -> str:
    return Stamp(project=project, deployment=DEPLOYMENT, definition=digit * 16).comment(None) if digit else ""
