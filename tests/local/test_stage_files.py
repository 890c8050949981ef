"""Files on stages: complete or absent, whatever their names."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from snowbuild.local.state.stages import StageFiles, write
from snowbuild.local.values.names import StagePath

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

STAGE = StagePath(database="D", schema="S", stage="F", path="")


def test_an_upload_is_not_listed_before_it_is_complete(tmp_path: Path) -> None:
    files = StageFiles(tmp_path)
    target = files.folder(STAGE) / ".hidden.part"
    listed = []

    async def chunks() -> AsyncIterator[bytes]:
        for chunk in (b"one", b"two"):
            listed.append(files.list(STAGE))
            yield chunk

    asyncio.run(write(target, chunks()))

    assert listed == [[], []]
    assert [staged.path for staged in files.list(STAGE)] == [".hidden.part"]
    assert target.read_bytes() == b"onetwo"
