"""How should a model's archive be compressed? The cost of packing, uploading and extracting one trained model.

    python benchmarks/archive.py [MODEL] [--rounds 5]

MODEL is the folder of a predictor, by default the one that `make demo` trains. All methods pack and extract the same
files in turns, and the best round counts. Packing and uploading happen once, extracting at every cold start. Uploads
are computed from the size, at three speeds. All times are ratios to plain storing in the same run. Extraction uses
Python's own zipfile, like the loader. zlib is only included for comparison: it cannot be used, because its bytes differ
between systems.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snowbuild.files.archive import LEVEL, write_archive
from snowbuild.files.tree import scan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EXAMPLE = Path(__file__).parents[1] / "examples" / "insurance" / "models" / "expense"
SPEEDS = (20, 100, 1000)
"""Upload speeds, in Mbit/s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one method costs."""

    pack_s: float
    extract_s: float
    size: int
    """In bytes."""

    def deploy_s(self, speed: int) -> float:
        """Seconds to pack and to upload at a speed in Mbit/s."""
        return self.pack_s + self.size * 8 / (speed * 1e6)


def pack_with_zlib(source: Path, destination: Path, level: int) -> None:
    """Pack as `zipfile` does by itself."""
    with zipfile.ZipFile(destination, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for entry in scan(source).entries:
            archive.write(entry.path, entry.name)


def pack(source: Path, destination: Path, level: int) -> None:
    """Pack as snowbuild does, at any level; 0 stores."""
    with destination.open("wb") as file:
        write_archive(scan(source).entries, file, level=level)


def methods() -> Mapping[str, Callable[[Path, Path], None]]:
    """Name of each method, and how it packs."""

    def own(level: int) -> Callable[[Path, Path], None]:
        return lambda source, destination: pack(source, destination, level)

    def python(level: int) -> Callable[[Path, Path], None]:
        return lambda source, destination: pack_with_zlib(source, destination, level)

    table = {"stored": own(0)}
    table |= {f"libdeflate {level}": own(level) for level in (1, 3, 4, 5, 6, 7, 9)}
    table |= {f"zlib {level}": python(level) for level in (1, 6)}
    return table


def measure(source: Path, folder: Path, rounds: int) -> dict[str, Cost]:
    """The cost of each method."""
    found: dict[str, list[Cost]] = {}
    for turn in range(rounds):
        for name, method in methods().items():
            archive = folder / "model.zip"
            started = time.perf_counter()
            method(source, archive)
            packed = time.perf_counter()
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(folder / f"{turn} {name}")
            extracted = time.perf_counter()
            cost = Cost(pack_s=packed - started, extract_s=extracted - packed, size=archive.stat().st_size)
            found.setdefault(name, []).append(cost)
    return {
        name: Cost(pack_s=min(c.pack_s for c in costs), extract_s=min(c.extract_s for c in costs), size=costs[0].size)
        for name, costs in found.items()
    }


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path, default=EXAMPLE)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if not options.model.is_dir():
        parser.error(f"no such folder: {options.model}; `make demo` trains the example's model")
    with tempfile.TemporaryDirectory() as folder:
        costs = measure(options.model, Path(folder), options.rounds)
    stored = costs["stored"]
    print(f"{stored.size / 1e6:.1f} MB stored, packed in {stored.pack_s:.2f} s, extracted in {stored.extract_s:.2f} s")
    print(f"zlib here is {zlib.ZLIB_RUNTIME_VERSION}; snowbuild packs with libdeflate {LEVEL}\n")
    print("| method | size | pack | " + " | ".join(f"pack + upload at {s} Mbit/s" for s in SPEEDS) + " | extract |")
    print("|---|---:|---:|" + "---:|" * len(SPEEDS) + "---:|")
    for name, cost in costs.items():
        deploys = " | ".join(f"{cost.deploy_s(s) / stored.deploy_s(s):.2f}" for s in SPEEDS)
        ratios = f"{cost.pack_s / stored.pack_s:.1f} | {deploys} | {cost.extract_s / stored.extract_s:.2f}"
        print(f"| {name} | {cost.size / stored.size:.1%} | {ratios} |")


if __name__ == "__main__":
    main()
