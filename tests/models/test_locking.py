"""A model is digested, read and packed once; what lies in the state folder may go or rot."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from snowbuild.config import Framework, ModelConfig
from snowbuild.digest import sha256_file
from snowbuild.errors import ModelError
from snowbuild.models import Model, ModelFacts, archive_path, lock_model
from tests.models.predictors import predictor

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EXPENSE = ModelConfig(name="expense", path="models/expense")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one predictor."""
    predictor(tmp_path / "a project" / "models" / "expense")
    return tmp_path / "a project"


@pytest.fixture
def lock(root: Path) -> Callable[[], Model]:
    """Lock the one model."""
    return lambda: lock_model(EXPENSE, root=root, state=root / ".snowbuild")


def test_a_model_as_it_is_locked(root: Path, lock: Callable[[], Model]) -> None:
    model = lock()
    archive = archive_path(model, root / ".snowbuild")
    assert archive == root / ".snowbuild" / "models" / f"{model.tree_sha256}.zip"
    assert model == Model(
        name="expense",
        path="models/expense",
        tree_sha256=model.tree_sha256,
        archive="expense.zip",
        archive_sha256=sha256_file(archive),
        archive_size=archive.stat().st_size,
        facts=ModelFacts(framework=Framework.AUTOGLUON, framework_version="1.5.0", python="3.11"),
    )


def test_an_unchanged_model_is_not_packed_again(root: Path, lock: Callable[[], Model]) -> None:
    first = lock()
    before = archive_path(first, root / ".snowbuild").stat()
    assert lock() == first
    after = archive_path(first, root / ".snowbuild").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_changed_model_gets_another_archive(root: Path, lock: Callable[[], Model]) -> None:
    first = lock()
    (root / "models" / "expense" / "learner.pkl").write_bytes(b"changed")
    second = lock()
    assert second.tree_sha256 != first.tree_sha256
    assert second.archive_sha256 != first.archive_sha256
    assert archive_path(first, root / ".snowbuild").exists()


@pytest.mark.parametrize("harm", ["state", "archive", "note", "rotten archive", "rotten note", "older packing", "list"])
def test_the_state_folder_may_go_or_rot(root: Path, lock: Callable[[], Model], harm: str) -> None:
    first = lock()
    archive = archive_path(first, root / ".snowbuild")
    note = archive.with_suffix(".json")
    match harm:
        case "state":
            shutil.rmtree(root / ".snowbuild")
        case "archive":
            archive.unlink()
        case "note":
            note.unlink()
        case "rotten archive":
            archive.write_bytes(archive.read_bytes()[:-1] + b"x")
        case "rotten note":
            note.write_bytes(b"{")
        case "older packing":
            archive.write_bytes(b"packed otherwise")
            old = json.loads(note.read_bytes()) | {"packing": "zip/0", "sha256": sha256_file(archive)}
            note.write_text(json.dumps(old), encoding="utf-8")
        case "list":
            note.write_bytes(b"[]")
    assert lock() == first
    assert sha256_file(archive) == first.archive_sha256


def test_a_generic_file(root: Path) -> None:
    (root / "weights.bin").write_bytes(b"1")
    model = lock_model(ModelConfig(name="w", path="weights.bin"), root=root, state=root / ".snowbuild")
    assert (model.archive, model.facts) == ("w.zip", ModelFacts(framework=Framework.GENERIC))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("models/expens", "no such folder: models/expens\nhint: did you mean models/expense?"),
        ("model.pkl", "no such file: model.pkl\nhint: did you mean models?"),
        (
            "trained/claims",
            "no such folder: trained/claims\n"
            "hint: train expense first, for instance with `snowbuild run -- python train.py`",
        ),
    ],
)
def test_a_missing_model(root: Path, path: str, message: str) -> None:
    with pytest.raises(ModelError) as error:
        lock_model(ModelConfig(name="expense", path=path), root=root, state=root / ".snowbuild")
    assert str(error.value) == f"models.expense.path: {message}"


def test_an_empty_folder(root: Path) -> None:
    (root / "models" / "empty").mkdir()
    with pytest.raises(ModelError) as error:
        lock_model(ModelConfig(name="expense", path="models/empty"), root=root, state=root / ".snowbuild")
    assert str(error.value) == (
        "models.expense.path: an empty folder: models/empty\n"
        "hint: train expense first, for instance with `snowbuild run -- python train.py`"
    )


def test_links_are_refused(root: Path, lock: Callable[[], Model]) -> None:
    (root / "models" / "expense" / "version.txt").unlink()
    (root / "models" / "expense" / "version.txt").symlink_to("metadata.json")
    with pytest.raises(ModelError, match=r"version\.txt: a link, to metadata\.json"):
        lock()
    assert not (root / ".snowbuild").exists()


def test_a_dangling_link_is_a_link(root: Path) -> None:
    (root / "models" / "link").symlink_to("nowhere")
    with pytest.raises(ModelError, match="a link, to nowhere"):
        lock_model(ModelConfig(name="expense", path="models/link"), root=root, state=root / ".snowbuild")


def test_names_that_differ_in_case_are_noticed(root: Path) -> None:
    (root / "models" / "expense" / "UTILS").mkdir(exist_ok=True)
    if (root / "models" / "expense" / "UTILS").samefile(root / "models" / "expense" / "utils"):
        pytest.skip("this file system ignores case")
    notices: list[str] = []
    lock_model(EXPENSE, root=root, state=root / ".snowbuild", notice=notices.append)
    assert notices == ["models.expense.path: UTILS and utils are one file on a system that ignores case"]


def test_a_state_folder_that_cannot_be_written(root: Path, lock: Callable[[], Model]) -> None:
    (root / ".snowbuild").touch()
    with pytest.raises(ModelError, match=r"models\.expense: cannot be packed: "):
        lock()
