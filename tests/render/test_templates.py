"""Templates are found beside snowbuild.toml first, then among snowbuild's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snowbuild.digest import sha256_bytes
from snowbuild.errors import RenderError
from snowbuild.render import load_templates

if TYPE_CHECKING:
    from pathlib import Path

OWN = [
    "_activate.py.j2",
    "_answers.py.j2",
    "_autogluon.py.j2",
    "_features.py.j2",
    "_forests.py.j2",
    "_start.py.j2",
    "_threads.py.j2",
    "autogluon_scalar.py.j2",
    "autogluon_vectorized.py.j2",
    "generic.py.j2",
    "loader.py.j2",
]


def test_snowbuilds_own(tmp_path: Path) -> None:
    assert [template.name for template in load_templates(tmp_path).templates] == OWN


def test_the_projects_come_first(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "loader.py.j2").write_bytes(b"\xef\xbb\xbf# mine\r\n")
    (tmp_path / "templates" / "score.py.j2").write_bytes(b"# score\n")
    (tmp_path / "templates" / "notes.txt").write_bytes(b"\xff")
    templates = load_templates(tmp_path)
    assert [template.name for template in templates.templates] == sorted([*OWN, "score.py.j2"])
    assert templates.template("loader.py.j2").text == "# mine\n"
    assert templates.template("loader.py.j2").sha256 == sha256_bytes(b"# mine\n")
    assert templates.sha256 != load_templates(tmp_path / "elsewhere").sha256


def test_a_missing_one_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(RenderError) as error:
        load_templates(tmp_path).template("autogluon_vectorised.py.j2", where="functions.f.template")
    assert str(error.value) == (
        "functions.f.template: no such template: autogluon_vectorised.py.j2\n"
        "hint: did you mean autogluon_vectorized.py.j2?"
    )
    with pytest.raises(RenderError) as error:
        load_templates(tmp_path).template("x")
    assert str(error.value) == f"no such template: x\nhint: there are {', '.join(OWN)}"


def test_one_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "score.py.j2").write_bytes(b"# \xff")
    with pytest.raises(RenderError) as error:
        load_templates(tmp_path)
    assert str(error.value) == "templates/score.py.j2: not UTF-8, at byte 2"
