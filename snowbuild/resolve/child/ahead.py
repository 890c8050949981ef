"""Looking into wheels while the resolver still works, so that less is left to do behind it."""

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
"""Few, because what the resolver waits for comes first."""


class LookAhead:
    """Looks into the wheels of what the resolver tries, as far as they would go on the stage.

    What it tries first of a distribution it mostly keeps; later versions wait for the result. Nothing depends on what
    is found here: it is found again, in no time, when it is asked for.
    """

    def __init__(self, request: ResolveRequest, metadata: Metadata) -> None:
        self._request = request
        self._metadata = metadata
        self._fit = Fit(request.runtime)
        self._names: set[str] = set()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="ahead")

    def tried(self, release: Release) -> None:
        """The resolver has turned to a release."""
        if release.name in self._names or release.nearest or not is_staged_anyway(release.name, self._request):
            return
        self._names.add(release.name)
        wanted = wheel_to_look_into((file.wheel.filename for file in release.wheels), self._request, self._fit)
        for file in release.wheels:
            # One without a digest would be fetched whole, for its digest as well.
            if file.wheel.filename == wanted and file.sha256 is not None:
                with suppress(RuntimeError):  # The pool has been shut down: the resolution is over.
                    self._pool.submit(self._look, file)

    def stop(self) -> None:
        """Begin with nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _look(self, file: IndexFile) -> None:
        # Whatever goes wrong here goes wrong again when the wheel is asked for, and is reported then.
        with suppress(Exception):
            self._metadata.compiled(file)
