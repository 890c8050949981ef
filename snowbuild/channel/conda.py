"""conda's requirement syntax → PEP 508. Pure.

https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-search.html
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

# `numpy`, `numpy 1.26.*`, `libblas 3.9 5_mkl`, `main::numpy>=1.21,<2.0a0`; brackets hold keys such as build.
_SPEC = re.compile(
    r"(?:[^\s:\[]+::)?(?P<name>[A-Za-z0-9_.-]+)(?:\s*(?P<version>[^\s\[]+))?"
    r"(?:\s+(?P<build>[^\s\[]+))?\s*(?:\[(?P<keys>.*)\])?"
)
_KEYED_VERSION = re.compile(r"version=(['\"]?)(?P<version>[^'\"\]]+)\1")
_CLAUSE = re.compile(r"(?P<operator>===|==|!=|>=|<=|~=|=|<|>)?\s*(?P<version>[^\s=]+)(?:=.*)?")
_PRERELEASE_BOUND = re.compile(r"(?<=\d)\.?(?:a|dev)0$")


class Spec(NamedTuple):
    """A requirement on a package."""

    name: str
    """The name as conda spells it."""
    specifier: str
    """PEP 440; empty for any version, and for conditions that PEP 440 cannot express."""
    build: str
    """A build string, possibly with `*`; empty for any."""


@cache
def parse_spec(text: str) -> Spec:
    """Read an entry of `depends`.

    A choice (`|`) is left out, because PEP 440 cannot express it. An entry that cannot be read gets no name.
    """
    found = _SPEC.fullmatch(re.sub(r",\s+", ",", text.strip()))
    if found is None:
        return Spec("", "", "")
    keyed = _KEYED_VERSION.search(found["keys"] or "")
    version = keyed["version"] if keyed else found["version"] or ""
    clauses = () if "|" in version else filter(None, map(_clause, version.split(",")))
    return Spec(found["name"], str(SpecifierSet(",".join(clauses))), found["build"] or "")


def _clause(text: str) -> str | None:
    """One condition as PEP 440; None for no condition, and for one that PEP 440 cannot express."""
    found = _CLAUSE.fullmatch(text.strip())
    if found is None or found["version"] in {"*", ".*"}:
        return None
    operator, version = found["operator"] or "", found["version"]
    prefix = version.removesuffix("*").removesuffix(".")
    # `1.26` is exactly that version; `1.26*`, `1.26.*` and `=1.26` match everything that begins with it.
    starts = version != prefix
    if operator == "=":
        starts, operator = True, "=="
    operator = operator or "=="
    if operator in {"<", ">="}:
        # conda's way of saying "nor any prerelease of it", which is what PEP 440's `<2.0` means anyway. With the
        # suffix, `>=2.0a0` and `<2.0a0` would both let prereleases in.
        prefix = _PRERELEASE_BOUND.sub("", prefix)
    wildcard = ".*" if starts and operator in {"==", "!="} else ""
    clause = f"{operator}{_public(prefix, wildcard)}"
    try:
        SpecifierSet(clause)
    except InvalidSpecifier:
        return None
    return clause


def _public(version: str, wildcard: str) -> str:
    try:
        # A local part is only allowed where one version is named.
        return version + wildcard if not wildcard else Version(version).public + wildcard
    except InvalidVersion:
        return version + wildcard
