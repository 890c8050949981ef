"""A deprecated Python is told wherever a lockfile is made or used."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from snowbuild.runtime import Architecture, Runtime
from tests.cli.runner import snowbuild

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.integration

CONFIG = '[project]\nname = "p"\n[runtime]\npython = "{}"\n[packages]\nservice = "none"\n'


@pytest.mark.parametrize("python", ["3.10", "3.13"])
def test_lock_warns_of_a_deprecated_python(tmp_path: Path, python: str) -> None:
    (tmp_path / "snowbuild.toml").write_text(CONFIG.format(python))
    notice = Runtime.parse(python, Architecture.X86_64).notice(datetime.now(UTC).date())
    expected = f"warning: {notice.where}: {notice.message}; {notice.hint}\n" if notice else ""

    first = snowbuild(tmp_path, "lock", SNOWBUILD_CACHE_DIR=str(tmp_path / "cache"))
    check = snowbuild(tmp_path, "lock", "--check")

    assert (first.code, first.err) == (
        0,
        f"{expected}wrote pylock.snowbuild.toml: 0 distributions, 0 models, 0 functions\n",
    )
    assert (check.code, check.err) == (0, f"{expected}pylock.snowbuild.toml is up to date\n")
    assert str(datetime.now(UTC).year) not in (tmp_path / "pylock.snowbuild.toml").read_text()
