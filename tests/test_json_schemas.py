"""docs/json.md describes every JSON schema of the code, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import snowbuild

ROOT = Path(snowbuild.__file__).parent
DOCUMENT = (ROOT.parent / "docs" / "json.md").read_text()
SCHEMA = re.compile(r"snowbuild\.[a-z-]+/\d+")

PRINTED = [*sorted((ROOT / "cli").glob("*.py")), ROOT / "plan" / "document.py"]
"""The modules with JSON that commands print; the latter also has the schema of a file."""


def quoted(path: Path) -> set[str]:
    # Prose mentions schemas in backquotes.
    return set(re.findall(rf'"({SCHEMA.pattern})(?:\\n)?"', path.read_text()))


def test_every_printed_schema_has_its_section() -> None:
    sections = re.findall(rf"^## `({SCHEMA.pattern})`$", DOCUMENT, re.MULTILINE)
    printed = set().union(*map(quoted, PRINTED)) - {"snowbuild.saved-plan/1"}
    assert len(sections) == len(set(sections))
    assert set(sections) == printed


def test_the_other_schemas_are_listed_as_files() -> None:
    everywhere = set().union(*(quoted(path) for path in ROOT.rglob("*.py")))
    files = set(re.findall(rf"^\| `({SCHEMA.pattern})` \|", DOCUMENT, re.MULTILINE))
    sections = set(re.findall(rf"^## `({SCHEMA.pattern})`$", DOCUMENT, re.MULTILINE))
    assert files == everywhere - sections
