"""What other tools get to read."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.pylock import Pylock
from pip._internal.models.index import PyPI

from snowbuild.config import Framework
from snowbuild.export import Format, export, rebased
from snowbuild.lock import LockedModule
from snowbuild.models.values import Archive, Model, ModelFacts
from tests.lock.samples import INDEX, LOCK

FULL = replace(
    LOCK,
    models=(
        Model(
            name="expense",
            path="models/expense",
            tree_sha256="d" * 64,
            archives=(Archive(filename="expense.zip", sha256="e" * 64, size=1234),),
            facts=ModelFacts(framework=Framework.AUTOGLUON, framework_version="1.5.0", python="3.11"),
        ),
    ),
    modules=(LockedModule(filename="f.py", sha256="f" * 64, size=10, template="f.py.j2", template_sha256="0" * 64),),
)


def digest(name: str, number: int = 0) -> str:
    return next(d for d in LOCK.distributions if d.name == name).wheels[number].sha256


def bom() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(export(FULL, Format.CYCLONEDX))
    return document


def component(name: str) -> dict[str, Any]:
    return next(c for c in bom()["components"] if c["name"] == name)


def properties(item: dict[str, Any]) -> dict[str, str]:
    return {p["name"].removeprefix("snowbuild:"): p["value"] for p in item["properties"]}


def test_pylock_has_no_tables_of_ours() -> None:
    text = export(LOCK, Format.PYLOCK)
    assert "tool" not in text
    pylock = Pylock.from_dict(tomllib.loads(text))
    assert [p.name for p in pylock.packages] == [
        "app", "deep", "helper", "mine", "pandas", "psutil", "pytz", "shared",
    ]  # fmt: skip
    assert str(pylock.requires_python) == "==3.11.*"


def test_requirements() -> None:
    assert export(LOCK, Format.REQUIREMENTS) == (
        "# Written by `snowbuild export`, for Python 3.11. Install all of it, without resolving dependencies:\n"
        "#   pip install --require-hashes --no-deps -r FILE\n"
        "# from this file's folder: the paths of wheels are relative to where pip runs.\n"
        f"--index-url {INDEX}\n"
        f"app==1.0 \\\n    --hash=sha256:{digest('app')}\n"
        f"deep==1.0 \\\n    --hash=sha256:{digest('deep')}\n"
        f"helper==1.0 \\\n    --hash=sha256:{digest('helper')}\n"
        f"./wheels/mine-2.0-py3-none-any.whl \\\n    --hash=sha256:{'a' * 64}\n"
        "# only the package service has only-there 1.5\n"
        f"pandas==2.1.4 \\\n    --hash=sha256:{digest('pandas')} \\\n    --hash=sha256:{digest('pandas', 1)}\n"
        f"psutil==5.9.4 \\\n    --hash=sha256:{digest('psutil')}\n"
        f"pytz==2026.6 \\\n    --hash=sha256:{digest('pytz')}\n"
        f"shared==1.0 \\\n    --hash=sha256:{digest('shared')}\n"
    )


def test_requirements_from_urls() -> None:
    [app] = [replace(d, index=None) for d in LOCK.distributions if d.name == "app"]
    lines = export(replace(LOCK, distributions=(app,)), Format.REQUIREMENTS).splitlines()
    assert lines[2:] == [f"app @ {app.wheels[0].url} \\", f"    --hash=sha256:{digest('app')}"]


@pytest.mark.parametrize(
    ("indexes", "expected"),
    [
        ([PyPI.simple_url, PyPI.simple_url, PyPI.simple_url], []),
        ([PyPI.simple_url + "/", INDEX, PyPI.simple_url + "/"], [f"--extra-index-url {INDEX}"]),
        ([INDEX, PyPI.simple_url, INDEX], [f"--index-url {INDEX}", f"--extra-index-url {PyPI.simple_url}"]),
    ],
)
def test_only_other_indexes_are_written(indexes: list[str], expected: list[str]) -> None:
    some = [replace(d, index=index) for d, index in zip(LOCK.distributions, indexes, strict=False)]
    lines = export(replace(LOCK, distributions=tuple(some)), Format.REQUIREMENTS).splitlines()
    assert [line for line in lines if line.startswith("--")] == expected


def test_local_wheels_seen_from_elsewhere() -> None:
    assert "\n../project/wheels/mine-2.0-py3-none-any.whl \\" in export(
        rebased(LOCK, "../project"), Format.REQUIREMENTS
    )
    assert rebased(LOCK, ".") == LOCK


def test_cyclonedx_is_valid() -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(export(FULL, Format.CYCLONEDX)) is None


def test_cyclonedx_depends_on_the_lock_alone() -> None:
    assert export(FULL, Format.CYCLONEDX) == export(FULL, Format.CYCLONEDX)
    assert "timestamp" not in bom()["metadata"]
    other = json.loads(export(LOCK, Format.CYCLONEDX))
    assert other["serialNumber"] != bom()["serialNumber"]
    assert bom()["metadata"]["component"]["name"] == "sample"


def test_cyclonedx_wheel_on_the_stage() -> None:
    app = component("app")
    assert app["purl"] == "pkg:pypi/app@1.0"
    assert app["hashes"] == [{"alg": "SHA-256", "content": digest("app")}]
    assert app["licenses"] == [{"expression": "Apache-2.0"}]
    assert properties(app) == {
        "native": "false", "rule": "rest", "size": "1000", "source": "stage", "wheel": "app-1.0-py3-none-any.whl",
    }  # fmt: skip
    assert component("helper")["licenses"] == [{"license": {"name": "BSD License"}}]


def test_cyclonedx_from_the_channel() -> None:
    psutil = component("psutil")
    assert (psutil["version"], psutil["purl"]) == ("5.9.0", "pkg:pypi/psutil@5.9.0")
    assert "hashes" not in psutil
    assert "licenses" not in psutil
    [reference] = psutil["externalReferences"]
    assert reference["hashes"] == [{"alg": "SHA-256", "content": digest("psutil")}]
    assert reference["comment"] == (
        "psutil-5.9.4-cp36-abi3-manylinux_2_12_x86_64.whl, 280000 bytes; 5.9.4 stands in locally for 5.9.0"
    )


def test_cyclonedx_model_and_module() -> None:
    model = component("expense")
    assert model["type"] == "machine-learning-model"
    assert properties(model)["framework-version"] == "1.5.0"
    [archive] = model["components"]
    assert (archive["name"], archive["hashes"]) == ("expense.zip", [{"alg": "SHA-256", "content": "e" * 64}])
    assert component("f.py")["hashes"] == [{"alg": "SHA-256", "content": "f" * 64}]


def test_cyclonedx_knows_who_needs_what() -> None:
    needs = {d["ref"]: d.get("dependsOn", []) for d in bom()["dependencies"]}
    assert needs["distribution:helper"] == ["distribution:deep", "distribution:shared"]
    assert needs["project"] == [
        "distribution:app", "distribution:mine", "distribution:only-there", "model:expense", "module:f.py",
    ]  # fmt: skip
