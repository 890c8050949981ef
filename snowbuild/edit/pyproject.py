"""The requirements of a pyproject.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.codec import parse_toml
from snowbuild.edit.requirements_file import Wanted
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def read_pyproject(path: Path) -> Wanted:
    """Read `project.dependencies` (PEP 621).

    Raises:
        ConfigError: the file cannot be read, or does not list them.
    """
    try:
        project = parse_toml(path.read_bytes().decode()).get("project")
    except FileNotFoundError as exc:
        raise ConfigError("no such file", where=str(path)) from exc
    except OSError as exc:
        raise ConfigError(f"cannot be read: {exc.strerror}", where=str(path)) from exc
    except ValueError as exc:
        raise ConfigError(f"not TOML: {exc}", where=str(path)) from exc
    where = f"{path}: project.dependencies"
    if not isinstance(project, dict):
        raise ConfigError("missing", where=where, hint="only the standard table [project] is read (PEP 621)")
    if "dependencies" in project.get("dynamic", ()):
        raise ConfigError(
            "dynamic: only its build backend knows them",
            where=where,
            hint="write them to a requirements file, then `snowbuild add -r FILE`",
        )
    requirements = project.get("dependencies", [])
    if not isinstance(requirements, list) or not all(isinstance(r, str) for r in requirements):
        raise ConfigError("expected an array of strings", where=where)
    return Wanted(requirements=tuple(requirements))
