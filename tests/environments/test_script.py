"""Scripts of the locked environment that cannot do what they are asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from snowbuild.environments.build import Environment
from snowbuild.environments.script import run_script
from snowbuild.errors import ModelError

pytestmark = pytest.mark.integration

ENVIRONMENT = Environment(folder=Path(sys.prefix), python=Path(sys.executable))


@pytest.mark.parametrize(
    ("script", "said", "hint"),
    [
        (
            "import class_of_mine",
            "ModuleNotFoundError: No module named 'class_of_mine'",
            "require what it imports; classes of your own have to be in a wheel, also while it is trained",
        ),
        (
            "raise AttributeError(\"Can't get attribute 'Mine' on <module '__main__'>\")",
            "AttributeError: Can't get attribute 'Mine' on <module '__main__'>",
            "require what it imports; classes of your own have to be in a wheel, also while it is trained",
        ),
        ("raise EOFError('cut off')", "EOFError: cut off", "train it again with `snowbuild run -- python train.py`"),
        ("", "it exited without any output", "train it again with `snowbuild run -- python train.py`"),
    ],
)
def test_what_may_help(tmp_path: Path, script: str, said: str, hint: str) -> None:
    path = tmp_path / "script.py"
    path.write_text(script, encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        run_script(path, ENVIRONMENT, ["{}"], where="models.m")
    assert str(caught.value) == f"models.m: cannot be loaded in the locked environment: {said}\nhint: {hint}"


@pytest.mark.parametrize(
    "raised",
    [
        "ModuleNotFoundError(\"No module named 'lightgbm.basic'\")",
        "ImportError('Unable to import dependency lightgbm. A quick tip is to install via pip')",
        "ImportError('`import lightgbm` failed. A quick tip is to install via pip')",
    ],
)
def test_a_module_that_somebody_knows_how_to_bring(tmp_path: Path, raised: str) -> None:
    path = tmp_path / "script.py"
    path.write_text(f"raise {raised}", encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        run_script(path, ENVIRONMENT, ["{}"], where="models.m", requiring={"lightgbm": "add it"}.get)
    assert caught.value.problems[0].hint == "add it"
