"""How should a model's archive be compressed? Time to pack, size, time to extract, for one trained model.

    python benchmarks/archive.py examples/insurance/models/expense

Every method packs and extracts the same files in turns, and the best of three counts. Times are given as ratios to
plain storing in the same run, since seconds say more about the machine. Extraction is Python's own zipfile, as in the
loader. zlib is there to compare with: its bytes differ between systems, so that it cannot be used.
"""

from __future__ import annotations

import sys
import tempfile
import time
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from snowbuild.files.archive import LEVEL, write_archive
from snowbuild.files.tree import scan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROUNDS = 3


def pack_with_zlib(source: Path, destination: Path, level: int) -> None:
    """What `zipfile` does by itself."""
    with zipfile.ZipFile(destination, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for entry in scan(source).entries:
            archive.write(entry.path, entry.name)


def pack(source: Path, destination: Path, level: int) -> None:
    """What snowbuild does, at any level; 0 stores."""
    with destination.open("wb") as file:
        write_archive(scan(source).entries, file, level=level)


def methods() -> Mapping[str, Callable[[Path, Path], None]]:
    """Name of the method, and how it packs."""

    def own(level: int) -> Callable[[Path, Path], None]:
        return lambda source, destination: pack(source, destination, level)

    def python(level: int) -> Callable[[Path, Path], None]:
        return lambda source, destination: pack_with_zlib(source, destination, level)

    table = {"stored": own(0)}
    table |= {f"libdeflate {level}": own(level) for level in (1, 3, 4, 5, 6, 7, 9)}
    table |= {f"zlib {level}": python(level) for level in (1, 6)}
    return table


def measure(source: Path, folder: Path) -> dict[str, tuple[float, int, float]]:
    """Per method: seconds to pack, bytes, seconds to extract."""
    best: dict[str, tuple[float, int, float]] = {}
    for turn in range(ROUNDS):
        for name, method in methods().items():
            archive = folder / "model.zip"
            started = time.perf_counter()
            method(source, archive)
            packed = time.perf_counter()
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(folder / f"{turn} {name}")
            extracted = time.perf_counter()
            old = best.get(name, (float("inf"), 0, float("inf")))
            best[name] = min(old[0], packed - started), archive.stat().st_size, min(old[2], extracted - packed)
    return best


def main() -> None:
    """Print the table as Markdown."""
    source = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        results = measure(source, Path(folder))
    pack_s, size, extract_s = results["stored"]
    print(f"{size / 1e6:.1f} MB stored, packed in {pack_s:.2f} s, extracted in {extract_s:.2f} s")
    print(f"zlib here is {zlib.ZLIB_RUNTIME_VERSION}; snowbuild packs with libdeflate {LEVEL}\n")
    print("| method | time to pack | size | time to extract |")
    print("|---|---:|---:|---:|")
    for name, (packed, bytes_, extracted) in results.items():
        print(f"| {name} | {packed / pack_s:.1f} | {bytes_ / size:.1%} | {extracted / extract_s:.1f} |")


if __name__ == "__main__":
    main()
