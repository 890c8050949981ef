"""Who deploys, when, and from which commit."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from snowbuild.plan import Provenance

if TYPE_CHECKING:
    from pathlib import Path

    from snowbuild.snowflake.target import SnowflakeTarget


def provenance_of(target: SnowflakeTarget, root: Path, *, rollback_to: int | None = None) -> Provenance:
    """What a deployment record says about where it came from."""
    user, role = target.who()
    return Provenance(
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        user=user,
        role=role,
        commit=_commit(root),
        rollback_to=rollback_to,
    )


def _commit(root: Path) -> str | None:
    head = _git(root, "rev-parse", "HEAD")
    if not head:
        return None
    return f"{head}+" if _git(root, "status", "--porcelain", "--untracked-files=no") else head


def _git(root: Path, *arguments: str) -> str:
    try:
        ran = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""
