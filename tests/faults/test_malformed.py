"""Malformed input of every kind: a clear error, and nothing written."""

from __future__ import annotations

import json
import random
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from snowbuild import local
from snowbuild.cli.workspace import choose_target, open_target
from snowbuild.config import load
from snowbuild.errors import SnowbuildError
from snowbuild.plan.record import newest
from tests.cli.runner import run_here
from tests.faults.project import write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::ResourceWarning")]

CASES = 50
"""Of each kind."""


def content(folder: Path) -> dict[str, bytes]:
    """Every file that is not a cache of ours."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and ".snowbuild" not in p.parts
    }


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Cut, flip, double, blank or swap something."""
    start, end = sorted(chance.sample(range(len(data) + 1), 2))
    end = min(end, start + chance.choice([1, 10, 200]))
    middle = data[start:end]
    changed: list[Callable[[], bytes]] = [
        lambda: data[:start],
        lambda: data[:start] + bytes(b ^ chance.randrange(1, 256) for b in middle) + data[end:],
        lambda: data[:end] + middle + data[end:],
        lambda: data[:start] + b" " * len(middle) + data[end:],
        lambda: data[:start] + middle[::-1] + data[end:],
        lambda: data[:start] + data[end:],
        lambda: data[:start] + b"\x00\xff" + data[end:],
    ]
    return chance.choice(changed)()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A deployed project, and a saved plan for its next variant."""
    folder = tmp_path_factory.mktemp("malformed")
    write(folder, 1)
    assert run_here(folder, "apply", "--yes") == 0
    write(folder, 2)
    assert run_here(folder, "plan", "--out", "plan.json") == 0
    yield folder
    local.down(folder / ".snowbuild" / "local")


@pytest.fixture
def project(good: Path) -> Iterator[Path]:
    """The same folder, put back as it was."""
    before = content(good)
    yield good
    for name in content(good).keys() - before.keys():
        (good / name).unlink()
    for name, data in before.items():
        (good / name).write_bytes(data)


def attack(folder: Path, name: str, *arguments: str) -> int:
    """Change a file in many ways; count how often the command refused, having changed nothing."""
    original = (folder / name).read_bytes()
    refused = 0
    for seed in range(CASES):
        changed = mutate(original, random.Random(f"{name} {seed}"))  # noqa: S311  # The same cases at each run.
        (folder / name).write_bytes(changed)
        before = content(folder)
        error = run_here(folder, *arguments)
        if error != 0:
            refused += 1
            assert content(folder) == before, f"case {seed}: something was written"
            assert str(error).strip(), f"case {seed}: an error without words"
        for other, data in before.items():
            if other != name:
                (folder / other).write_bytes(data)
    (folder / name).write_bytes(original)
    return refused


def test_configurations(project: Path) -> None:
    assert attack(project, "snowbuild.toml", "lock") > CASES / 3


def test_locks(project: Path) -> None:
    # Every change of content is refused; a change of white space or of a comment is none.
    assert attack(project, "pylock.snowbuild.toml", "plan", "--locked") > CASES * 0.8


def test_saved_plans(project: Path) -> None:
    assert attack(project, "plan.json", "apply", "plan.json") > CASES * 0.8


def test_records(project: Path) -> None:
    config = load(project / "snowbuild.toml")
    with open_target(config, choose_target(config, None)) as opened:
        path = newest(f.path for f in opened.observe(config.name).files)
        assert path is not None
        original = opened.read(path)
        for seed in range(CASES):
            changed = mutate(original, random.Random(f"record {seed}"))  # noqa: S311
            if changed == original:
                continue
            opened.remove(path)
            opened.write(path, changed)
            for command in (["plan"], ["history"], ["status"]):
                error = run_here(project, *command)
                assert isinstance(error, SnowbuildError), f"case {seed}: {command} went well"
                assert path in str(error)
        opened.remove(path)
        opened.write(path, original)
    assert run_here(project, "status") == 0


BAD_RECORDS: dict[str, Any] = {
    "no object": [],
    "nothing": {},
    "another schema": {"schema": "snowbuild.record/99"},
    "wrong types": {"schema": "snowbuild.record/1", "deployment": "one"},
}


@pytest.mark.parametrize("name", BAD_RECORDS)
def test_records_with_a_right_digest(project: Path, name: str) -> None:
    from snowbuild.digest import sha256_bytes

    data = json.dumps(BAD_RECORDS[name]).encode()
    path = f"faults/deployments/000099-{sha256_bytes(data)[:12]}.json"
    config = load(project / "snowbuild.toml")
    with open_target(config, choose_target(config, None)) as opened:
        opened.write(path, data)
        error = run_here(project, "plan")
        opened.remove(path)
    assert isinstance(error, SnowbuildError)
    assert path in str(error)


def test_archives(project: Path, tmp_path: Path) -> None:
    """An archive that was packed before and changed since is packed again, never uploaded as it is."""
    shutil.copytree(project, tmp_path / "p", ignore=shutil.ignore_patterns(".snowbuild"))
    folder = tmp_path / "p"
    model = folder / "models" / "m"
    model.mkdir(parents=True)
    (model / "weights.txt").write_text("1 2 3 " * 1000)
    toml = (folder / "snowbuild.toml").read_text()
    (folder / "snowbuild.toml").write_text(toml + '\n[models.m]\npath = "models/m"\n')
    assert run_here(folder, "lock") == 0
    lock = (folder / "pylock.snowbuild.toml").read_bytes()
    archives = sorted((folder / ".snowbuild").rglob("*.zip"))
    assert archives
    for seed in range(CASES):
        for archive in archives:
            archive.write_bytes(mutate(archive.read_bytes(), random.Random(f"archive {seed}")))  # noqa: S311
        assert run_here(folder, "lock") == 0
        assert (folder / "pylock.snowbuild.toml").read_bytes() == lock
