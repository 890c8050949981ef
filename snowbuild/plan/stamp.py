"""The stamp in a function's COMMENT: which project made it, in which deployment, from which definition.

It makes interrupted deployments converge: each function says what it is, whether or not the deployment that made it got
as far as its record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

STAMP = re.compile(
    r"(?:.* )?\[snowbuild (?P<project>\S+) deployment (?P<deployment>\d+) definition (?P<definition>[0-9a-f]{16})\]",
    re.DOTALL,
)


ADOPTED = "0" * 16
"""The definition of an adopted function: different from all others, so the next deployment replaces it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Who made a function."""

    project: str
    deployment: int
    definition: str
    """The first 16 hex digits of the definition's digest."""

    def comment(self, text: str | None) -> str:
        """The user's own comment, followed by the stamp."""
        stamp = f"[snowbuild {self.project} deployment {self.deployment} definition {self.definition}]"
        return f"{text} {stamp}" if text else stamp


def read_stamp(comment: str) -> Stamp | None:
    """The stamp in a comment; None for a function that snowbuild did not make."""
    match = STAMP.fullmatch(comment)
    if match is None:
        return None
    return Stamp(project=match["project"], deployment=int(match["deployment"]), definition=match["definition"])
