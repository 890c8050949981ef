"""Runs the resolver in a separate process, isolated from the caller's environment."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec

from snowbuild.errors import ResolutionError
from snowbuild.resolve.redact import redacted, secrets_of
from snowbuild.resolve.values import Answer, Question

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from snowbuild.resolve.values import Resolved, ResolveRequest

# What a process needs in order to run and reach the network; everything else is left out.
KEPT = frozenset(
    (
        *("HOME", "USERPROFILE", "PATH", "SYSTEMROOT", "SYSTEMDRIVE", "TMPDIR", "TEMP", "TMP"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    )
)


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The child's environment variables: those that are kept, plus fixed ones. Pure."""
    kept = {name: value for name, value in environment.items() if name.upper() in KEPT}
    # A fixed hash seed: resolvelib and pip iterate over sets, whose order must not depend on the run.
    return kept | {"PIP_CONFIG_FILE": os.devnull, "PYTHONHASHSEED": "0"}


def run(request: ResolveRequest, cache: Path) -> tuple[Resolved, ...]:
    """Ask the child.

    Raises:
        ResolutionError: there was no answer, or it reports a failure.
    """
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise ResolutionError(
            f"the cache cannot be written: {exc.strerror}",
            where=str(cache),
            hint="set SNOWBUILD_CACHE_DIR to use another folder",
        ) from exc
    question = Question(request=request, cache=str(cache.absolute()))
    done = subprocess.run(
        # -P keeps the current directory off sys.path, -s the user's site-packages.
        [sys.executable, "-P", "-s", "-W", "ignore", "-m", "snowbuild.resolve.child"],
        input=msgspec.json.encode(question),
        capture_output=True,
        env=child_environment(os.environ),
        cwd=cache,
        check=False,
    )
    try:
        answer = msgspec.json.decode(done.stdout, type=Answer)
    except (msgspec.DecodeError, msgspec.ValidationError) as exc:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        reason = redacted(lines[-1], secrets_of(request.index_urls))
        raise ResolutionError(f"the resolver stopped without an answer: {reason}") from exc
    if answer.failure is not None:
        problem = answer.failure
        raise ResolutionError(problem.message, where=problem.where, hint=problem.hint)
    return answer.distributions
