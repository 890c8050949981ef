"""A description beside a model: written once, read without unpickling, and noticed when it is stale."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from snowbuild.config import Framework
from snowbuild.environments.scripts import DESCRIBE
from snowbuild.environments.scripts.describe import describe
from snowbuild.errors import ModelError
from snowbuild.models import (
    Archive,
    Description,
    Model,
    ModelFacts,
    ProblemType,
    ValueKind,
    describe_model,
    description_path,
    tree_digest,
    write_description,
)
from snowbuild.models.description import Feature, SubModel
from tests.models.predictors import predictor

WORDS = Description(
    problem_type=ProblemType.MULTICLASS,
    label="Ré'gion",
    features=(Feature(name="a_b", kind=ValueKind.NUMBER, dtype="int64"),),
    ignored=("id",),
    classes=("1", "2"),
    class_kind=ValueKind.NUMBER,
    sub_models=(SubModel(name="KNeighbors_BAG", family="KNN", used=True),),
)


def locked(folder: Path, framework: Framework = Framework.AUTOGLUON) -> Model:
    return Model(
        name="m",
        path=f"models/{folder.name}",
        tree_sha256="",
        archives=(Archive(filename="m.zip", sha256="", size=1),),
        facts=ModelFacts(framework=framework),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return predictor(tmp_path / "models" / "risk.v1")


def described(folder: Path) -> tuple[Description | None, list[str]]:
    root = folder.parents[1]
    model, notes = describe_model(locked(folder), root=root, state=root / ".snowbuild")
    return model.facts.description, list(map(str, notes))


def test_it_is_read_back(folder: Path) -> None:
    path = write_description(folder, WORDS, tree_sha256=tree_digest(folder))
    assert path == description_path(folder)
    assert path.name == "risk.v1.snowbuild.json"
    assert described(folder) == (WORDS, [])


def test_a_model_without_one_is_noted(folder: Path) -> None:
    assert described(folder) == (
        None,
        [
            "models.m: models/risk.v1.snowbuild.json is missing: functions are not checked against the model's "
            "features\nhint: run `snowbuild describe m`"
        ],
    )
    other = locked(folder, Framework.GENERIC)
    assert describe_model(other, root=folder.parents[1], state=folder) == (other, ())


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("the model", "is out of date (the model has changed)"),
        ("the schema", "was written by another version of snowbuild (snowbuild.model/2, not snowbuild.model/1)"),
    ],
)
def test_one_that_is_stale_is_noted(folder: Path, change: str, what: str) -> None:
    path = write_description(folder, WORDS, tree_sha256=tree_digest(folder))
    if change == "the model":
        (folder / "more").write_bytes(b"")
    else:
        path.write_text(path.read_text().replace("snowbuild.model/1", "snowbuild.model/2"))
    assert described(folder) == (
        None,
        [
            f"models.m: models/risk.v1.snowbuild.json {what}: functions are not checked "
            "against the model's features\nhint: run `snowbuild describe m`"
        ],
    )


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("{", "[", ""),
        ('"kind": "number"', '"kind": "nmber"', ": features[0].kind: Invalid enum value 'nmber'"),
        ('"ignored"', '"ignorred"', ": ignorred: unknown key"),
    ],
)
def test_one_that_is_damaged_is_an_error(folder: Path, old: str, new: str, place: str) -> None:
    path = write_description(folder, WORDS, tree_sha256=tree_digest(folder))
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ModelError) as error:
        described(folder)
    assert str(error.value) == (
        f"models/risk.v1.snowbuild.json: not a description of a model{place}\n"
        "hint: run `snowbuild describe` to write it again"
    )


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything can be read")
def test_a_file_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / "models" / "trainer.pkl").chmod(0)
    with pytest.raises(ModelError) as error:
        tree_digest(folder)
    assert str(error.value) == f"{folder}/models/trainer.pkl: cannot be read: Permission denied"


class StandIn:
    """What the script asks of a predictor."""

    problem_type = "binary"
    label = "RISK"
    class_labels: tuple[Any, ...] = (False, True)
    quantile_levels = None
    original_features = ("AGE", "SEX", "ID")
    model_best = "Bag"
    _learner = SimpleNamespace(feature_generator=None)

    def __init__(self) -> None:
        self.feature_metadata_in = SimpleNamespace(get_feature_type_raw={"AGE": "float", "SEX": "object"}.get)
        kinds = {"Bag": type("BaggedModel", (), {}), "KNN": type("KNNModel", (), {"ag_key": "KNN"})}
        self._trainer = SimpleNamespace(
            get_minimum_model_set=lambda _: ["Bag"],
            get_model_attribute=lambda name, attribute, default: kinds[name] if attribute == "type" else default,
        )

    def features(self) -> list[str]:
        return ["AGE", "SEX"]

    def model_names(self) -> list[str]:
        return ["KNN", "Bag"]


def test_what_a_predictor_says() -> None:
    assert describe(StandIn()) == {
        "problem-type": "binary",
        "label": "RISK",
        "features": [
            {"name": "AGE", "kind": "number", "dtype": "float"},
            {"name": "SEX", "kind": "text", "dtype": "object"},
        ],
        "ignored": ["ID"],
        "classes": ["False", "True"],
        "class-kind": "boolean",
        "levels": [],
        "sub-models": [
            {"name": "Bag", "family": "BaggedModel", "used": True},
            {"name": "KNN", "family": "KNN", "used": False},
        ],
    }


# What the part of AutoGluon that makes features remembers, and nothing else of it.
Generator = type("CategoryFeatureGenerator", (SimpleNamespace,), {"__module__": "autogluon.features.generators"})


@pytest.mark.parametrize(
    ("categories", "kind", "dtype"),
    [
        (["x", "yy"], "text", "object"),
        (["", "x"], "text", "object"),
        ([""], "text", "object"),
        ([False, True, ""], "boolean", "object"),
        ([0, 1.5, ""], "number", "object"),
        (["x", 3], "other", "object"),
        ([3, "x"], "other", "object"),
        ([True, 2], "other", "object"),
        ([dt.datetime(2026, 1, 1)], "time", "object"),  # noqa: DTZ001  That is the point.
        ([dt.datetime(2026, 1, 1, tzinfo=dt.UTC)], "zoned", "object"),
        ([Decimal("1.1"), Decimal(2)], "foreign", "Decimal objects"),
        (["x", Decimal("1.1")], "foreign", "Decimal objects"),
        ([dt.time(1)], "foreign", "time objects"),
        ([b"x"], "foreign", "bytes objects"),
    ],
)
def test_a_feature_is_what_all_its_categories_are(categories: list[Any], kind: str, dtype: str) -> None:
    trained = StandIn()
    trained._learner = SimpleNamespace(feature_generator=Generator(category_map={"SEX": categories}))
    assert describe(trained)["features"][1] == {"name": "SEX", "kind": kind, "dtype": dtype}


def test_a_feature_of_two_values_is_what_the_true_one_is() -> None:
    trained = StandIn()
    trained._learner = SimpleNamespace(feature_generator=[Generator(_bool_features={"SEX": Decimal(7)})])
    assert describe(trained)["features"][1] == {"name": "SEX", "kind": "foreign", "dtype": "Decimal objects"}


@pytest.mark.parametrize(
    ("classes", "kind"), [((1, 2.5), "number"), ((1, "a"), "other"), ((Decimal(1), Decimal(2)), "text")]
)
def test_classes_are_what_all_of_them_are(classes: tuple[Any, ...], kind: str) -> None:
    trained = StandIn()
    trained.class_labels = classes
    assert describe(trained)["class-kind"] == kind


# A library in whose place AutoGluon's would be: a predictor's file may name another file, wherever it is.
LIBRARY = """
import glob
import os
from types import SimpleNamespace
from pathlib import Path


class TabularPredictor:
    problem_type, label, class_labels, quantile_levels = "regression", "Y", None, None
    original_features, model_best = ("AGE",), "KNN"
    _learner = SimpleNamespace(feature_generator=None)
    feature_metadata_in = SimpleNamespace(get_feature_type_raw=lambda name: "int")
    _trainer = SimpleNamespace(get_minimum_model_set=lambda _: [], get_model_attribute=lambda *_, **__: None)

    @classmethod
    def load(cls, path, verbosity):
        self = cls()
        self.path = Path(path)
        return self

    def persist(self, max_memory):
        self.open("persisted")

    def predict(self, frame):
        assert frame.to_dict("list") == {"AGE": [None]}
        self.open("asked")
        raise ValueError("AGE is missing")

    def open(self, when):
        how, name = (self.path / when).read_text().split(" ", 1)
        place = self.path / name
        {
            "open": lambda: place.read_bytes(),
            "listdir": lambda: os.listdir(os.fsencode(place)),
            "scandir": lambda: list(os.scandir(place)),
            "glob": lambda: glob.glob(f"{place}/*"),
        }[how]()

    def features(self):
        return ["AGE"]

    def model_names(self):
        return []
"""


@pytest.mark.integration
@pytest.mark.parametrize(
    ("bound", "how", "name"),
    [
        (None, "open", "inner/weights"),
        ("persisted", "open", "inner/weights"),
        ("asked", "open", "inner/weights"),
        ("asked", "listdir", "inner"),
        ("asked", "scandir", "inner"),
        ("asked", "glob", "inner"),
        ("persisted", "listdir", "."),
    ],
)
def test_a_predictor_that_is_bound_to_its_folder_is_found(
    tmp_path: Path, bound: str | None, how: str, name: str
) -> None:
    home, copy = tmp_path / "home", tmp_path / "copy"
    for folder in (home, copy):
        (folder / "inner").mkdir(parents=True)
        (folder / "inner" / "weights").write_bytes(b"")
        for when in ("persisted", "asked"):
            (folder / when).write_text(f"{how} {home / name if when == bound else name}", encoding="utf-8")
    package = tmp_path / "library" / "autogluon" / "tabular"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(LIBRARY, encoding="utf-8")
    output = tmp_path / "output.json"
    subprocess.run(
        [sys.executable, DESCRIBE, copy, output, home],
        check=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "library")},
    )
    found: dict[str, Any] = json.loads(output.read_bytes())
    opened = {Path(path) for path in found["outside"]} - ({home / name / "*"} if how == "glob" else set())
    assert opened == ({home / name} if bound else set())
    assert found["description"]["features"] == [{"name": "AGE", "kind": "number", "dtype": "int"}]
