"""The lockfile: round trips, PEP 751, and everything that can have happened to it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.pylock import Pylock

from snowbuild.config import Framework, Service
from snowbuild.distribution import Distribution, Rule, Source, Wheel
from snowbuild.errors import StaleLockError
from snowbuild.lock import Inputs, Lock, LockedFunction, LockedModule, lock_text, parse_lock, read_lock, write_lock
from snowbuild.models.values import Archive, Model, ModelFacts

if TYPE_CHECKING:
    from pathlib import Path

RELOCK = "hint: restore it from version control, or delete it and run `snowbuild lock`"


def wheel(filename: str, digit: str) -> Wheel:
    return Wheel(filename=filename, url=f"https://index.invalid/{filename}", size=1000, sha256=digit * 64)


LOCK = Lock(
    inputs=Inputs(distributions="1" * 64, functions="2" * 64),
    python="3.11.9",
    architecture="x86_64",
    service=Service.CHANNEL,
    distributions=(
        Distribution(
            name="autogluon-core",
            version="1.5.0",
            source=Source.STAGE,
            rule=Rule.REST,
            requires_python=">=3.10",
            required_by=("autogluon-tabular",),
            requires=("numpy>=1.25",),
            index="https://index.invalid/simple",
            wheels=(wheel("autogluon.core-1.5.0-py3-none-any.whl", "a"),),
            stage_wheel="autogluon.core-1.5.0-py3-none-any.whl",
        ),
        Distribution(
            name="numpy",
            version="1.26.4",
            source=Source.CHANNEL,
            rule=Rule.SERVICE,
            service_name="numpy",
            service_version="1.26.4+snow",
            wheels=(
                wheel("numpy-1.26.4-cp311-cp311-macosx_11_0_arm64.whl", "b"),
                wheel("numpy-1.26.4-cp311-cp311-manylinux_2_17_x86_64.whl", "c"),
            ),
            native=True,
        ),
        Distribution(
            name="only-there",
            version="2.0",
            source=Source.CHANNEL,
            rule=Rule.SERVICE,
            service_name="only-there",
            service_version="2.0",
        ),
    ),
    models=(
        Model(
            name="expense",
            path="models/expense",
            tree_sha256="d" * 64,
            archives=(
                Archive(filename="expense.RandomForest.zip", sha256="e" * 64, size=1234),
                Archive(filename="expense.zip", sha256="f" * 64, size=5678),
            ),
            facts=ModelFacts(framework=Framework.AUTOGLUON, framework_version="1.5.0", python="3.11"),
        ),
    ),
    modules=(LockedModule(filename="f.py", sha256="f" * 64, size=10, template="f.py.j2", template_sha256="0" * 64),),
    functions=(LockedFunction(name="f", handler="f.predict", modules=("f.py",)),),
)


def test_round_trip() -> None:
    assert parse_lock(lock_text(LOCK), "pylock.x.toml") == LOCK


def test_valid_under_pep_751_for_other_tools() -> None:
    pylock = Pylock.from_dict(tomllib.loads(lock_text(LOCK)))
    assert [(p.name, str(p.version)) for p in pylock.packages] == [("autogluon-core", "1.5.0"), ("numpy", "1.26.4")]
    assert str(pylock.requires_python) == "==3.11.*"


def test_unchanged_lock_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "pylock.x.toml"
    assert write_lock(path, LOCK)
    before = path.stat()
    assert not write_lock(path, LOCK)
    after = path.stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)
    assert [p.name for p in tmp_path.iterdir()] == ["pylock.x.toml"]


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(StaleLockError) as refusal:
        read_lock(tmp_path / "pylock.x.toml")
    assert str(refusal.value) == "pylock.x.toml: no such file\nhint: run `snowbuild lock`"


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot be read: Is a directory"), (b"\xff", f"not UTF-8\n{RELOCK}")]
)
def test_unreadable(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "pylock.x.toml"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(StaleLockError) as refusal:
        read_lock(path)
    assert str(refusal.value) == f"pylock.x.toml: {message}"


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("size = 1000", "size = 1001", ["packages.autogluon-core", "packages.numpy"]),
        ("a" * 64, "b" * 64, ["packages.autogluon-core"]),
        ('service-version = "1.26.4+snow"', 'service-version = "1.26.4"', ["packages.numpy"]),
        ('handler = "f.predict"', 'handler = "f.other"', ["tool.snowbuild"]),
        ('service-version = "2.0"', 'service-version = "2.1"', ["tool.snowbuild"]),
        ('requires-python = "==3.11.*"', 'requires-python = "==3.12.*"', ["tool.snowbuild"]),
    ],
)
def test_edited_by_hand(old: str, new: str, where: list[str]) -> None:
    text = lock_text(LOCK)
    assert old in text
    with pytest.raises(StaleLockError) as refusal:
        parse_lock(text.replace(old, new), "pylock.x.toml")
    assert str(refusal.value) == "\n".join(
        f"pylock.x.toml: {w}: edited since it was locked; do not edit a lockfile by hand\n{RELOCK}" for w in where
    )


def test_a_merge_that_stopped_in_it() -> None:
    text = lock_text(LOCK).replace("\n[[packages]]", "\n<<<<<<< HEAD\n=======\n>>>>>>> theirs\n[[packages]]", 1)
    with pytest.raises(StaleLockError) as refusal:
        parse_lock(text, "pylock.x.toml")
    (problem,) = refusal.value.problems
    assert problem.hint == (
        "it has merge conflicts: take one side with `git checkout --theirs pylock.x.toml`, then run `snowbuild lock`"
    )


def test_package_taken_out() -> None:
    text = lock_text(LOCK)
    start = text.index("[[packages]]")
    end = text.index("[[packages]]", start + 1)
    with pytest.raises(StaleLockError, match=r"tool\.snowbuild: edited since it was locked"):
        parse_lock(text[:start] + text[end:], "pylock.x.toml")


@given(st.integers(0, len(lock_text(LOCK)) - 2))
def test_cut_off_anywhere(length: int) -> None:
    with pytest.raises(StaleLockError) as refusal:
        parse_lock(lock_text(LOCK)[:length], "pylock.x.toml")
    assert all(p.where and p.where.startswith("pylock.x.toml") and p.hint for p in refusal.value.problems)


def test_of_another_tool() -> None:
    text = 'lock-version = "1.0"\ncreated-by = "another"\npackages = []\n'
    with pytest.raises(StaleLockError) as refusal:
        parse_lock(text, "pylock.x.toml")
    assert str(refusal.value) == (
        f"pylock.x.toml: tool.snowbuild: missing: not a snowbuild lockfile, or cut off\n{RELOCK}"
    )


def test_of_another_schema() -> None:
    with pytest.raises(StaleLockError, match=r"tool\.snowbuild\.schema: found 999, but this snowbuild writes 1"):
        parse_lock(lock_text(LOCK).replace("schema = 1", "schema = 999"), "pylock.x.toml")


def test_not_valid_under_pep_751() -> None:
    text = lock_text(LOCK).replace('name = "numpy"\n', 'name = "Num_Py"\n')
    with pytest.raises(StaleLockError) as refusal:
        parse_lock(text, "pylock.x.toml")
    assert refusal.value.problems[0].where == "pylock.x.toml: packages[1].name"
