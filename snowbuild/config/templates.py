"""Where templates are looked for."""

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
"""Those of snowbuild's own that serve a predictor; a project may have others of the same names."""


def template_folders(root: Path) -> tuple[Path, ...]:
    """The folders that hold templates, first come first served: the user's own, then snowbuild's."""
    package = Path(snowbuild.__file__).parent
    # A wheel holds them as package data; in a checkout they lie beside the package.
    installed = package / "templates"
    return root / "templates", installed if installed.is_dir() else package.parent / "templates"


def is_of_project(root: Path, name: str) -> bool:
    """Whether a template is the project's own: it takes the place of snowbuild's of that name."""
    return is_file(template_folders(root)[0] / name)


def is_template(name: str) -> bool:
    """Whether a module's origin is a template; it is the path of a user's own module otherwise."""
    return name.endswith(SUFFIX)


def template_name(files: Files, text: str) -> str:
    """The file name of a template that is not a part of others.

    Raises:
        ConfigError: not a file name, or files must exist and there is no template of that name.
    """
    if "/" in text or "\\" in text:
        raise ConfigError(f"expected a file name, found {shown(text)}", hint="templates lie in the folder templates")
    if not files.must_exist:
        return text
    # By custom, a template that begins with an underscore is a part of others.
    known = sorted({file.name for folder in template_folders(files.root) for file in folder.glob(f"[!_]*{SUFFIX}")})
    if text not in known:
        raise ConfigError(f"no such template: {shown(text)}", hint=suggestion(text, known))
    return text
