"""How fast are the functions, and how fast do they start? On predictors that are trained here.

    python benchmarks/functions.py [--rows 100000] [--rounds 3] [--folder KEPT] [--cold-only]

All figures of a table come from the same run, measured in turns, and the best round counts: the ratios are meaningful,
the seconds say more about the machine. SQL runs in the embedded Snowflake, which delivers at most 2,048 rows at once.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tables.cold_starts import cold_starts
from tables.project import FAMILIES, prepare
from tables.throughput import throughput
from tables.workers import workers_at_once

from snowbuild import local
from snowbuild.config import load


def main() -> None:
    """Print the tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cold-only", action="store_true", help="only the table of cold starts")
    parser.add_argument("--folder", type=Path, help="keep the trained project here for the next run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = (options.folder or Path(temporary, "insurance")).absolute()
        prepare(root)
        config = load(root / "snowbuild.toml")
        try:
            for name, families in () if options.cold_only else FAMILIES.items():
                print(f"\n{name} ({', '.join(families)}), {options.rows:,} rows\n")
                print(throughput(config, name, options.rows, options.rounds), flush=True)
                print(f"\n{name}, several workers at once\n")
                print(workers_at_once(config, name, options.rounds), flush=True)
            print("\ncold start: forests\n")
            print(cold_starts(config))
        finally:
            local.down(config.state / "local")


if __name__ == "__main__":
    main()
