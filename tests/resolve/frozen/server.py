"""The frozen projects on an index of their own. There are no wheels behind their names: metadata is all one needs."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from tests.resolve.index import BuiltWheel, Index

EXTRA = re.compile(r"extra == ['\"]([^'\"]+)")
PROJECTS = Path(__file__).with_name("projects.json")


@cache
def projects() -> dict[str, dict[str, dict[str, Any]]]:
    """Name → version → Python, requirements, tags."""
    found: dict[str, dict[str, dict[str, Any]]] = json.loads(PROJECTS.read_bytes())
    return found


def frozen_index() -> Index:
    """An index with all of them; to be entered."""
    index = Index()
    for name, versions in projects().items():
        for version, facts in versions.items():
            index.add(*(_wheel(name, version, tag, facts) for tag in facts["tags"]))
    return index


def _wheel(name: str, version: str, tag: str, facts: dict[str, Any]) -> BuiltWheel:
    lines = ["Metadata-Version: 2.3", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Python: {facts['python']}"] if facts["python"] else []
    extras = sorted({extra for text in facts["requires"] for extra in EXTRA.findall(text)})
    lines += [f"Provides-Extra: {extra}" for extra in extras]
    lines += [f"Requires-Dist: {requirement}" for requirement in facts["requires"]]
    filename = f"{name.replace('-', '_')}-{version}-{tag}.whl"
    return BuiltWheel(
        name=name,
        version=version,
        filename=filename,
        content=hashlib.sha256(filename.encode()).digest(),
        metadata=("\n".join(lines) + "\n").encode(),
        requires_python=facts["python"],
    )
