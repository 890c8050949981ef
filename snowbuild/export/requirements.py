"""Lock → a requirements file with digests."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snowbuild.distribution import Distribution
    from snowbuild.lock.values import Lock

HEADER = """\
# Written by `snowbuild export`, for Python {python}. Install all of it, without resolving dependencies:
#   pip install --require-hashes --no-deps -r FILE"""

PATHS = "# from this file's folder: the paths of wheels are relative to where pip runs."


def requirements_text(lock: Lock) -> str:
    """Every distribution with the digests of all its wheels, and the indexes unless they are the default.

    What only the package service has is named in a comment, because nothing could install it.
    """
    lines = [HEADER.format(python=lock.python.rpartition(".")[0])]
    lines += [PATHS] if any(w.path for d in lock.distributions for w in d.wheels) else []
    lines += _index_lines(lock)
    for distribution in lock.distributions:
        lines += _lines(distribution)
    return "\n".join(lines) + "\n"


def _index_lines(lock: Lock) -> Iterator[str]:
    """The main index, which most distributions come from, then the others.

    A requirements file cannot tie a distribution to its index. The digests can: a different file that another index
    offers under the same name is refused.
    """
    counts = Counter(d.index for d in lock.distributions if d.index is not None)
    for number, index in enumerate(sorted(counts, key=lambda index: (-counts[index], index))):
        if number or not _is_default(index):
            yield f"--{'extra-' if number else ''}index-url {index}"


def _lines(distribution: Distribution) -> Iterator[str]:
    if not distribution.wheels:
        yield f"# only the package service has {distribution.service_name} {distribution.service_version}"
        return
    yield " \\\n".join([_what(distribution), *(f"    --hash=sha256:{w.sha256}" for w in distribution.wheels)])


def _what(distribution: Distribution) -> str:
    wheel = distribution.wheels[0]
    if wheel.path is not None:
        # Without a folder it would be taken for a name.
        return wheel.path if wheel.path.startswith("../") else f"./{wheel.path}"
    if distribution.index is None:
        return f"{distribution.name} @ {wheel.url}"
    return f"{distribution.name}=={distribution.version}"


def _is_default(index: str) -> bool:
    # pip is asked: no index is named here.
    from pip._internal.models.index import PyPI

    return index.rstrip("/") == PyPI.simple_url.rstrip("/")
