"""Reading wheels while the resolver is still working, so that less is left to do afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from snowbuild.resolve.sources import is_staged_anyway
from snowbuild.resolve.staging import wheel_to_look_into
from snowbuild.wheels.filename import Fit

if TYPE_CHECKING:
    from snowbuild.resolve.child.metadata import Metadata
    from snowbuild.resolve.child.pages import IndexFile
    from snowbuild.resolve.child.projects import Release
    from snowbuild.resolve.values import ResolveRequest

THREADS = 2
"""Few threads, because whatever the resolver waits for comes first."""


class LookAhead:
    """Reads the wheels of the versions that the resolver tries, if they would go on the stage.

    It mostly keeps the first version that it tries; later ones wait for the result. Nothing depends on what is found
    here: when it is needed, it is found again in no time.
    """

    def __init__(self, request: ResolveRequest, metadata: Metadata) -> None:
        self._request = request
        self._metadata = metadata
        self._fit = Fit(request.runtime)
        self._names: set[str] = set()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="ahead")

    def tried(self, release: Release) -> None:
        """Called when the resolver tries a release."""
        if release.name in self._names or release.nearest or not is_staged_anyway(release.name, self._request):
            return
        self._names.add(release.name)
        wanted = wheel_to_look_into((file.wheel.filename for file in release.wheels), self._request, self._fit)
        for file in release.wheels:
            # A wheel without a digest would be fetched whole, to compute its digest.
            if file.wheel.filename == wanted and file.sha256 is not None:
                with suppress(RuntimeError):  # The pool is shut down: the resolution is over.
                    self._pool.submit(self._look, file)

    def stop(self) -> None:
        """Start no more reads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _look(self, file: IndexFile) -> None:
        # Any error here occurs again when the wheel is needed, and is reported then.
        with suppress(Exception):
            self._metadata.compiled(file)
