"""Are the pins the same as uv's, on the live index?

    python benchmarks/equality.py [--index-url URL] [SET ...]

Resolves the requirement sets of the tests for every runtime with snowbuild and with `uv pip compile`, and prints each
difference. uv ignores upper bounds in Requires-Python, so it finds solutions where pip finds none: these are counted
separately. The exit code is 1 if anything else differs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from snowbuild.config import NativeWheels, Service
from snowbuild.errors import ResolutionError
from snowbuild.resolve import ResolveRequest, resolve
from snowbuild.runtime import Architecture, Runtime

# The tests are a package in the working copy's folder, not in this script's.
sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.resolve.frozen.sets import PYTHONS, SETS
from tests.resolve.uv import uv_pins


def own_pins(
    requirements: tuple[str, ...], runtime: Runtime, index_urls: tuple[str, ...], cache: Path
) -> set[str] | None:
    """Name and version of everything chosen; None if there is no solution."""
    request = ResolveRequest(
        runtime=runtime,
        native_wheels=NativeWheels.ALLOW,
        requirements=requirements,
        index_urls=index_urls,
        service=Service.REPOSITORY,
    )
    try:
        return {f"{d.name}=={d.version}" for d in resolve(request, cache=cache)}
    except ResolutionError:
        return None


def main() -> None:
    """Compare the pins, and print what differs and how much is equal."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--index-url")
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(SETS)}; all by default")
    options = parser.parse_args()
    urls = (options.index_url,) if options.index_url else ()
    equal = laxer = different = 0
    with tempfile.TemporaryDirectory() as name:
        for key in options.sets or SETS:
            for runtime in (Runtime.parse(p, a) for p in PYTHONS for a in Architecture):
                found = own_pins(SETS[key], runtime, urls, Path(name) / "snowbuild")
                expected = uv_pins(SETS[key], runtime, options.index_url, Path(name) / "uv")
                if found == expected:
                    equal += 1
                elif found is None:
                    laxer += 1
                    print(f"{key}, {runtime.version} {runtime.architecture}: only uv finds a solution")
                else:
                    different += 1
                    theirs = expected or set()
                    print(f"{key}, {runtime.version} {runtime.architecture}:")
                    print(f"  snowbuild: {', '.join(sorted(found - theirs))}")
                    print(f"  uv:        {', '.join(sorted(theirs - found))}")
    print(f"{equal} equal, {laxer} that only uv solves, {different} different")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
