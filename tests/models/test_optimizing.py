"""An optimized model is made once; what it was made from decides whether it has to be made again."""

from __future__ import annotations

import os
import pickle
import shutil
import zipfile
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import pytest

from snowbuild.config import Framework, ModelConfig, Optimization
from snowbuild.errors import ModelError
from snowbuild.files.tree import scan
from snowbuild.models import (
    Description,
    Model,
    ModelFacts,
    Optimized,
    ProblemType,
    archive_path,
    lock_optimized,
    tree_digest,
    write_description,
)
from tests.models.predictors import predictor

if TYPE_CHECKING:
    from pathlib import Path

EXPENSE = ModelConfig(name="expense", path="models/expense", optimize=Optimization.DEPLOYMENT)


class Optimizer:
    """Leaves out a sub-model, and never gives the same bytes twice, as AutoGluon does not."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.told: ModelFacts | None = None
        self.runs = count(1)
        self.made = 0

    def __call__(self, model: ModelConfig, facts: ModelFacts, target: Path) -> None:
        source = self.root / model.path
        self.told = facts
        self.made = next(self.runs)
        shutil.copytree(source, target)
        shutil.rmtree(target / "models" / "KNeighbors")
        (target / "learner.pkl").write_bytes(b"made in run %d" % self.made)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with one predictor."""
    predictor(tmp_path / "models" / "expense")
    return tmp_path


@pytest.fixture
def optimizer(root: Path) -> Optimizer:
    """A new one."""
    return Optimizer(root)


def lock(root: Path, optimizer: Optimizer | None, previous: Model | None = None) -> Model:
    return lock_optimized(EXPENSE, root=root, state=root / ".snowbuild", previous=previous, optimize=optimizer)


def test_what_is_locked_is_what_was_made(root: Path, optimizer: Optimizer) -> None:
    model = lock(root, optimizer)
    source = scan(root / "models" / "expense")
    made = scan(root / ".snowbuild" / "optimized" / source.sha256())
    assert model.tree_sha256 == made.sha256() != source.sha256()
    assert model.optimized == Optimized(
        tree_sha256=source.sha256(),
        size_before=sum(e.path.stat().st_size for e in source.entries if not e.is_folder),
        size_after=sum(e.path.stat().st_size for e in made.entries if not e.is_folder),
    )
    assert model.facts.framework_version == "1.5.0"
    assert all(archive_path(archive, root / ".snowbuild").is_file() for archive in model.archives)


@pytest.mark.parametrize("stale", [False, True])
def test_the_optimizer_is_told_what_the_description_says(root: Path, optimizer: Optimizer, stale: bool) -> None:
    folder = root / "models" / "expense"
    description = Description(problem_type=ProblemType.REGRESSION, label="EXPENSES")
    write_description(folder, description, tree_sha256="0" * 64 if stale else tree_digest(folder))
    lock(root, optimizer)
    assert optimizer.told is not None
    assert optimizer.told.framework_version == "1.5.0"
    assert optimizer.told.description == (None if stale else description)


def test_it_is_made_once(root: Path, optimizer: Optimizer) -> None:
    first = lock(root, optimizer)
    assert lock(root, optimizer) == lock(root, optimizer, first) == lock(root, None, first) == first
    assert optimizer.made == 1


def test_the_lock_holds_whatever_becomes_of_the_cache(root: Path, optimizer: Optimizer) -> None:
    first = lock(root, optimizer)
    shutil.rmtree(root / ".snowbuild")
    assert lock(root, optimizer, first) == first
    assert optimizer.made == 1
    # Another machine may have made something else of it: what is locked stays.
    again = lock(root, optimizer)
    assert optimizer.made == 2
    assert again.tree_sha256 != first.tree_sha256
    assert lock(root, optimizer, first) == first


@pytest.mark.skipif(os.name == "nt", reason="paths have to be short there")
def test_where_it_is_made_leaves_no_trace(tmp_path: Path) -> None:
    made: set[Path] = set()

    def remember(root: Path, target: Path) -> None:
        made.add(target)
        shutil.copytree(root / "models" / "expense", target)
        pickled = pickle.dumps({"path": f"{target}/models", "paths": [str(target), "x" * 300], "é": 1})
        (target / "learner.pkl").write_bytes(pickled)
        (target / "utils" / "empty").touch()
        with zipfile.ZipFile(target / "utils" / "weights", "w") as archive:
            archive.writestr("length", str(len(os.fsencode(target))))

    def optimized(root: Path) -> Model:
        predictor(root / "models" / "expense")
        return lock_optimized(
            EXPENSE,
            root=root,
            state=root / ".snowbuild",
            previous=None,
            optimize=lambda _, __, target: remember(root, target),
        )

    one, other = optimized(tmp_path / "a"), optimized(tmp_path / "another, à côté")
    assert one == other
    assert len({os.fsencode(path) for path in made}) == 2
    (place,) = (tmp_path / "a" / ".snowbuild" / "optimized").iterdir()
    path = "/made-by-snowbuild".ljust(200, "-")
    assert pickle.loads((place / "learner.pkl").read_bytes()) == {  # noqa: S301  Our own.
        "path": f"{path}/models",
        "paths": [path, "x" * 300],
        "é": 1,
    }
    # Below a folder whose path is longer, it is the same at least for all that are as long.
    long = "x" * 200
    assert optimized(tmp_path / "1" / long).tree_sha256 == optimized(tmp_path / "2" / long).tree_sha256


@pytest.mark.skipif(os.name == "nt", reason="paths have to be short there")
def test_an_archive_is_left_as_it_is(root: Path) -> None:
    def write(_: ModelConfig, __: ModelFacts, target: Path) -> None:
        shutil.copytree(root / "models" / "expense", target)
        with zipfile.ZipFile(target / "weights", "w") as archive:
            archive.writestr("path", str(target))

    lock_optimized(EXPENSE, root=root, state=root / ".snowbuild", previous=None, optimize=write)
    (place,) = (root / ".snowbuild" / "optimized").iterdir()
    with zipfile.ZipFile(place / "weights") as archive:
        assert archive.testzip() is None


def test_a_changed_source_is_optimized_again(root: Path, optimizer: Optimizer) -> None:
    first = lock(root, optimizer)
    (root / "models" / "expense" / "models" / "trainer.pkl").write_bytes(b"trained again")
    second = lock(root, optimizer, first)
    assert optimizer.made == 2
    assert second.optimized is not None
    assert second.optimized.tree_sha256 == scan(root / "models" / "expense").sha256()


def test_without_an_optimizer_a_changed_model_is_another_one(root: Path, optimizer: Optimizer) -> None:
    first = lock(root, optimizer)
    (root / "models" / "expense" / "models" / "trainer.pkl").write_bytes(b"trained again")
    found = lock(root, None, first)
    assert found != first
    assert found.optimized is None


def test_one_that_was_not_optimized_before_is(root: Path, optimizer: Optimizer) -> None:
    first = lock(root, optimizer)
    shutil.rmtree(root / ".snowbuild")
    assert lock(root, optimizer, replace(first, optimized=None)).optimized is not None
    assert optimizer.made == 2


def test_a_failure_leaves_nothing(root: Path) -> None:
    def fail(model: ModelConfig, _: ModelFacts, target: Path) -> None:
        shutil.copytree(root / model.path, target)
        raise ModelError("cannot be loaded in the locked environment: no", where="models/expense")

    with pytest.raises(ModelError, match="cannot be loaded in the locked environment: no"):
        lock_optimized(EXPENSE, root=root, state=root / ".snowbuild", previous=None, optimize=fail)
    assert list((root / ".snowbuild" / "optimized").iterdir()) == []


def test_a_source_that_changes_meanwhile(root: Path, optimizer: Optimizer) -> None:
    def change(model: ModelConfig, facts: ModelFacts, target: Path) -> None:
        optimizer(model, facts, target)
        (root / model.path / "version.txt").write_bytes(b"1.5.1")

    with pytest.raises(ModelError) as error:
        lock_optimized(EXPENSE, root=root, state=root / ".snowbuild", previous=None, optimize=change)
    assert str(error.value) == (
        "models.expense: changed while it was optimized\nhint: wait until its training has ended"
    )
    assert list((root / ".snowbuild" / "optimized").iterdir()) == []


def test_only_predictors_of_autogluon(root: Path, optimizer: Optimizer) -> None:
    generic = replace(EXPENSE, framework=Framework.GENERIC)
    with pytest.raises(ModelError) as error:
        lock_optimized(generic, root=root, state=root / ".snowbuild", previous=None, optimize=optimizer)
    assert str(error.value) == (
        "models.expense.optimize: only an AutoGluon predictor can be optimized for deployment\nhint: remove the key"
    )
