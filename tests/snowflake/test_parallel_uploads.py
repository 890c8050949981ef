"""Files that go up at once arrive where they belong."""

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
    from pathlib import Path

pytestmark = pytest.mark.integration

FILES = 100


def test_every_file_has_its_own_place(tmp_path: Path) -> None:
    contents = {f"f{n}.bin": str(n).encode() * 100 * (1 + n % 7) for n in range(FILES)}
    files = [
        StagedFile(path=f"p/wheels/{sha256_bytes(data)[:16]}/{name}", sha256=sha256_bytes(data), size=len(data))
        for name, data in contents.items()
    ]
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    root = tmp_path / "local"
    config = TargetConfig(name="local", database="LOCAL", schema="PUBLIC", stage="PARALLEL")
    try:
        with connect(config, {}, local.connection_parameters(local.up(root))) as session:
            target = SnowflakeTarget(session, config)
            target.create_stage()
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda f: target.upload(tmp_path / f.filename, f), files))
            assert target.observe("p").paths == {f.path for f in files}
            assert all(sha256_bytes(target.read(f.path)) == f.sha256 for f in files)
    finally:
        local.down(root)
