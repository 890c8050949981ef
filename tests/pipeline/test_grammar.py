"""What a newer Python reads and the runtime's own does not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from snowbuild.environments.interpreter import find_interpreter
from snowbuild.errors import EnvironmentBuildError, RenderError
from snowbuild.pipeline import grammar
from snowbuild.pipeline.grammar import check_grammar
from snowbuild.render import Module, RenderedFunction
from snowbuild.runtime import Architecture, Runtime
from tests.cli.runner import run_here

if TYPE_CHECKING:
    from pathlib import Path

OLDER = Runtime.parse("3.10", Architecture.X86_64)
# It comes through `ast.parse(..., feature_version=(3, 10))` of Python 3.11 and later.
NEWER = "def f(values, index):\n    return values[*index]\n"


def function(**sources: str) -> RenderedFunction:
    """With a module of snowbuild's own, and those of the user."""
    paths = {"generic.py.j2": "def handler(x):\n    return x\n", **{f"src/{n}.py": s for n, s in sources.items()}}
    modules = tuple(
        Module(filename=f"m{number}.py", data=source.encode(), sha256="", template=path, template_sha256="")
        for number, (path, source) in enumerate(paths.items())
    )
    return RenderedFunction(name="f", handler="m0.handler", modules=modules)


@pytest.fixture
def _older() -> None:
    try:
        find_interpreter(OLDER.version)
    except EnvironmentBuildError:
        pytest.skip(f"no Python {OLDER.version} on this machine")


@pytest.mark.usefixtures("_older")
def test_the_runtimes_own_python_has_the_last_word() -> None:
    check_grammar([function(good="NAME = 'Zoë'\n")], OLDER)
    with pytest.raises(RenderError) as caught:
        check_grammar([function(good="", mine=NEWER), function(other=f"\n{NEWER}")], OLDER)
    assert str(caught.value) == (
        "src/mine.py:2: not Python 3.10: invalid syntax\nsrc/other.py:3: not Python 3.10: invalid syntax"
    )


@pytest.mark.usefixtures("_older")
@pytest.mark.skipif(sys.version_info < (3, 12), reason="this Python refuses it itself")
def test_nested_quotes() -> None:
    with pytest.raises(RenderError, match=r"^src/mine\.py:1: not Python 3\.10: "):
        check_grammar([function(mine='NAME = f"{"a"}"\n')], OLDER)


@pytest.mark.integration
@pytest.mark.usefixtures("_older")
def test_nothing_is_locked_that_the_runtime_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(NEWER)
    (tmp_path / "snowbuild.toml").write_text(
        '[project]\nname = "p"\n[runtime]\npython = "3.10"\n[packages]\nservice = "none"\n'
        '[functions.f]\nhandler = "mine.py:f"\narguments = { V = "ARRAY", I = "ARRAY" }\nreturns = "FLOAT"\n'
    )
    error = run_here(tmp_path, "lock")
    assert str(error) == "mine.py:2: not Python 3.10: invalid syntax"
    assert not (tmp_path / "pylock.snowbuild.toml").exists()


def test_nobody_is_looked_for_where_this_python_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(version: str) -> None:
        raise AssertionError(version)

    monkeypatch.setattr(grammar, "find_interpreter", refuse)
    here = "{}.{}".format(*sys.version_info[:2])
    check_grammar([function(mine=NEWER)], Runtime.parse(here, Architecture.X86_64))
    check_grammar([function()], OLDER)


def test_without_the_runtimes_python_ast_has_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(version: str) -> None:
        raise EnvironmentBuildError(f"Python {version} is not installed on this machine")

    monkeypatch.setattr(grammar, "find_interpreter", missing)
    check_grammar([function(mine=NEWER)], OLDER)
