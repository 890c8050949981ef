"""Data flows one way: who may import whom."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import snowbuild

ROOT = Path(snowbuild.__file__).parent

# A part may import itself and what stands in an earlier line; never what stands in a later one, or beside it.
LAYERS = (
    ("errors", "wording"),
    ("codec", "sql", "digest", "runtime", "distribution"),
    ("files",),
    ("config", "channel", "environments"),
    ("wheels",),
    ("resolve", "models"),
    ("lock",),
    ("render", "edit", "calls", "doctor", "autogluon"),
    ("plan", "export"),
    ("pipeline", "apply"),
    ("snowflake", "local"),
    ("cli",),
)
LAYER = {part: number for number, layer in enumerate(LAYERS) for part in layer}

LOCAL_LAYERS = ("values", "state", "functions", "engine", "statements", "wire")
"""The same for the folders of the local Snowflake; its server and what starts it stand above all of them."""

HEAVY = {"duckdb", "fakesnow", "numpy", "pandas", "pip", "piptools", "pyarrow", "requests", "snowflake"}
MAY_BE_HEAVY = {"snowflake", "local"}

LOOKS_AT_THE_ENVIRONMENT = {"cli", "local"}
STARTS_PROCESSES = {
    "environments/build.py",
    "environments/interpreter.py",
    "environments/script.py",
    "resolve/process.py",
    "wheels/bytecode.py",
}
"""They pass a filtered copy of the environment on, and decide nothing by it."""

CHILD = ROOT / "resolve" / "child"
"""What runs in the resolver's own process: pip may be imported there, and nobody else imports it."""


def part_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def modules() -> list[Path]:
    return sorted(p for p in ROOT.rglob("*.py") if part_of(p) not in ("__init__", "__main__"))


def imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_point_one_way(path: Path) -> None:
    part = part_of(path)
    used = {name.split(".")[1] for name in imports(ast.parse(path.read_text())) if name.startswith("snowbuild.")}
    wrong = {other for other in used & LAYER.keys() if other != part and LAYER[other] >= LAYER[part]}
    assert not wrong


@pytest.mark.parametrize("folder", LOCAL_LAYERS)
def test_imports_of_the_local_snowflake_point_one_way(folder: str) -> None:
    allowed = LOCAL_LAYERS[: LOCAL_LAYERS.index(folder) + 1]
    used = {
        name.split(".")[2]
        for path in (ROOT / "local" / folder).glob("*.py")
        for name in imports(ast.parse(path.read_text()))
        if name.startswith("snowbuild.local.")
    }
    assert used <= set(allowed)


@pytest.mark.parametrize(
    "path",
    [p for p in modules() if part_of(p) not in LOOKS_AT_THE_ENVIRONMENT],
    ids=lambda p: p.relative_to(ROOT).as_posix(),
)
def test_only_the_command_line_takes_settings_from_the_environment(path: Path) -> None:
    reads = any(
        isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
        for node in ast.walk(ast.parse(path.read_text()))
    )
    assert reads == (path.relative_to(ROOT).as_posix() in STARTS_PROCESSES)


def test_every_part_has_its_layer() -> None:
    assert {part_of(p) for p in modules()} == LAYER.keys()


def test_the_documentation_shows_the_layers() -> None:
    rows = re.findall(r"^\| (`[^|]*`) \|", (ROOT.parent / "docs" / "architecture.md").read_text(), re.MULTILINE)
    assert tuple(tuple(row.replace("`", "").replace("/", "").split()) for row in rows) == LAYERS


@pytest.mark.parametrize(
    "path",
    [p for p in modules() if part_of(p) not in MAY_BE_HEAVY and CHILD not in p.parents],
    ids=lambda p: p.relative_to(ROOT).as_posix(),
)
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    tree = ast.parse(path.read_text())
    at_start = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    roots = {name.split(".")[0] for node in at_start for name in imports(node)}
    assert not roots & HEAVY


@pytest.mark.parametrize(
    "path", [p for p in modules() if CHILD not in p.parents], ids=lambda p: p.relative_to(ROOT).as_posix()
)
def test_only_the_resolvers_own_process_imports_its_modules(path: Path) -> None:
    assert not [name for name in imports(ast.parse(path.read_text())) if name.startswith("snowbuild.resolve.child")]
