"""Files arrive where they belong, whatever else goes up at the time and wherever they come from."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from snowbuild import local
from snowbuild.config import TargetConfig
from snowbuild.digest import sha256_bytes
from snowbuild.plan import StagedFile
from snowbuild.snowflake.connection import connect
from snowbuild.snowflake.target import SnowflakeTarget

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.integration

FILES = 100
ODD = ("it's here", 'say "so"', "100%20", "a[b]c", "a*b", "a?b", "é ü", "$HOME", "a;b", "~", "a\\b")


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnowflakeTarget]:
    """A stage of a local Snowflake."""
    root = tmp_path_factory.mktemp("uploads") / "local"
    config = TargetConfig(name="local", database="LOCAL", schema="PUBLIC", stage="UPLOADS")
    try:
        with connect(config, {}, local.connection_parameters(local.up(root))) as session:
            opened = SnowflakeTarget(session, config)
            opened.create_stage()
            yield opened
    finally:
        local.down(root)


def staged(project: str, name: str, data: bytes) -> StagedFile:
    """Where a file belongs."""
    digest = sha256_bytes(data)
    return StagedFile(path=f"{project}/wheels/{digest[:16]}/{name}", sha256=digest, size=len(data))


def test_every_file_has_its_own_place(target: SnowflakeTarget, tmp_path: Path) -> None:
    contents = {f"f{n}.bin": str(n).encode() * 100 * (1 + n % 7) for n in range(FILES)}
    files = [staged("p", name, data) for name, data in contents.items()]
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda f: target.upload(tmp_path / f.filename, f), files))
    assert target.observe("p").paths == {f.path for f in files}
    assert all(sha256_bytes(target.read(f.path)) == f.sha256 for f in files)


def test_the_folder_on_this_machine_may_have_any_name(target: SnowflakeTarget, tmp_path: Path) -> None:
    files = [staged("odd", f"f{n}.bin", name.encode()) for n, name in enumerate(ODD)]
    for name, file in zip(ODD, files, strict=True):
        (tmp_path / name).mkdir()
        (tmp_path / name / file.filename).write_bytes(name.encode())
        target.upload(tmp_path / name / file.filename, file)
    assert [target.read(f.path).decode() for f in files] == [*ODD]
