"""Where templates are found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import snowbuild
from snowbuild.config.reader import shown
from snowbuild.config.scalars import is_file
from snowbuild.config.suggest import suggestion
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from snowbuild.config.scalars import Files

SUFFIX = ".j2"

SCALAR_TEMPLATE = "autogluon_scalar.py.j2"
VECTORIZED_TEMPLATE = "autogluon_vectorized.py.j2"
AUTOGLUON_TEMPLATES = frozenset({SCALAR_TEMPLATE, VECTORIZED_TEMPLATE})
"""Snowbuild's own templates for a predictor; a project may have others with the same names."""


def template_folders(root: Path) -> tuple[Path, ...]:
    """The folders of templates in order of precedence: the user's own, then snowbuild's."""
    package = Path(snowbuild.__file__).parent
    # A wheel holds them as package data; in a checkout they lie beside the package.
    installed = package / "templates"
    return root / "templates", installed if installed.is_dir() else package.parent / "templates"


def is_of_project(root: Path, name: str) -> bool:
    """Whether a template is the project's own, which overrides snowbuild's of the same name."""
    return is_file(template_folders(root)[0] / name)


def is_template(name: str) -> bool:
    """Whether a module's origin is a template; otherwise it is the path of the user's own module."""
    return name.endswith(SUFFIX)


def template_name(files: Files, text: str) -> str:
    """The file name of a template that is not a part of others.

    Raises:
        ConfigError: not a file name, or files must exist and there is no template of that name.
    """
    if "/" in text or "\\" in text:
        raise ConfigError(f"expected a file name, found {shown(text)}", hint="templates are in the folder templates")
    if not files.must_exist:
        return text
    # By convention, a template whose name begins with an underscore is a part of others.
    known = sorted({file.name for folder in template_folders(files.root) for file in folder.glob(f"[!_]*{SUFFIX}")})
    if text not in known:
        raise ConfigError(f"no such template: {shown(text)}", hint=suggestion(text, known))
    return text
