"""The Jinja templates: first those beside snowbuild.toml, then snowbuild's own."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from snowbuild.config.templates import SUFFIX, template_folders
from snowbuild.digest import sha256_bytes
from snowbuild.errors import RenderError
from snowbuild.files.tree import tree_sha256

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Template:
    """One template."""

    name: str
    """Its file name."""
    text: str
    """With \\n line ends."""
    folder: str | None = None
    """The project's folder that contains it, relative to snowbuild.toml; None for snowbuild's own."""

    @property
    def place(self) -> str:
        """What messages call it."""
        return self.name if self.folder is None else f"{self.folder}/{self.name}"

    @cached_property
    def sha256(self) -> str:
        """The digest of the text."""
        return sha256_bytes(self.text.encode())


@dataclass(frozen=True, kw_only=True)
class Templates:
    """Every template that a project can use."""

    templates: tuple[Template, ...]
    """Sorted by name, unique."""

    @cached_property
    def _by_name(self) -> Mapping[str, Template]:
        return MappingProxyType({template.name: template for template in self.templates})

    @cached_property
    def sha256(self) -> str:
        """The digest of all names and texts."""
        return tree_sha256((template.name, template.sha256) for template in self.templates)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def template(self, name: str, *, where: str | None = None) -> Template:
        """The template of that name.

        Raises:
            RenderError: there is none; suggests another.
        """
        if name in self._by_name:
            return self._by_name[name]
        close = difflib.get_close_matches(name, self._by_name, n=1)
        offered = f"did you mean {close[0]}?" if close else f"there are {', '.join(self._by_name)}"
        raise RenderError(f"no such template: {name}", where=where, hint=offered)


def load_templates(root: Path) -> Templates:
    """Read every `*.j2` in the two templates folders.

    Args:
        root: The folder of snowbuild.toml.

    Raises:
        RenderError: a template cannot be read.
    """
    projects, own = template_folders(root)
    # The project's own templates override snowbuild's.
    found = {template.name: template for template in (*_read(own, None), *_read(projects, projects.name))}
    return Templates(templates=tuple(found[name] for name in sorted(found)))


def _read(folder: Path, shown: str | None) -> Iterator[Template]:
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        name = path.name
        try:
            # With universal newlines, a checkout on Windows renders the same bytes.
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as exc:
            raise RenderError(f"not UTF-8, at byte {exc.start}", where=f"{folder.name}/{name}") from exc
        except OSError as exc:
            raise RenderError(f"cannot be read: {exc.strerror}", where=f"{folder.name}/{name}") from exc
        yield Template(name=name, text=text, folder=shown)
