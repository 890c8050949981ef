"""Facts come out of text files; nothing is unpickled, and damage is told with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snowbuild.config import Framework
from snowbuild.errors import ModelError
from snowbuild.models import ModelFacts, inspect
from tests.models.predictors import predictor

if TYPE_CHECKING:
    from pathlib import Path

AGAIN = "\nhint: the model is damaged: train it again"


def test_a_predictor_says_what_trained_it(tmp_path: Path) -> None:
    facts = ModelFacts(framework=Framework.AUTOGLUON, framework_version="1.5.0", python="3.11")
    assert inspect(predictor(tmp_path / "m")) == facts
    assert inspect(tmp_path / "m", Framework.AUTOGLUON) == facts


def test_older_ones_have_another_file_and_the_patch_level(tmp_path: Path) -> None:
    folder = predictor(tmp_path / "m", version=None, metadata='{"py_version": "3.10.4"}')
    (folder / "__version__").write_text("1.1.0\n", encoding="utf-8")
    assert inspect(folder) == ModelFacts(framework=Framework.AUTOGLUON, framework_version="1.1.0", python="3.10")


def test_without_metadata_the_python_is_unknown(tmp_path: Path) -> None:
    assert inspect(predictor(tmp_path / "m", metadata=None)).python is None


def test_anything_else_is_generic(tmp_path: Path) -> None:
    (tmp_path / "model.pkl").touch()
    (tmp_path / "version.txt").write_text("1.0", encoding="utf-8")
    generic = ModelFacts(framework=Framework.GENERIC)
    assert inspect(tmp_path) == generic
    assert inspect(tmp_path / "model.pkl") == generic
    assert inspect(predictor(tmp_path / "m"), Framework.GENERIC) == generic


def test_what_is_not_autogluons_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as error:
        inspect(tmp_path, Framework.AUTOGLUON, label="models/expense")
    assert str(error.value) == (
        "models/expense: not an AutoGluon predictor: no predictor.pkl and no learner.pkl\n"
        'hint: train it again, or set framework = "generic"'
    )


def test_a_missing_version_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as error:
        inspect(predictor(tmp_path / "m", version=None), label="models/expense")
    assert (
        str(error.value)
        == "models/expense: neither version.txt nor __version__ says which AutoGluon trained it" + AGAIN
    )


@pytest.mark.parametrize(
    ("version", "found"),
    [("", "nothing"), ("not a version", "'not a version'"), ("1.5.0\n1.6.0", r"'1.5.0\n1.6.0'")],
)
def test_a_damaged_version_is_told(tmp_path: Path, version: str, found: str) -> None:
    with pytest.raises(ModelError) as error:
        inspect(predictor(tmp_path / "m", version=version), label="models/expense")
    assert str(error.value) == f"models/expense/version.txt: expected AutoGluon's version, found {found}{AGAIN}"


@pytest.mark.parametrize(
    ("metadata", "place", "message"),
    [
        ('{\n"system": "Linux",\n', ":3:1", "not JSON: Expecting property name enclosed in double quotes"),
        ("", ":1:1", "not JSON: Expecting value"),
        ("[" * 200_000, "", "not JSON: nested too deeply"),
        ("[]", "", 'expected "py_version", such as "3.11", found null'),
        ('{"py_version": 3.11}', "", 'expected "py_version", such as "3.11", found 3.11'),
        ('{"py_version": "three"}', "", 'expected "py_version", such as "3.11", found "three"'),
        (" " * (1 << 20) + "{}", "", "far too large for one of AutoGluon's files"),
    ],
)
def test_damaged_metadata_are_told_with_the_place(tmp_path: Path, metadata: str, place: str, message: str) -> None:
    with pytest.raises(ModelError) as error:
        inspect(predictor(tmp_path / "m", metadata=metadata), label="models/expense")
    assert str(error.value) == f"models/expense/metadata.json{place}: {message}{AGAIN}"


def test_text_that_is_none_is_told(tmp_path: Path) -> None:
    folder = predictor(tmp_path / "m")
    (folder / "version.txt").write_bytes(b"1.5\xff")
    with pytest.raises(ModelError) as error:
        inspect(folder, label="models/expense")
    assert str(error.value) == f"models/expense/version.txt: not UTF-8, at byte 3{AGAIN}"
