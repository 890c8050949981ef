"""Options and fixtures of all tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_socket
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# The machines that run this are shared: how long one example takes says nothing.
settings.register_profile("snowbuild", deadline=None)
settings.load_profile("snowbuild")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update`."""
    parser.addoption("--update", action="store_true", help="write the golden files anew instead of comparing")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Block sockets, except for tests that say that they open them."""
    if any(item.get_closest_marker(mark) for mark in ("integration", "slow")):
        pytest_socket.enable_socket()
    else:
        pytest_socket.disable_socket(allow_unix_socket=True)


def pytest_runtest_teardown() -> None:
    """Let fixtures of longer scopes close their sockets."""
    pytest_socket.enable_socket()


@pytest.fixture(scope="session")
def update(pytestconfig: pytest.Config) -> bool:
    """Whether golden files are to be written."""
    return bool(pytestconfig.getoption("--update"))


@pytest.fixture(scope="session")
def golden(update: bool) -> Callable[[Path, str], None]:
    """Compare a text with a file, or write it with `--update`."""

    def compare(path: Path, actual: str) -> None:
        if update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(actual.encode())
        assert actual == path.read_bytes().decode(), f"{path.name} differs; `pytest --update` writes it anew"

    return compare
