"""Questions, and their answers."""

from __future__ import annotations

import io
import sys

import pytest

from snowbuild.cli import console
from snowbuild.errors import SnowbuildError


class Terminal(io.StringIO):
    """Somebody who can answer."""

    def isatty(self) -> bool:
        """As for every terminal."""
        return True


def test_an_answer_of_no_is_no_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    said = Terminal()
    monkeypatch.setattr(sys, "stdin", Terminal("y\nn\n"))
    monkeypatch.setattr(sys, "stderr", said)
    console.confirm("Apply?", about="1 action", yes=False)
    with pytest.raises(SnowbuildError) as refusal:
        console.confirm("Apply?", about="1 action", yes=False)
    assert str(refusal.value) == "cancelled; nothing was done"
    assert said.getvalue() == "Apply? [y/N]: " * 2
