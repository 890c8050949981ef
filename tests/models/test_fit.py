"""What is said of a function that does not fit its model, before anything is deployed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from snowbuild.config import Argument, Framework, FunctionConfig, Output
from snowbuild.config.values import FunctionTest, Json
from snowbuild.distribution import Distribution, Rule, Source
from snowbuild.models import Archive, Description, Model, ModelFacts, ProblemType, ValueKind, check, misfits
from snowbuild.models.description import Feature, SubModel
from snowbuild.models.families import requiring, suspected_families, unused_families
from snowbuild.runtime import Runtime

EXPENSE = Description(
    problem_type=ProblemType.REGRESSION,
    label="EXPENSES",
    features=(
        Feature(name="AGE", kind=ValueKind.NUMBER, dtype="int64"),
        Feature(name="SEX", kind=ValueKind.TEXT, dtype="object"),
    ),
    ignored=("ID",),
    sub_models=(
        SubModel(name="KNeighbors", family="KNN", used=False),
        SubModel(name="LightGBM", family="GBM", used=True),
    ),
)
RISK = replace(EXPENSE, problem_type=ProblemType.BINARY, classes=("no", "yes"), class_kind=ValueKind.TEXT)
ARGUMENTS = (Argument(name="AGE", type="NUMBER(3,0)"), Argument(name="SEX", type="VARCHAR"))


def model(description: Description | None) -> Model:
    return Model(
        name="m",
        path="m",
        tree_sha256="",
        archives=(Archive(filename="m.zip", sha256="", size=1),),
        facts=ModelFacts(
            framework=Framework.AUTOGLUON, framework_version="1.5.0", python="3.11", description=description
        ),
    )


def function(*arguments: Argument, **more: object) -> FunctionConfig:
    values: dict[str, object] = {"template": "autogluon_scalar.py.j2", "arguments": arguments or ARGUMENTS} | more
    return FunctionConfig(name="f", model="m", **values)  # type: ignore[arg-type]  # tests name real fields


def locked(name: str, *required_by: str) -> Distribution:
    return Distribution(name=name, version="1.5.0", source=Source.STAGE, rule=Rule.REST, required_by=required_by)


def said(one: FunctionConfig, description: Description | None = EXPENSE) -> list[str]:
    return list(map(str, misfits((one,), (model(description),))))


@pytest.mark.parametrize(
    ("returns", "kind", "classes", "expected"),
    [
        ("VARCHAR(3)", ValueKind.TEXT, ("no", "yes"), []),
        (
            "VARCHAR(2)",
            ValueKind.TEXT,
            ("no", "yes"),
            ['functions.f.returns: VARCHAR(2) cannot hold yes, which model m predicts\nhint: set returns = "VARCHAR"'],
        ),
        ("NUMBER(3,1)", ValueKind.NUMBER, ("-99.5", "99"), []),
        (
            "NUMBER(1,0)",
            ValueKind.NUMBER,
            ("9", "10", "20"),
            [
                "functions.f.returns: NUMBER(1,0) cannot hold 10, 20, which model m predicts\n"
                'hint: set returns = "NUMBER(38,0)"'
            ],
        ),
        ("NUMBER(3,2)", ValueKind.NUMBER, ("-9.99", "1e-02", "1.50"), []),
        (
            "NUMBER(1,0)",
            ValueKind.NUMBER,
            ("0.5", "1.5", "2"),
            [
                "functions.f.returns: NUMBER(1,0) cannot hold 0.5, 1.5, which model m predicts\n"
                'hint: set returns = "FLOAT"'
            ],
        ),
        ("FLOAT", ValueKind.NUMBER, ("0.1", "1e300", "9007199254740992"), []),
        (
            "FLOAT",
            ValueKind.NUMBER,
            ("1", "9007199254740993"),
            [
                "functions.f.returns: FLOAT cannot hold 9007199254740993, which model m predicts\n"
                'hint: set returns = "NUMBER(38,0)"'
            ],
        ),
        (
            "FLOAT",
            ValueKind.NUMBER,
            ("0.5", "9007199254740993"),
            [
                "functions.f.returns: FLOAT cannot hold 9007199254740993, which model m predicts\n"
                'hint: set returns = "VARCHAR"'
            ],
        ),
        (
            "BOOLEAN",
            ValueKind.NUMBER,
            ("1", "2"),
            [
                "functions.f.returns: BOOLEAN, but model m predicts classes such as 1\n"
                'hint: set returns = "NUMBER(38,0)"'
            ],
        ),
        (
            "NUMBER(1,0)",
            ValueKind.OTHER,
            ("1", "a", "1/0"),
            [
                "functions.f.returns: NUMBER(1,0) cannot hold a, 1/0, which model m predicts\n"
                'hint: set returns = "VARIANT"'
            ],
        ),
    ],
)
def test_a_result_has_room_for_every_class(
    returns: str, kind: ValueKind, classes: tuple[str, ...], expected: list[str]
) -> None:
    description = replace(RISK, class_kind=kind, classes=classes)
    assert said(function(returns=returns), description) == expected


def test_a_function_that_fits() -> None:
    assert said(function()) == []
    assert said(function(*ARGUMENTS, Argument(name="ID", type="VARCHAR"))) == []
    assert said(function(returns="VARCHAR"), RISK) == []
    assert said(function(returns="OBJECT", output=Output.BOTH), RISK) == []


@pytest.mark.parametrize(
    ("one", "description", "expected"),
    [
        (
            function(ARGUMENTS[0]),
            EXPENSE,
            ['functions.f.arguments: no argument for the feature SEX of model m\nhint: add SEX = "VARCHAR"'],
        ),
        (
            function(*ARGUMENTS, Argument(name="WEIGHT", type="FLOAT")),
            EXPENSE,
            ["functions.f.arguments.WEIGHT: model m has no feature WEIGHT\nhint: remove it; its features are AGE, SEX"],
        ),
        (
            function(Argument(name="age", type="FLOAT"), ARGUMENTS[1]),
            EXPENSE,
            ["functions.f.arguments.age: model m has no feature age\nhint: did you mean AGE?"],
        ),
        (
            function(Argument(name="AGE", type="DATE"), ARGUMENTS[1]),
            EXPENSE,
            ['functions.f.arguments.AGE: DATE, but model m was trained on int64\nhint: write AGE = "NUMBER(38,0)"'],
        ),
        (
            function(returns="BOOLEAN"),
            EXPENSE,
            ['functions.f.returns: BOOLEAN, but model m predicts numbers\nhint: set returns = "FLOAT"'],
        ),
        (
            function(returns="FLOAT"),
            RISK,
            ['functions.f.returns: FLOAT, but model m predicts classes such as no\nhint: set returns = "VARCHAR"'],
        ),
        (
            function(returns="OBJECT", output=Output.PROBABILITIES),
            EXPENSE,
            [
                "functions.f.output: model m is a regression, which has no probabilities\n"
                'hint: set output = "prediction"'
            ],
        ),
    ],
)
def test_a_function_that_does_not(one: FunctionConfig, description: Description, expected: list[str]) -> None:
    assert said(one, description) == expected


def test_what_is_not_known_is_not_checked() -> None:
    other = function(Argument(name="X", type="FLOAT"))
    assert said(other, None) == []
    assert said(replace(other, model=None)) == []
    assert said(replace(other, template=None, handler="mine.py:f")) == []


def test_a_long_list_of_features_is_cut() -> None:
    features = tuple(Feature(name=f"F{i}", kind=ValueKind.NUMBER, dtype="float64") for i in range(12))
    arguments = tuple(Argument(name=f.name, type="FLOAT") for f in features)
    assert said(function(*arguments, Argument(name="WEIGHT", type="FLOAT")), replace(EXPENSE, features=features)) == [
        "functions.f.arguments.WEIGHT: model m has no feature WEIGHT\n"
        "hint: remove it; its features are F0, F1, F2, F3, F4, F5, F6, F7, F8, F9 and 2 more"
    ]


def test_names_are_written_as_toml_has_them() -> None:
    features = tuple(
        Feature(name=name, kind=ValueKind.TEXT, dtype="object") for name in ("is smoker", 'say "hi"', "größe")
    )
    description = replace(EXPENSE, features=features)
    arguments = (Argument(name="is smoker", type="FLOAT"), Argument(name="grösse", type="VARCHAR"))
    assert said(replace(function(*arguments), name='"My f"'), description) == [
        r'functions."\"My f\"".arguments: no argument for the feature say "hi" of model m'
        "\n"
        r'hint: add "say \"hi\"" = "VARCHAR"',
        r'functions."\"My f\"".arguments."grösse": model m has no feature grösse'
        "\n"
        'hint: did you mean "größe"?',
        r'functions."\"My f\"".arguments."is smoker": FLOAT, but model m was trained on object'
        "\n"
        'hint: write "is smoker" = "VARCHAR"',
    ]


def test_of_many_problems_the_first_are_told() -> None:
    features = tuple(Feature(name=f"F{i:03}", kind=ValueKind.NUMBER, dtype="float64") for i in range(510))
    description = replace(EXPENSE, features=features)
    where = "functions.f.arguments"
    assert said(function(Argument(name="WEIGHT", type="FLOAT")), description) == [
        *(f'{where}: no argument for the feature F{i:03} of model m\nhint: add F{i:03} = "FLOAT"' for i in range(10)),
        f"{where}: and 500 more features of model m have no argument",
        f"{where}.WEIGHT: model m has no feature WEIGHT\n"
        "hint: remove it; its features are F000, F001, F002, F003, F004, F005, F006, F007, F008, F009 and 500 more",
    ]
    given = [Argument(name=f.name, type="DATE") for f in features]
    others = [Argument(name=f"xx{i}", type="DATE") for i in range(12)]
    messages = said(function(*given, *others), description)
    assert len(messages) == 22
    assert messages[10] == f"{where}: and 2 more arguments are not features of model m"
    assert messages[21] == f"{where}: and 500 more arguments are of other types than model m was trained on"


def test_a_feature_that_nothing_can_become() -> None:
    features = (*EXPENSE.features, Feature(name="PRICE", kind=ValueKind.FOREIGN, dtype="Decimal objects"))
    arguments = (*ARGUMENTS, Argument(name="PRICE", type="NUMBER(10,2)"))
    own = function(*arguments, template=None, handler="mine.py:f")
    described = (model(replace(EXPENSE, features=features)),)
    problems = misfits((function(*arguments), function(), own), described)
    assert list(map(str, problems)) == [
        "models.m: the feature PRICE was trained on Decimal objects, which no SQL value can become\n"
        "hint: convert the column to float or str before training, and train again"
    ]
    assert misfits((own,), described) == ()


@pytest.mark.parametrize(
    ("description", "label", "expected"),
    [
        (RISK, "yes", []),
        (RISK, None, []),
        (replace(RISK, class_kind=ValueKind.NUMBER, classes=("1", "2.0")), 2, []),
        (replace(RISK, class_kind=ValueKind.BOOLEAN, classes=("False", "True")), True, []),
        (RISK, "yess", ["functions.f.tests[1].class: model m has no class yess\nhint: did you mean yes?"]),
        (RISK, 1, ["functions.f.tests[1].class: model m has no class 1\nhint: its classes are no, yes"]),
        (
            EXPENSE,
            "yes",
            [
                "functions.f.tests[1].class: model m predicts numbers, not classes\n"
                "hint: write expect = …, with a tolerance"
            ],
        ),
    ],
)
def test_a_test_that_expects_a_class(description: Description, label: Json, expected: list[str]) -> None:
    tests = (FunctionTest(arguments=(1, "a")), FunctionTest(arguments=(1, "a"), compares=False, label=label))
    assert said(function(returns="VARIANT", tests=tests), description) == expected


def test_a_sub_model_whose_distribution_is_not_locked() -> None:
    problems = check(model(EXPENSE), (locked("autogluon-tabular"),), Runtime(python=(3, 11, 9)))
    assert list(map(str, problems)) == [
        "models.m: predicts with LightGBM, but no requirement brings lightgbm\n"
        'hint: add "autogluon.tabular[lightgbm]==1.5.0" to dependencies.requirements and run `snowbuild lock`'
    ]
    assert check(model(EXPENSE), (locked("autogluon-tabular"), locked("lightgbm")), Runtime(python=(3, 11, 9))) == ()


def test_a_network_needs_torch_by_its_own_name() -> None:
    network = replace(EXPENSE, sub_models=(SubModel(name="NeuralNetTorch", family="NN_TORCH", used=True),))
    problems = check(model(network), (locked("autogluon-tabular"),), Runtime(python=(3, 11, 9)))
    assert problems[0].hint == 'add "torch" to dependencies.requirements and run `snowbuild lock`'


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("lightgbm", "autogluon.tabular[lightgbm]==1.5.0"),
        ("torch", "torch"),
        ("interpret", "autogluon.tabular[interpret]==1.5.0"),
        ("mine", None),
    ],
)
def test_a_module_that_is_missing(module: str, line: str | None) -> None:
    hint = None if line is None else f'add "{line}" to dependencies.requirements and run `snowbuild lock`'
    assert requiring(module, "1.5.0") == hint


def test_without_a_description_names_of_sub_models_tell_something() -> None:
    names = ("LightGBM_BAG_L1", "LightGBMXT_BAG_L1", "KNeighbors_BAG_L1", "CatBoost_BAG_L1")
    facts, distributions = model(None).facts, (locked("catboost"),)
    assert list(map(str, suspected_families("m", facts, names, distributions))) == [
        "models.m: may predict with LightGBMXT_BAG_L1 or LightGBM_BAG_L1, but no requirement brings lightgbm\n"
        'hint: add "autogluon.tabular[lightgbm]==1.5.0" to dependencies.requirements and run `snowbuild lock`'
    ]
    assert suspected_families("m", model(EXPENSE).facts, names, distributions) == ()


def test_families_that_nobody_uses_can_go() -> None:
    distributions = (
        locked("lightgbm", "autogluon-tabular"),
        locked("xgboost", "autogluon-tabular"),
        locked("torch"),
        locked("catboost", "autogluon-tabular", "mine"),
        locked("numpy", "lightgbm"),
    )
    assert list(map(str, unused_families((model(EXPENSE),), distributions))) == [
        "dependencies.requirements: no model predicts with torch, which is locked\n"
        "hint: remove the requirement torch, unless a handler of yours needs it",
        "dependencies.requirements: no model predicts with xgboost, which is locked\n"
        "hint: remove the extra xgboost of autogluon.tabular, or add xgboost to exclude",
    ]
    assert unused_families((model(EXPENSE), model(None)), distributions) == ()
    assert unused_families((), distributions) == ()


def test_a_template_of_autogluon_for_another_model() -> None:
    other = model(None)
    other = replace(other, facts=replace(other.facts, framework=Framework.GENERIC))
    assert list(map(str, misfits((function(),), (other,)))) == [
        "functions.f: autogluon_scalar.py.j2 is for an AutoGluon predictor, but model m is not one\n"
        'hint: write a handler, such as handler = "src/mine.py:predict", with load(folder) beside it'
    ]
    assert misfits((function(template="mine.py.j2"),), (other,)) == ()
