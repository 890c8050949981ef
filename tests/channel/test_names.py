"""Which spelling of a package's name is used."""

from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name

from snowbuild.channel.names import CHANNEL_NAMES, NOT_PYTHON, PARTS, distribution_name, spellings

OPENCV = {"opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"}


def test_the_table_is_normalized_and_maps_to_other_names() -> None:
    assert all(name == canonicalize_name(name) for name in (*CHANNEL_NAMES, *NOT_PYTHON, *PARTS, *PARTS.values()))
    assert not [name for name, there in CHANNEL_NAMES.items() if name == canonicalize_name(there)]


@pytest.mark.parametrize(
    ("there", "distribution"),
    [
        ("pytorch", "torch"),
        ("opencv", "opencv-python-headless"),
        ("xgboost", "xgboost"),
        ("py-xgboost-cpu", "xgboost"),
        ("pytorch_geometric", "torch-geometric"),
        ("msgpack-python", "msgpack"),
        ("Ruamel.YAML", "ruamel-yaml"),
        ("matplotlib-base", "matplotlib"),
    ],
)
def test_the_distribution_behind_a_package(there: str, distribution: str) -> None:
    assert distribution_name(there) == distribution


CASES: dict[str, tuple[set[str], set[str], set[str], dict[str, str]]] = {
    # offered, wanted, staged → other spelling: the one that is used
    "nothing is offered": (set(), {"torch"}, set(), {}),
    "the channel's own spelling is no distribution": ({"pytorch"}, {"pytorch"}, set(), {"pytorch": "torch"}),
    "both are distributions": ({"xgboost"}, set(), set(), {"xgboost-cpu": "xgboost"}),
    "the project's word counts": ({"xgboost"}, {"xgboost-cpu"}, set(), {"xgboost": "xgboost-cpu"}),
    "what is staged stays what it is": ({"xgboost"}, {"xgboost-cpu"}, {"xgboost-cpu"}, {}),
    "one of many": (
        {"opencv"},
        {"opencv-python"},
        set(),
        dict.fromkeys((OPENCV - {"opencv-python"}) | {"opencv"}, "opencv-python"),
    ),
    "the one that stands for many": (
        {"opencv"},
        set(),
        set(),
        dict.fromkeys((OPENCV - {"opencv-python-headless"}) | {"opencv"}, "opencv-python-headless"),
    ),
}


@pytest.mark.parametrize(("offered", "wanted", "staged", "expected"), CASES.values(), ids=CASES.keys())
def test_spellings(offered: set[str], wanted: set[str], staged: set[str], expected: dict[str, str]) -> None:
    assert spellings(CHANNEL_NAMES, offered, wanted, staged) == expected
    assert spellings(dict(sorted(CHANNEL_NAMES.items(), reverse=True)), offered, wanted, staged) == expected


def test_names_of_the_project_alone_do_not_take_a_distributions_place() -> None:
    assert spellings({"my-fork": "scikit-learn"}, {"scikit-learn"}, set()) == {}
    assert spellings({"my-torch": "pytorch", "torch": "pytorch"}, {"pytorch"}, {"my-torch"}) == {
        "torch": "my-torch",
        "pytorch": "my-torch",
    }
