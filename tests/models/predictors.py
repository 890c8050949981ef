"""Folders that look like what AutoGluon writes, with pickles that must never be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

METADATA = '{\n  "system": "Linux",\n  "version": "1.5.0",\n  "py_version": "3.11",\n  "py_version_micro": "3.11.7"\n}'

# Unpickling this calls exit.
TRAP = b"cbuiltins\nexit\n(I3\ntR."


def predictor(folder: Path, *, version: str | None = "1.5.0", metadata: str | None = METADATA) -> Path:
    """Write a predictor's folder."""
    (folder / "models" / "KNeighbors").mkdir(parents=True)
    (folder / "utils").mkdir()
    for name in ("predictor.pkl", "learner.pkl", "models/trainer.pkl", "models/KNeighbors/model.pkl"):
        (folder / name).write_bytes(TRAP)
    if version is not None:
        (folder / "version.txt").write_text(version, encoding="utf-8")
    if metadata is not None:
        (folder / "metadata.json").write_text(metadata, encoding="utf-8")
    return folder
