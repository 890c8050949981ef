"""Which staged files are no longer needed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.plan.record import RECORD_PATH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from snowbuild.plan.values import ObservedFile, Record


def garbage(
    project: str,
    files: Iterable[ObservedFile],
    records: Sequence[Record],
    imports: Iterable[str],
    *,
    keep: int,
    wanted: Iterable[str] = (),
) -> tuple[ObservedFile, ...]:
    """The files that no kept deployment and no function's imports mention, including records of other deployments.

    Args:
        project: Files outside its folder are never returned.
        files: What is on the stage.
        records: Every deployment, oldest first.
        imports: What each function of the target says about its imports, in any format.
        keep: How many deployments to keep, from the newest; at least 1.
        wanted: Paths that the next deployment will want, such as what was pushed for it.
    """
    kept = records[-max(keep, 1) :]
    numbers = {r.deployment for r in kept}
    needed = {f.path for r in kept for f in r.desired.files} | set(wanted)
    mentioned = "\n".join(imports)
    return tuple(
        file
        for file in sorted(files, key=lambda f: f.path)
        if file.path.startswith(f"{project}/")
        and file.path not in needed
        # The digest in the path makes it unmistakable in any text.
        and file.path not in mentioned
        and not ((record := RECORD_PATH.fullmatch(file.path)) and int(record["deployment"]) in numbers)
    )
