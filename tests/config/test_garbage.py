"""Whatever snowbuild.toml holds, `load` gives a configuration or raises `ConfigError`."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, date, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snowbuild.config import load
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = (Path(__file__).parents[2] / "snowbuild.toml.example").read_text(encoding="utf-8")

KEYS = (
    "project", "runtime", "dependencies", "packages", "models", "functions", "targets", "name", "default-target",
    "python", "architecture", "glibc", "native-wheels", "requirements", "constraints", "exclude", "index-urls",
    "prereleases", "as-of", "service", "channel", "repository", "stage", "names", "path", "framework", "model",
    "template", "handler", "arguments", "input", "returns", "max-batch-size", "comment", "grants", "usage", "tests",
    "expect", "tolerance", "connection", "database", "schema", "warehouse", "role", "account", "create-stage",
    "local", "password",
)  # fmt: skip
WORDS = (
    "3.11", "3.11.9", "x86_64", "2.28", "deny", "channel", "none", "channel.json", "FLOAT", "NUMBER(3,0)", "numpy>=1",
    "a @ https://h/a-1-py3-none-any.whl", "../x-1-py3-none-any.whl", "https://[::1", "http://h:99999/", "file:///x",
    "src/risk.py:f", "autogluon_vectorized.py.j2", "columns", "array", "local", "..", "/", "a.b", '"', "2026-11-01",
    "0001-01-01T00:00:00+09:00", "\0", "a" * 300,
)  # fmt: skip

texts = st.sampled_from(WORDS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
keys = st.sampled_from(KEYS) | texts
scalars = (
    texts | st.booleans() | st.integers() | st.floats() | st.dates() | st.times() | st.datetimes()
    | st.datetimes(timezones=st.just(UTC))
)  # fmt: skip
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=8
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    (root / "channel.json").touch()
    (root / "src").mkdir()
    (root / "src" / "risk.py").touch()
    return root


def check(path: Path) -> None:
    """Whatever comes out is whole: a configuration, or problems that each say something."""
    try:
        config = load(path)
    except ConfigError as error:
        problems = error.problems
    else:
        problems = ()
        assert config.path == path
    assert all(problem.message and problem.where for problem in problems)


def toml(value: object) -> str:
    """Write a value as TOML does, tables inline."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case dict():
            return f"{{ {', '.join(f'{toml(key)} = {toml(item)}' for key, item in value.items())} }}"
        case date() | time():
            return value.isoformat()
    return repr(value)


def write(path: Path, document: dict[str, Any]) -> None:
    """Write a document's top-level tables inline, one a line."""
    path.write_text("\n".join(f"{toml(key)} = {toml(value)}" for key, value in document.items()), encoding="utf-8")


def places(node: object) -> Iterator[tuple[Any, Any]]:
    """Every table or array in a document, with each of its keys or indices."""
    items: list[tuple[Any, object]] = []
    if isinstance(node, dict):
        items = list(node.items())
    elif isinstance(node, list):
        items = list(enumerate(node))
    for key, item in items:
        yield node, key
        yield from places(item)


@settings(max_examples=50, deadline=None)
@given(document=st.dictionaries(keys, values, max_size=4))
def test_any_document(folder: Path, document: dict[str, Any]) -> None:
    path = folder / "snowbuild.toml"
    write(path, document)
    check(path)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_any_value_anywhere_in_a_whole_configuration(folder: Path, data: st.DataObject) -> None:
    document = tomllib.loads(EXAMPLE)
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(list(places(document))))
        container[key] = data.draw(values)
        if isinstance(container, dict):
            container[data.draw(keys)] = container.pop(key) if data.draw(st.booleans()) else data.draw(scalars)
    path = folder / "snowbuild.toml"
    write(path, document)
    check(path)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_damage_to_a_whole_configuration(folder: Path, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(EXAMPLE)))
    end = data.draw(st.integers(start, min(len(EXAMPLE), start + 60)))
    inserted = data.draw(texts | st.sampled_from(["=", "[", "]", "{", "}", '"', "\n", "1", "true", "[[", "[]", "{}"]))
    path = folder / "snowbuild.toml"
    path.write_text(EXAMPLE[:start] + inserted + EXAMPLE[end:], encoding="utf-8")
    check(path)


@settings(max_examples=50, deadline=None)
@given(content=st.binary())
def test_any_bytes(folder: Path, content: bytes) -> None:
    path = folder / "snowbuild.toml"
    path.write_bytes(content)
    check(path)
