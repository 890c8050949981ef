"""Requirements → distributions, each with its source: pip-tools in a separate process.

Importing this package imports neither pip nor pip-tools; only the child process does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snowbuild.resolve.process import run
from snowbuild.resolve.request import inputs_digest, request_of
from snowbuild.resolve.staging import assemble, requirement_chains
from snowbuild.resolve.values import ResolveRequest

if TYPE_CHECKING:
    from pathlib import Path

    from snowbuild.distribution import Distribution

__all__ = [
    "ResolveRequest",
    "inputs_digest",
    "request_of",
    "requirement_chains",
    "resolve",
]


def resolve(request: ResolveRequest, *, cache: Path) -> tuple[Distribution, ...]:
    """Choose versions, find their wheels and decide the source of each distribution; sorted by name.

    The same request against the same indexes gives the same distributions on every host. `cache` is a folder for
    index pages and metadata, which projects may share.

    Raises:
        ResolutionError: no set of versions satisfies the requirements, an index or a wheel cannot be used, or
            wheels with compiled code would go on the stage although `native-wheels` denies them.
    """
    return assemble(run(request, cache), request)
