"""pip's requirements files: the parts that say what is required."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from snowbuild.config.reader import shown
from snowbuild.config.requirements import URL, LocalWheelPath
from snowbuild.edit.names import name_of
from snowbuild.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMENT = re.compile(r"(^|\s)#.*$")
SOURCE = re.compile(r"^[./~]|\.(tar\.gz|tgz|tar\.bz2|zip)$")
VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")

WHEEL = "build a wheel and add that"

NESTED = {"-r": False, "--requirement": False, "-c": True, "--constraint": True}
"""Options that name another file → whether that file holds constraints."""

ADVICE = {
    "-i": "put it under dependencies.index-urls",
    "--index-url": "put it under dependencies.index-urls",
    "--extra-index-url": "put it under dependencies.index-urls",
    "--pre": "set dependencies.prereleases = true",
    "--hash": "the lockfile already records the digest of every wheel",
    "--require-hashes": "the lockfile already records the digest of every wheel",
    "--only-binary": "only wheels are ever used",
    "--prefer-binary": "only wheels are ever used",
}
"""Ignored options → what to do instead."""

IGNORED = {
    "-f", "--find-links", "--no-index", "--no-binary", "--trusted-host", "--use-feature", "--config-settings",
    "--config-setting", "--global-option", "--uploaded-prior-to", "-C",
}  # fmt: skip
"""Ignored options without a counterpart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be added to snowbuild.toml."""

    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    notes: tuple[Problem, ...] = ()
    """What was ignored, and what to do about it."""


@dataclass(frozen=True, slots=True)
class _Line:
    file: Path
    number: int
    text: str

    @property
    def place(self) -> str:
        return f"{self.file}, line {self.number}"


class _Reader:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.requirements: list[str] = []
        self.constraints: list[str] = []
        self.notes: list[Problem] = []
        self.problems: list[Problem] = []
        self._open: list[Path] = []

    def read(self, file: Path, *, constraints: bool = False, named_in: str | None = None) -> None:
        place = file.resolve()
        if place in self._open:
            self.problems.append(Problem(message=f"includes itself: {file}", where=named_in))
            return
        try:
            text = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.problems.append(Problem(message="not UTF-8", where=str(file), hint="save the file as UTF-8"))
        except OSError as exc:
            what = "no such file" if isinstance(exc, FileNotFoundError) else f"cannot be read: {exc.strerror}"
            message = what if named_in is None else f"{what}: {file}"
            self.problems.append(Problem(message=message, where=named_in or str(file)))
        else:
            self._open.append(place)
            for line in _lines(file, text):
                self._line(line, constraints=constraints)
            self._open.pop()

    def _line(self, line: _Line, *, constraints: bool) -> None:
        if VARIABLE.search(line.text):
            self._problem(line, "environment variables are not supported", "write the value instead")
        elif line.text.startswith("-"):
            self._option(line, constraints=constraints)
        else:
            text, *options = re.split(r"\s+(?=--[a-z])", line.text)
            for option in options:
                self._note(line, re.split(r"[\s=]", option)[0])
            self._requirement(line, " ".join(text.split()), constraints=constraints)

    def _option(self, line: _Line, *, constraints: bool) -> None:
        option, value = _split(line.text)
        if option in NESTED:
            file = Path(os.path.normpath(line.file.parent / value))
            self.read(file, constraints=constraints or NESTED[option], named_in=line.place)
        elif option in ("-e", "--editable"):
            self._problem(line, f"editable projects are not supported: {shown(value)}", WHEEL)
        elif option in ADVICE or option in IGNORED:
            self._note(line, option)
        else:
            self._problem(line, f"unknown option: {option}", None)

    def _requirement(self, line: _Line, text: str, *, constraints: bool) -> None:
        wheel = LocalWheelPath.parse(text)
        if wheel is None and SOURCE.search(text):
            self._problem(line, f"only wheels can be used: {shown(text)}", WHEEL)
            return
        try:
            _check(text)
        except ConfigError as exc:
            problem = exc.problems[0]
            self._problem(line, problem.message, problem.hint)
            return
        found = text if wheel is None else from_root(wheel, line.file.parent, self.root)
        wanted = self.constraints if constraints else self.requirements
        wanted += [found] if found not in wanted else []

    def _note(self, line: _Line, option: str) -> None:
        note = Problem(message=f"{option} is ignored", where=line.place, hint=ADVICE.get(option))
        same = (note.message, str(line.file))
        # One hash per wheel would be one note per wheel.
        if same not in {(n.message, (n.where or "").rpartition(", line ")[0]) for n in self.notes}:
            self.notes.append(note)

    def _problem(self, line: _Line, message: str, hint: str | None) -> None:
        self.problems.append(Problem(message=message, where=line.place, hint=hint))


def read_requirements_file(path: Path, root: Path) -> Wanted:
    """Read a requirements file and the files that it names; paths of wheels become relative to `root`.

    `-c` files give constraints. Options about how to install are listed in the notes.

    Raises:
        ConfigError: files cannot be read or lines are not supported; one problem for each.
    """
    reader = _Reader(root)
    reader.read(path)
    if reader.problems:
        raise ConfigError.of(reader.problems)
    return Wanted(
        requirements=tuple(reader.requirements), constraints=tuple(reader.constraints), notes=tuple(reader.notes)
    )


def _lines(file: Path, text: str) -> Iterator[_Line]:
    """The non-empty lines, with continuations joined and comments removed in the same order as pip does it."""
    kept, start = "", 0
    for number, line in enumerate([*text.splitlines(), ""], 1):
        start = start if kept else number
        is_comment = line.lstrip().startswith("#")
        # A comment in the middle of a continued line ends it.
        if line.endswith("\\") and not is_comment:
            kept += line[:-1]
            continue
        joined = COMMENT.sub("", f"{kept} {line}" if is_comment and kept else kept + line).strip()
        kept = ""
        if joined:
            yield _Line(file, start, joined)


def _split(text: str) -> tuple[str, str]:
    """`--option=value`, `--option value`, `-ovalue` or `-o value`."""
    short = re.fullmatch(r"(-[a-zA-Z])\s*=?\s*(.*)", text)
    long = re.fullmatch(r"(--[a-z-]+)(?:\s*=\s*|\s+|$)(.*)", text)
    found = long or short
    option, value = (found[1], found[2]) if found else (text, "")
    try:
        return option, " ".join(shlex.split(value))
    except ValueError:
        return option, value


def _check(text: str) -> None:
    name_of(text)
    if not URL.match(text) and LocalWheelPath.parse(text) is None and (url := Requirement(text).url) is not None:
        # Neither a repository nor a source archive can be used.
        name_of(url)


def from_root(wheel: LocalWheelPath, folder: Path, root: Path) -> str:
    """A wheel with a path relative to `folder`, as snowbuild.toml has it: relative to `root`, with forward slashes."""
    path = Path(os.path.relpath((folder / wheel.path).resolve(), root.resolve())).as_posix()
    return str(wheel._replace(path=path))
