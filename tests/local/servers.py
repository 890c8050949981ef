"""A real local Snowflake and sessions on it, for any test: import the fixtures into a conftest.py."""

from __future__ import annotations

import contextlib
import itertools
import re
import warnings
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from snowbuild.local import Rendezvous, connection_parameters, down, up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from snowflake.snowpark import Row, Session

PANDAS = f"pandas=={version('pandas')}"
"""The one package that functions under test ask for, so that they share an environment."""

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def local_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rendezvous]:
    """One server for the whole run, in a folder whose name has a space and a quote."""
    root = tmp_path_factory.mktemp("local server's")
    yield up(root, idle_minutes=10)
    down(root)


def open_session(server: Rendezvous, **more: object) -> Session:
    """A Snowpark session; the caller closes it, while the server runs: clients try to log out for minutes."""
    with warnings.catch_warnings():
        # Importing Snowpark's dependencies warns of things that are theirs to mend.
        warnings.simplefilter("ignore")
        from snowflake.snowpark import Session

        opened: Session = Session.builder.configs({**connection_parameters(server), **more}).create()
    return opened


@pytest.fixture
def session(local_server: Rendezvous) -> Iterator[Session]:
    """A session in a schema of its own, which has a stage FILES."""
    schema = f"TEST_{next(_numbers)}"
    opened = open_session(local_server, schema=schema)
    with contextlib.closing(opened):
        opened.sql("CREATE STAGE files").collect()
        yield opened


@pytest.fixture
def stage_file(session: Session, tmp_path: Path) -> Callable[[str, str | bytes], None]:
    """Put a file on the stage FILES, under a path below it."""

    def put(path: str, content: str | bytes) -> None:
        folder, _, name = path.rpartition("/")
        local = tmp_path / name
        local.write_bytes(content if isinstance(content, bytes) else content.encode())
        session.file.put(str(local), f"@files/{folder}", auto_compress=False, overwrite=True)

    return put


@pytest.fixture
def rows(session: Session) -> Callable[[str], list[Row]]:
    """Run a statement."""
    return lambda sql: session.sql(sql).collect()


@pytest.fixture
def value(session: Session) -> Callable[[str], object]:
    """The one value that a query gives."""

    def run(sql: str) -> object:
        ((only,),) = session.sql(sql).collect()
        return only

    return run


@pytest.fixture
def refused(session: Session) -> Callable[[str], str]:
    """The message of the error that a statement gives, without its numbers."""

    def run(sql: str) -> str:
        from snowflake.snowpark.exceptions import SnowparkSQLException

        with pytest.raises(SnowparkSQLException) as caught:
            session.sql(sql).collect()
        return re.sub(r"\d{6} \(\w{5}\): ", "", str(caught.value.raw_message), count=1)

    return run
