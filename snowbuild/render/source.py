"""Python modules, read without running them. Pure."""

from __future__ import annotations

import ast
import platform
import sys
import warnings
from typing import TYPE_CHECKING

from snowbuild.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterator


def unix(data: bytes, path: str) -> bytes:
    """A module with \\n line ends, so that a checkout on Windows has the same bytes.

    Raises:
        RenderError: it is not UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise RenderError(f"not UTF-8, at byte {exc.start}", where=path) from exc
    return text.replace("\r\n", "\n").replace("\r", "\n").encode()


def parse(data: bytes, where: str, python: tuple[int, int]) -> ast.Module:
    """Parse a module with the grammar of the Python that runs snowbuild, restricted to `python`'s as far as `ast` can.

    Raises:
        RenderError: it is not Python; with its line.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data, feature_version=python)
    except SyntaxError as exc:
        place = where if exc.lineno is None else f"{where}:{exc.lineno}"
        hint = None
        if python > sys.version_info[:2]:
            hint = f"parsed by Python {platform.python_version()}; for newer syntax, run snowbuild with a newer Python"
        raise RenderError(f"not Python: {exc.msg}", where=place, hint=hint) from exc
    except (ValueError, RecursionError, MemoryError) as exc:
        raise RenderError(f"not Python: {exc}", where=where) from exc


def bound(module: ast.Module) -> dict[str, list[ast.AST]]:
    """The names that a module visibly binds, and what binds each; `*` for what it may import."""
    names: dict[str, list[ast.AST]] = {}
    for node in outer_nodes(module):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                names.setdefault(name, []).append(node)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                for alias in aliases:
                    names.setdefault(alias.asname or alias.name.partition(".")[0], []).append(node)
    return names


def outer_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Everything in a module except what is inside its functions and classes, whose names are bound there."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from outer_nodes(child)
