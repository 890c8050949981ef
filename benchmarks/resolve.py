"""How long does resolving take, compared with other resolvers?

    python benchmarks/resolve.py [--rounds 5] [--index-url URL] [--pairs] [CASE ...]

Every round runs each resolver twice, with an empty cache and with the one that the first run filled; the median
counts. Times are ratios to `uv pip compile` with an empty cache in the same rounds, because seconds say more about the
machine. Every run is a whole process; snowbuild's is `snowbuild lock`, which also looks into wheels.

The others get the same requirements, and the channel's versions as constraints, but not what they cannot express:
exclusions, and versions that only the channel has. unearth keeps no cache. What the others need is installed into a
temporary environment.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import uv
from pip._internal.models.index import PyPI

from snowbuild.channel import load_channel
from snowbuild.runtime import Architecture, Runtime

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[1]
CHANNEL = ROOT / "examples" / "insurance" / "channel.json"
RUNTIME = Runtime.parse("3.11", Architecture.X86_64)
NEEDED = ("resolvelib==1.2.*", "unearth==0.18.*", "packaging")
NO_NETWORK = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")


@dataclass(frozen=True)
class Case:
    """What is resolved."""

    name: str
    requirements: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    on_channel: bool = False

    def configuration(self, index_url: str | None) -> str:
        """The snowbuild.toml of the case."""
        service = 'service = "channel"\nchannel = "channel.json"' if self.on_channel else 'service = "none"'
        urls = [index_url] if index_url else []
        return (
            f'[project]\nname = "bench"\n[runtime]\npython = "{RUNTIME.version}"\nnative-wheels = "allow"\n'
            f"[dependencies]\nrequirements = {json.dumps(self.requirements)}\nexclude = {json.dumps(self.exclude)}\n"
            f"index-urls = {json.dumps(urls)}\n[packages]\n{service}\n"
        )


CASES = {
    "channel": Case(
        "autogluon.tabular 1.5.0 on the sample channel",
        ("autogluon.tabular==1.5.0", "packaging", "typing-extensions"),
        ("matplotlib",),
        on_channel=True,
    ),
    "none": Case("autogluon.tabular 1.6.3, service none", ("autogluon.tabular==1.6.3",)),
    "all": Case("autogluon.tabular[all] 1.6.3, service none", ("autogluon.tabular[all]==1.6.3",)),
}


@dataclass
class Contender:
    """A resolver; `command` gets the folder of its cache."""

    name: str
    command: Callable[[Path], Sequence[str]]
    folder: Path
    prepare: Callable[[], None] = lambda: None
    environ: Mapping[str, str] = field(default_factory=dict)
    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)

    def run(self, cache: Path) -> float:
        """Seconds of one run."""
        self.prepare()
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PYTHON"))}
        environment |= {"PIP_CONFIG_FILE": os.devnull, "SNOWBUILD_CACHE_DIR": str(cache), **self.environ}
        start = time.perf_counter()
        done = subprocess.run(
            self.command(cache), cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - start
        if done.returncode:
            raise SystemExit(f"{self.name} failed:\n{done.stderr[-2000:]}")
        return seconds

    def turn(self, folder: Path) -> None:
        """Run once with an empty cache and once with a full one."""
        with tempfile.TemporaryDirectory(dir=folder) as name:
            self.cold.append(self.run(Path(name)))
            self.warm.append(self.run(Path(name)))


def contenders(case: Case, folder: Path, python: Path, index_url: str | None) -> list[Contender]:
    """All resolvers for a case; first uv, with which the others are compared."""
    folder.mkdir()
    requirements, constraints = folder / "requirements.in", folder / "constraints.txt"
    requirements.write_text("\n".join(case.requirements) + "\n")
    pins = channel_pins(case) if case.on_channel else []
    constraints.write_text("\n".join(pins) + "\n")
    (folder / "snowbuild.toml").write_text(case.configuration(index_url))
    shutil.copy(CHANNEL, folder / "channel.json")
    question = {
        "index_url": index_url or PyPI.simple_url,
        "requirements": case.requirements,
        "constraints": pins,
        "python": RUNTIME.python[:2],
        "platforms": RUNTIME.platforms(),
        "environment": RUNTIME.marker_environment(),
    }
    (folder / "question.json").write_text(json.dumps(question))
    lock = folder / "pylock.snowbuild.toml"
    index = ["--index-url", index_url] if index_url else []
    platforms = [word for platform in RUNTIME.platforms() for word in ("--platform", platform)]

    def with_uv(cache: Path) -> list[str]:
        command = [uv.find_uv_bin(), "pip", "compile", "--no-config", "--no-python-downloads", "--quiet", *index]
        command += ["--python-version", RUNTIME.full_version, "--python-platform", "x86_64-manylinux_2_28"]
        command += ["--only-binary", ":all:", "--cache-dir", str(cache), "--constraints", str(constraints)]
        return [*command, "--output-file", str(folder / "uv.txt"), str(requirements)]

    def with_pip(cache: Path) -> list[str]:
        command = [str(python), "-m", "pip", "install", "--dry-run", "--quiet", "--ignore-installed", *index]
        command += ["--report", str(folder / "report.json"), "--target", str(folder / "target"), "--no-input"]
        command += ["--python-version", RUNTIME.version, "--implementation", "cp", *platforms]
        command += ["--only-binary", ":all:", "--cache-dir", str(cache), "--disable-pip-version-check"]
        return [*command, "--constraint", str(constraints), "--requirement", str(requirements)]

    script = str(ROOT / "benchmarks" / "other" / "unearth_resolver.py")
    own = [sys.executable, "-m", "snowbuild", "lock"]
    return [
        Contender("uv pip compile", with_uv, folder, lambda: (folder / "uv.txt").unlink(missing_ok=True)),
        Contender("snowbuild lock", lambda _: own, folder, lambda: lock.unlink(missing_ok=True)),
        Contender("unearth + resolvelib", lambda _: [str(python), script, str(folder / "question.json")], folder),
        Contender("pip install --dry-run --report", with_pip, folder),
    ]


def channel_pins(case: Case) -> list[str]:
    """The channel's constraints on the others: all of its versions for which an index has wheels."""
    # psutil 5.9.0 has no wheel for Python 3.11, and the others need one. torch, for example, has another name there.
    without = {"psutil", "pytorch", "importlib-resources"} | set(case.exclude)
    releases = load_channel(CHANNEL).releases
    return [f"{r.name}=={r.version}" for r in releases if r.name.replace("_", "-") not in without]


def unchanged(folder: Path, cache: Path, rounds: int) -> list[float]:
    """Seconds of `snowbuild lock` when there is nothing to do, without a network."""
    own = [sys.executable, "-m", "snowbuild", "lock"]
    Contender("snowbuild lock", lambda _: own, folder).run(cache)
    again = Contender("snowbuild lock", lambda _: own, folder, environ=NO_NETWORK)
    return [again.run(cache) for _ in range(rounds)]


def environment(folder: Path) -> Path:
    """The Python of a new environment with what the other resolvers need."""
    run = [uv.find_uv_bin(), "--no-config", "--quiet"]
    subprocess.run([*run, "venv", "--seed", "--python", sys.executable, str(folder)], check=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    subprocess.run([*run, "pip", "install", "--python", str(python), "--upgrade", "pip", *NEEDED], check=True)
    return python


def table(case: Case, found: Iterable[Contender]) -> str:
    """Medians and their ratios, as Markdown."""
    uv_cold, *_ = (statistics.median(c.cold) for c in found)
    lines = [f"### {case.name}", "", "| resolver | cold | warm | cold, s | warm, s |", "|---|---|---|---|---|"]
    for contender in found:
        cold, warm = statistics.median(contender.cold), statistics.median(contender.warm)
        lines.append(f"| {contender.name} | {cold / uv_cold:.2f} | {warm / uv_cold:.2f} | {cold:.2f} | {warm:.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Run the cases and print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--index-url")
    parser.add_argument("--pairs", action="store_true", help="uv and snowbuild only, in turns")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; all by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = Path(sys.executable) if options.pairs else environment(folder / "environment")
        for key in options.cases or CASES:
            case = CASES[key]
            found = contenders(case, folder / key, python, options.index_url)[: 2 if options.pairs else None]
            for _ in range(options.rounds):
                for contender in found:
                    contender.turn(folder)
            print(table(case, found))
            seconds = unchanged(folder / key, folder / "cache", options.rounds)
            print(f"\nUnchanged inputs, no network: {statistics.median(seconds):.3f} s\n", flush=True)


if __name__ == "__main__":
    main()
