"""What a model's own text files say about it. Nothing is unpickled: a pickle can run any code."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from snowbuild.config import Framework
from snowbuild.errors import ModelError
from snowbuild.models.values import ModelFacts

if TYPE_CHECKING:
    from pathlib import Path

# AutoGluon has written the first since 1.1.1, and wrote the second before.
VERSION_FILES = ("version.txt", "__version__")
METADATA_FILE = "metadata.json"
PICKLES = ("predictor.pkl", "learner.pkl")

LARGEST_TEXT = 1 << 20
"""In bytes; AutoGluon's own files have a few kilobytes."""


def inspect(path: Path, framework: Framework | None = None, *, label: str | None = None) -> ModelFacts:
    """Find out what trained a model, and with which Python.

    Args:
        path: The model's folder or file.
        framework: None: AutoGluon if the folder looks like one of its predictors, generic otherwise.
        label: What to call `path` in messages; None: as it is.

    Raises:
        ModelError: not AutoGluon's though `framework` says so, or a text file is missing or damaged; says which,
            and where.
    """
    label = label or str(path)
    if framework is None:
        framework = Framework.AUTOGLUON if _looks_like_autogluon(path) else Framework.GENERIC
    if framework is Framework.GENERIC:
        return ModelFacts(framework=framework)
    missing = [name for name in PICKLES if not (path / name).is_file()]
    if missing:
        raise ModelError(
            f"not an AutoGluon predictor: no {' and no '.join(missing)}",
            where=label,
            hint='train it again, or set framework = "generic"',
        )
    return ModelFacts(framework=framework, framework_version=_version(path, label), python=_python(path, label))


def _looks_like_autogluon(path: Path) -> bool:
    return all((path / name).is_file() for name in PICKLES) or (
        any((path / name).is_file() for name in VERSION_FILES) and any((path / name).is_file() for name in PICKLES)
    )


def _version(path: Path, label: str) -> str:
    for name in VERSION_FILES:
        if (path / name).is_file():
            text = _text(path / name, f"{label}/{name}").strip()
            try:
                return str(Version(text))
            except InvalidVersion:
                found = f"{text[:40]!r}" if text else "nothing"
                raise _damaged(f"expected AutoGluon's version, found {found}", f"{label}/{name}") from None
    raise _damaged(f"neither {' nor '.join(VERSION_FILES)} says which AutoGluon trained it", label)


def _python(path: Path, label: str) -> str | None:
    if not (path / METADATA_FILE).is_file():
        # AutoGluon has written it since 0.5; without it, the version is unknown.
        return None
    where = f"{label}/{METADATA_FILE}"
    try:
        document = json.loads(_text(path / METADATA_FILE, where))
    except json.JSONDecodeError as exc:
        raise _damaged(f"not JSON: {exc.msg}", f"{where}:{exc.lineno}:{exc.colno}") from exc
    except RecursionError as exc:
        raise _damaged("not JSON: nested too deeply", where) from exc
    python = document.get("py_version") if isinstance(document, dict) else None
    match = re.match(r"(\d+\.\d+)(?:\.|$)", python, re.ASCII) if isinstance(python, str) else None
    if match is None:
        raise _damaged(f'expected "py_version", such as "3.11", found {json.dumps(python)[:40]}', where)
    return match[1]


def _text(file: Path, where: str) -> str:
    try:
        if file.stat().st_size > LARGEST_TEXT:
            raise _damaged("far too large for one of AutoGluon's files", where)
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as exc:
        raise _damaged(f"not UTF-8, at byte {exc.start}", where) from exc
    except OSError as exc:
        raise ModelError(f"cannot be read: {exc.strerror}", where=where) from exc


def _damaged(message: str, where: str) -> ModelError:
    return ModelError(message, where=where, hint="the model is damaged: train it again")
