"""The Lock ↔ the tables of a PEP 751 file; pure.

Whatever PEP 751 has a key for is stored there, so that pip and uv can install from it; the rest is under
`tool.snowbuild`. Every package, and the whole file, carries a seal: a digest of its own content, which reveals edits
by hand and bad merges.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from snowbuild.codec import CodecError, Plain, T, decode, encode
from snowbuild.distribution import Distribution
from snowbuild.errors import Problem, StaleLockError
from snowbuild.lock.values import Lock

SCHEMA = 1
"""The schema of `tool.snowbuild`; a lockfile with another one is made again."""

STANDARD_KEYS = ("name", "version", "requires-python", "index", "wheels")
"""The keys that PEP 751 defines for a package, in the order in which they are written."""


def to_document(lock: Lock) -> Plain:
    """Lay a lock out as PEP 751 wants it."""
    tool = {"schema": SCHEMA, **encode(lock)}
    distributions = tool.pop("distributions", [])
    # A version that only the package service has cannot be in `packages`, because nothing could install it.
    if service_only := [d for d in distributions if "wheels" not in d]:
        tool["distributions"] = service_only
    document: Plain = {
        "lock-version": "1.0",
        "requires-python": f"=={'.'.join(lock.python.split('.')[:2])}.*",
        "created-by": "snowbuild",
        "packages": [_package(d) for d in distributions if "wheels" in d],
    }
    # The seal of the whole covers those of the packages, so a removed package is noticed as well.
    return {**document, "tool": {"snowbuild": {**tool, "seal": _seal([document, tool])}}}


def from_document(document: Plain) -> Lock:
    """Read a lock back.

    Raises:
        StaleLockError: these are not the tables of a lock, or they were edited since; one problem for each place.
    """
    tool = document.get("tool", {}).get("snowbuild")
    if not isinstance(tool, dict):
        raise _unusable("missing: not a snowbuild lockfile, or cut off")
    if tool.get("schema") != SCHEMA:
        raise _unusable(f"found {tool.get('schema')}, but this snowbuild writes {SCHEMA}", ".schema")
    packages = document.get("packages", [])
    tool = dict(tool)
    seal = tool.pop("seal", None)
    if seal != _seal([{k: v for k, v in document.items() if k != "tool"}, tool]):
        # The seals of the packages show where.
        problems = [_edited(f"packages.{p['name']}") for p in packages if not _is_intact(p)]
        raise StaleLockError.of(problems or [_edited("tool.snowbuild")])
    tool.pop("schema")
    service_only = [(d, "tool.snowbuild.distributions") for d in tool.pop("distributions", [])]
    distributions = [
        _decode(Distribution, plain, place)
        for plain, place in [*((_from_package(p), f"packages.{p['name']}") for p in packages), *service_only]
    ]
    lock = _decode(Lock, {**tool, "distributions": []}, "tool.snowbuild")
    return replace(lock, distributions=tuple(sorted(distributions, key=lambda d: d.name)))


def _package(distribution: Plain) -> Plain:
    package = {k: distribution[k] for k in STANDARD_KEYS if k in distribution}
    package["wheels"] = [_wheel(w) for w in distribution["wheels"]]
    extra = {k: v for k, v in distribution.items() if k not in STANDARD_KEYS}
    return {**package, "tool": {"snowbuild": {**extra, "seal": _seal([package, extra])}}}


def _from_package(package: Plain) -> Plain:
    extra = {k: v for k, v in package["tool"]["snowbuild"].items() if k != "seal"}
    standard = {k: v for k, v in package.items() if k != "tool"}
    return {**standard, "wheels": [_from_wheel(w) for w in package["wheels"]], **extra}


def _wheel(wheel: Plain) -> Plain:
    renamed = {"name": wheel["filename"], **wheel, "hashes": {"sha256": wheel["sha256"]}}
    return {k: v for k, v in renamed.items() if k not in ("filename", "sha256")}


def _from_wheel(wheel: Plain) -> Plain:
    renamed = {"filename": wheel["name"], **wheel, "sha256": wheel["hashes"]["sha256"]}
    return {k: v for k, v in renamed.items() if k not in ("name", "hashes")}


def _is_intact(package: Plain) -> bool:
    extra = dict(package.get("tool", {}).get("snowbuild", {}))
    seal = extra.pop("seal", None)
    return bool(seal == _seal([{k: v for k, v in package.items() if k != "tool"}, extra]))


def _seal(content: Any) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _decode(kind: type[T], plain: Plain, place: str) -> T:
    try:
        return decode(kind, plain)
    except CodecError as exc:
        raise _unusable(exc.message, f".{exc.place}" if exc.place else "", place) from exc


def _unusable(message: str, key: str = "", place: str = "tool.snowbuild") -> StaleLockError:
    return StaleLockError(message, where=f"{place}{key}")


def _edited(place: str) -> Problem:
    return Problem(where=place, message="edited since it was locked; do not edit a lockfile by hand")
