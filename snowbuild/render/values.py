"""Rendered modules."""

from __future__ import annotations

from dataclasses import dataclass


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
    """`module.function`, as HANDLER wants it."""
    modules: tuple[Module, ...]
