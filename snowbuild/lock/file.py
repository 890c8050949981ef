"""The lockfile on disk."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from snowbuild.codec import parse_toml
from snowbuild.errors import SnowbuildError, StaleLockError
from snowbuild.files.atomic import write_atomically
from snowbuild.lock.document import from_document, to_document

if TYPE_CHECKING:
    from pathlib import Path

    from tomlkit import TOMLDocument

    from snowbuild.codec import Plain
    from snowbuild.lock.values import Lock

RELOCK = "restore it from version control, or delete it and run `snowbuild lock`"
CONFLICT = "it has merge conflicts: take one side with `git checkout --theirs {}`, then run `snowbuild lock`"


def read_lock(path: Path) -> Lock:
    """Read and check a lockfile.

    Raises:
        StaleLockError: missing, cut off, edited by hand, or not valid under PEP 751; says where.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise StaleLockError("no such file", where=path.name, hint="run `snowbuild lock`") from None
    except OSError as exc:
        raise StaleLockError(f"cannot be read: {exc.strerror}", where=path.name) from exc
    except UnicodeDecodeError as exc:
        raise StaleLockError("not UTF-8", where=path.name, hint=RELOCK) from exc
    return parse_lock(text, path.name)


def parse_lock(text: str, name: str) -> Lock:
    """Read a lockfile's text; `name` is its name in errors.

    Raises:
        StaleLockError: as `read_lock`.
    """
    try:
        document = parse_toml(text)
    except ValueError as exc:
        # What was locked on one side stays locked; without the file, everything would be resolved again.
        hint = CONFLICT.format(name) if "\n<<<<<<< " in text else RELOCK
        raise StaleLockError(f"not TOML: {exc}", where=name, hint=hint) from exc
    try:
        validate(document)
        return from_document(document)
    except StaleLockError as exc:
        raise StaleLockError.of(
            replace(p, where=f"{name}: {p.where}" if p.where else name, hint=p.hint or RELOCK) for p in exc.problems
        ) from exc


def validate(document: Plain) -> None:
    """Check against PEP 751.

    Raises:
        StaleLockError: what `packaging` reports, with the key.
    """
    # Imported late: it takes longer than everything else in a command that has nothing to do.
    from packaging.pylock import Pylock, PylockUnsupportedVersionError, PylockValidationError

    try:
        Pylock.from_dict(document)
    except PylockUnsupportedVersionError as exc:
        raise StaleLockError(str(exc), where="lock-version") from exc
    except PylockValidationError as exc:
        raise StaleLockError(exc.message, where=exc.context) from exc


def lock_text(lock: Lock) -> str:
    """The bytes of the lockfile, as text: the same for the same lock on every host."""
    return document_text(to_document(lock), "Written by `snowbuild lock`. Commit it; do not edit it.")


def document_text(plain: Plain, comment: str) -> str:
    """The tables of a PEP 751 file as text, below a comment.

    Raises:
        StaleLockError: they are not valid.
    """
    import tomlkit

    validate(plain)
    document = tomlkit.document()
    document.add(tomlkit.comment(comment))
    for key in ("lock-version", "requires-python", "created-by"):
        document.add(key, plain[key])
    _add_packages(document, plain["packages"])
    if "tool" in plain:
        document.add("tool", _tool(plain["tool"]))
    return tomlkit.dumps(document)


def write_lock(path: Path, lock: Lock) -> bool:
    """Write the lockfile in one step; False, with nothing touched, if its bytes are the same.

    Raises:
        SnowbuildError: the folder cannot be written to.
    """
    data = lock_text(lock).encode()
    try:
        if path.exists() and path.read_bytes() == data:
            return False
        write_atomically(path, data)
    except OSError as exc:
        raise SnowbuildError(f"cannot be written: {exc.strerror}", where=path.name) from exc
    return True


def _add_packages(document: TOMLDocument, packages: list[Plain]) -> None:
    import tomlkit

    tables = tomlkit.aot()
    for package in packages:
        table = tomlkit.table()
        for key, value in package.items():
            if key == "wheels":
                table.add(key, _lines(value))
            elif key == "tool":
                table.add(key, _tool(value))
            else:
                table.add(key, value)
        tables.append(table)
    document.add("packages", tables)


def _tool(tool: Plain) -> Any:
    """The table `tool`, without a header."""
    import tomlkit

    outer = tomlkit.table(is_super_table=True)
    outer.add("snowbuild", _table(tool["snowbuild"]))
    return outer


def _table(plain: Plain) -> Any:
    import tomlkit

    table = tomlkit.table()
    for key, value in _scalars_first(plain).items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            tables = tomlkit.aot()
            for item in value:
                tables.append(_table(item))
            table.add(key, tables)
        elif isinstance(value, dict):
            table.add(key, _table(value))
        else:
            table.add(key, value)
    return table


def _scalars_first(plain: Plain) -> Plain:
    # TOML assigns a key after a table's header to that table.
    def is_table(value: Any) -> bool:
        return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))

    return dict(sorted(plain.items(), key=lambda item: is_table(item[1])))


def _lines(wheels: list[Plain]) -> Any:
    """An array of inline tables, one per line, so that a changed wheel is one changed line in review."""
    import tomlkit

    array = tomlkit.array()
    for wheel in wheels:
        inline = tomlkit.inline_table()
        inline.update(wheel)
        array.append(inline)
    return array.multiline(True)
