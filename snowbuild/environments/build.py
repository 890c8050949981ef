"""Python environments from locked distributions: built by uv, hashes enforced, reused once complete."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snowbuild.codec import parse_toml
from snowbuild.environments.interpreter import find_interpreter
from snowbuild.errors import DigestMismatchError, EnvironmentBuildError
from snowbuild.files.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from snowbuild.distribution import Distribution

MARKER = ".complete"
LOCK_TIMEOUT_S = 1800

# uv's settings that a user may make: where it caches, whether it may use the network, and whom it trusts. All other
# UV_* and PIP_* would change what is installed.
KEPT = frozenset({"UV_CACHE_DIR", "UV_OFFLINE", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS", "UV_HTTP_TIMEOUT", "UV_LINK_MODE"})
SCRUBBED = re.compile(r"(UV|PIP|VIRTUAL_ENV|CONDA|PYTHON|__PYVENV_LAUNCHER__)(_|$|[A-Z])")

# Variables that would bring other code, or another Python, into an environment.
FOREIGN = frozenset({"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A complete virtual environment. It cannot be moved."""

    folder: Path
    python: Path
    """Its interpreter."""

    @property
    def bin(self) -> Path:
        """The folder with its programs."""
        return self.python.parent

    @staticmethod
    def variables(environ: Mapping[str, str]) -> dict[str, str]:
        """The variables that its programs are started with, out of the caller's."""
        return {name: value for name, value in environ.items() if name not in FOREIGN}


def build_environment(
    folder: Path,
    *,
    python: str,
    lockfile: Path | None = None,
    requirements: Sequence[str] = (),
) -> Environment:
    """Build an environment below `folder`, or return the one that was built earlier from the same input.

    The environment's name is a digest of the interpreter, the lockfile's packages (not the rest of the file, so that a
    newly trained model does not rebuild anything) and the requirements. It is built in its final place, because a
    virtual environment cannot be moved, under an inter-process lock; a marker file, written last, shows that it is
    complete.

    Args:
        folder: holds all environments.
        python: the minor version, such as "3.11".
        lockfile: a PEP 751 file; every hash is checked, local wheels are relative to it.
        requirements: PEP 508 text, installed in addition from the default index, without hashes.

    Raises:
        DigestMismatchError: a file is not the locked one.
        EnvironmentBuildError: no such Python, index unreachable, a distribution that cannot be installed.
    """
    from filelock import FileLock, Timeout

    interpreter = find_interpreter(python)
    place = folder / _key(interpreter, lockfile, requirements)
    environment = Environment(folder=place, python=_program(place, "python"))
    if _is_complete(environment):
        return environment
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{place.name}.lock", timeout=LOCK_TIMEOUT_S):
            if not _is_complete(environment):
                _build(environment, interpreter, lockfile, requirements)
    except Timeout as error:
        raise EnvironmentBuildError(
            "another process has been building this environment for half an hour", where=str(place)
        ) from error
    except OSError as error:
        raise EnvironmentBuildError(
            f"cannot write: {error.strerror or error}", where=str(folder), hint="make the folder writable"
        ) from error
    return environment


def write_pylock(distributions: Sequence[Distribution], base: Path, target: Path) -> None:
    """Write a PEP 751 file with only these distributions; paths of local wheels become absolute, from `base`."""
    import tomlkit

    packages = [
        {
            "name": distribution.name,
            "version": distribution.version,
            "wheels": [
                {
                    "name": wheel.filename,
                    **({"url": wheel.url} if wheel.url else {"path": (base / (wheel.path or "")).as_posix()}),
                    "hashes": {"sha256": wheel.sha256},
                }
                for wheel in distribution.wheels
            ],
        }
        for distribution in distributions
    ]
    document = {"lock-version": "1.0", "created-by": "snowbuild", "packages": packages}
    write_atomically(target, tomlkit.dumps(document).encode())


def _key(interpreter: Path, lockfile: Path | None, requirements: Sequence[str]) -> str:
    packages: list[Any] = []
    if lockfile is not None:
        try:
            packages = parse_toml(lockfile.read_text(encoding="utf-8")).get("packages", [])
        except FileNotFoundError as error:
            raise EnvironmentBuildError(
                "no such lockfile", where=str(lockfile), hint="write it with `snowbuild lock`"
            ) from error
        except ValueError as error:
            raise EnvironmentBuildError(f"not a lockfile: {error}", where=str(lockfile)) from error
    facts = [str(interpreter), [_without_tool(package) for package in packages], sorted(requirements)]
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _without_tool(package: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in package.items() if key != "tool"}


def _program(place: Path, name: str) -> Path:
    return place / "Scripts" / f"{name}.exe" if os.name == "nt" else place / "bin" / name


def _is_complete(environment: Environment) -> bool:
    # The interpreter is a link, which breaks when the original Python is uninstalled.
    return (environment.folder / MARKER).exists() and environment.python.exists()


def _build(environment: Environment, interpreter: Path, lockfile: Path | None, requirements: Sequence[str]) -> None:
    place = environment.folder
    if place.exists():
        shutil.rmtree(place)
    target = ["--python", str(environment.python), "--compile-bytecode"]
    try:
        _uv(["venv"], "--python", str(interpreter), str(place))
        if lockfile is not None and _has_packages(lockfile):
            _uv(["pip", "sync"], *target, _as_pylock(lockfile, place))
        if requirements:
            _uv(["pip", "install"], *target, "--", *requirements)
        (place / MARKER).touch()
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _has_packages(lockfile: Path) -> bool:
    return bool(parse_toml(lockfile.read_text(encoding="utf-8")).get("packages"))


def _as_pylock(lockfile: Path, place: Path) -> str:
    """The path to hand to uv, which recognizes a PEP 751 file only by its name."""
    if re.fullmatch(r"pylock(\.[^.]+)?\.toml", lockfile.name):
        return str(lockfile.absolute())
    copy = place / "pylock.toml"
    shutil.copyfile(lockfile, copy)
    return str(copy)


def _uv(command: Sequence[str], *arguments: str) -> None:
    from uv import find_uv_bin

    options = ["--no-config", "--quiet", "--no-python-downloads"]
    environ = {name: value for name, value in os.environ.items() if name in KEPT or not SCRUBBED.match(name)}
    # A package index that does not answer is not going to within the four attempts that are uv's default.
    environ.setdefault("UV_HTTP_RETRIES", "1")
    done = subprocess.run(
        [find_uv_bin(), *command, *options, *arguments],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise explain(done.stderr)


def explain(stderr: str) -> EnvironmentBuildError | DigestMismatchError:
    """Turn uv's output into an error; pure."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", stderr).strip()
    mismatch = re.search(
        r"Hash mismatch for `([^`]+)`.*?Expected:\s+sha256:([0-9a-f]{64}).*?Computed:\s+sha256:([0-9a-f]{64})",
        text,
        re.DOTALL,
    )
    if mismatch:
        return DigestMismatchError(
            mismatch[1],
            expected=mismatch[2],
            actual=mismatch[3],
            hint="the index or the local wheel changed; if that was intended, run "
            "`snowbuild lock --upgrade-package NAME`",
        )
    failed = re.search(r"Failed to (?:download|fetch|read|build|install)[^`\n]*`([^`]+)`", text)
    where = failed[1] if failed else None
    unreachable = re.search(r"error sending request|client error \(Connect\)|dns error|operation timed out", text)
    if unreachable:
        url = re.search(r"https?://[^\s`)]+", text)
        place = f": {_host(url[0])}" if url else ""
        return EnvironmentBuildError(
            f"the package index cannot be reached{place}", where=where, hint="check the network and try again"
        )
    if re.search(r"network (?:connectivity )?(?:is|was) disabled", text, re.IGNORECASE):
        return EnvironmentBuildError(
            "not in uv's cache, and the network is switched off", where=where, hint="unset UV_OFFLINE and try again"
        )
    lines = [line.strip().removeprefix("error: ").removeprefix("cause: ") for line in text.splitlines() if line.strip()]
    return EnvironmentBuildError("\n  ".join(lines) or "uv exited without any output", where=where)


def _host(url: str) -> str:
    from urllib.parse import urlsplit

    return urlsplit(url).hostname or url
