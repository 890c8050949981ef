"""A model is digested, read and packed once; what lies in the state folder may go or rot."""

from __future__ import annotations

import json
import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from snowbuild.config import Framework, ModelConfig
from snowbuild.digest import sha256_bytes, sha256_file
from snowbuild.errors import ModelError, Problem, TreeError
from snowbuild.files.tree import scan
from snowbuild.models import Archive, Model, ModelFacts, archive_path, lock_model
from snowbuild.models.parts import LEAST
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


def packed(root: Path, model: Model) -> Path:
    """The only archive of a small model."""
    (archive,) = model.archives
    return archive_path(archive, root / ".snowbuild")


def test_a_model_as_it_is_locked(root: Path, lock: Callable[[], Model]) -> None:
    model = lock()
    file = packed(root, model)
    assert file == root / ".snowbuild" / "models" / f"{sha256_file(file)}.zip"
    assert model == Model(
        name="expense",
        path="models/expense",
        tree_sha256=scan(root / "models" / "expense").sha256(),
        archives=(Archive(filename="expense.zip", sha256=sha256_file(file), size=file.stat().st_size),),
        facts=ModelFacts(framework=Framework.AUTOGLUON, framework_version="1.5.0", python="3.11"),
    )


def sub_model(root: Path, name: str, size: int) -> Path:
    """Give the predictor a sub-model of so many bytes; returns its pickle."""
    file = root / "models" / "expense" / "models" / name / "model.pkl"
    file.parent.mkdir()
    file.write_bytes(name.encode() + bytes(size - len(name)))
    return file


def test_large_sub_models_are_packed_by_themselves(root: Path, lock: Callable[[], Model]) -> None:
    for name in ("RandomForest", "ExtraTrees_BAG_L1", "Größe"):
        sub_model(root, name, LEAST)
    sub_model(root, "LightGBM", LEAST - 1)
    model = lock()
    contents = {}
    for archive in model.archives:
        with zipfile.ZipFile(archive_path(archive, root / ".snowbuild")) as opened:
            contents[archive.filename] = opened.namelist()
    assert contents == {
        "expense.ExtraTrees_BAG_L1.zip": ["models/ExtraTrees_BAG_L1/model.pkl"],
        f"expense.Gr__e-{sha256_bytes('Größe'.encode())[:8]}.zip": ["models/Größe/model.pkl"],
        "expense.RandomForest.zip": ["models/RandomForest/model.pkl"],
        "expense.zip": [
            "learner.pkl",
            "metadata.json",
            "models/KNeighbors/model.pkl",
            "models/LightGBM/model.pkl",
            "models/trainer.pkl",
            "predictor.pkl",
            "utils/",
            "version.txt",
        ],
    }
    assert model.tree_sha256 == scan(root / "models" / "expense").sha256()


@pytest.mark.parametrize(
    ("changed", "archive"),
    [
        ("models/RandomForest/model.pkl", "expense.RandomForest.zip"),
        ("models/KNeighbors/model.pkl", "expense.zip"),
        ("learner.pkl", "expense.zip"),
    ],
)
def test_a_change_changes_one_archive(root: Path, lock: Callable[[], Model], changed: str, archive: str) -> None:
    for name in ("RandomForest", "ExtraTrees"):
        sub_model(root, name, LEAST)
    before = lock()
    with (root / "models" / "expense" / changed).open("ab") as file:
        file.write(b"more")
    after = lock()
    assert [a.filename for a in after.archives] == [a.filename for a in before.archives]
    assert [a.filename for a in after.archives if a not in before.archives] == [archive]


def test_sub_models_of_any_name_have_their_archive(root: Path, lock: Callable[[], Model]) -> None:
    long = "L" * 120
    for name in ("My Forest", "My_Forest", "Wälder", "-1", long):
        sub_model(root, name, LEAST)
    assert [archive.filename for archive in lock().archives] == [
        "expense.-1.zip",
        f"expense.{long[:100]}-{sha256_bytes(long.encode())[:8]}.zip",
        f"expense.My_Forest-{sha256_bytes(b'My Forest')[:8]}.zip",
        "expense.My_Forest.zip",
        f"expense.W_lder-{sha256_bytes('Wälder'.encode())[:8]}.zip",
        "expense.zip",
    ]


def test_generic_models_are_one_archive(root: Path) -> None:
    sub_model(root, "RandomForest", LEAST)
    generic = ModelConfig(name="expense", path="models/expense", framework=Framework.GENERIC)
    model = lock_model(generic, root=root, state=root / ".snowbuild")
    assert [archive.filename for archive in model.archives] == ["expense.zip"]


def test_an_unchanged_model_is_not_packed_again(root: Path, lock: Callable[[], Model]) -> None:
    first = lock()
    before = packed(root, first).stat()
    assert lock() == first
    after = packed(root, first).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_changed_model_gets_another_archive(root: Path, lock: Callable[[], Model]) -> None:
    first = lock()
    (root / "models" / "expense" / "learner.pkl").write_bytes(b"changed")
    second = lock()
    assert second.tree_sha256 != first.tree_sha256
    assert packed(root, second) != packed(root, first)
    assert packed(root, first).exists()


@pytest.mark.parametrize("harm", ["state", "archive", "note", "rotten archive", "rotten note", "older packing", "list"])
def test_the_state_folder_may_go_or_rot(root: Path, lock: Callable[[], Model], harm: str) -> None:
    first = lock()
    archive = packed(root, first)
    note = archive.with_name(f"{first.tree_sha256}.json")
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
            other = archive.with_name(f"{sha256_bytes(b'otherwise')}.zip")
            other.write_bytes(b"otherwise")
            old = json.loads(note.read_bytes()) | {"packing": "zip/0", "sha256": sha256_file(other)}
            note.write_text(json.dumps(old), encoding="utf-8")
        case "list":
            note.write_bytes(b"[]")
    assert lock() == first
    assert archive.name == f"{sha256_file(archive)}.zip"


def test_a_generic_file(root: Path) -> None:
    (root / "weights.bin").write_bytes(b"1")
    model = lock_model(ModelConfig(name="w", path="weights.bin"), root=root, state=root / ".snowbuild")
    assert ([a.filename for a in model.archives], model.facts) == (["w.zip"], ModelFacts(framework=Framework.GENERIC))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("models/expens", "no such folder: models/expens\nhint: did you mean models/expense?"),
        ("model.pkl", "no such file: model.pkl\nhint: did you mean models?"),
        (
            "trained/claims",
            "no such folder: trained/claims\n"
            "hint: train expense first, for example with `snowbuild run -- python train.py`",
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
        "hint: train expense first, for example with `snowbuild run -- python train.py`"
    )


def test_links_are_refused(root: Path, lock: Callable[[], Model]) -> None:
    (root / "models" / "expense" / "version.txt").unlink()
    (root / "models" / "expense" / "version.txt").symlink_to("metadata.json")
    with pytest.raises(TreeError, match=r"version\.txt: a link, to metadata\.json"):
        lock()
    assert not (root / ".snowbuild").exists()


def test_a_dangling_link_is_a_link(root: Path) -> None:
    (root / "models" / "link").symlink_to("nowhere")
    with pytest.raises(TreeError, match="a link, to nowhere"):
        lock_model(ModelConfig(name="expense", path="models/link"), root=root, state=root / ".snowbuild")


def test_a_folder_on_the_way_may_not_be_a_link_either(root: Path) -> None:
    (root / "models").rename(root / "elsewhere")
    (root / "models").symlink_to(root / "elsewhere")
    with pytest.raises(TreeError) as error:
        lock_model(ModelConfig(name="expense", path="models/expense"), root=root, state=root / ".snowbuild")
    assert str(error.value) == (
        f"{root}/models: a link, to {root}/elsewhere; only files and folders are digested and packed\n"
        "hint: put the file or folder itself there"
    )


def test_names_that_differ_in_case_are_noticed(root: Path) -> None:
    (root / "models" / "expense" / "UTILS").mkdir(exist_ok=True)
    if (root / "models" / "expense" / "UTILS").samefile(root / "models" / "expense" / "utils"):
        pytest.skip("this file system ignores case")
    notices: list[Problem] = []
    lock_model(EXPENSE, root=root, state=root / ".snowbuild", notice=notices.append)
    assert list(map(str, notices)) == [
        "models.expense.path: UTILS and utils are one file on a system that ignores case"
    ]


def test_a_state_folder_that_cannot_be_written(root: Path, lock: Callable[[], Model]) -> None:
    (root / ".snowbuild").touch()
    with pytest.raises(TreeError, match=r"models\.expense: cannot be packed: "):
        lock()
