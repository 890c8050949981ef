"""Which staged files nobody needs any longer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snowbuild.plan import Observed, ObservedFile
from snowbuild.plan.garbage import garbage
from snowbuild.plan.record import to_file
from tests.plan.cases import desired_from, record_of

RECORDS = [
    record_of(desired_from({"desired": {"files": {f"modules/{digit}/f.py": 10, "models/a/m.zip": 10}}}), number)
    for number, digit in enumerate("bcd", 1)
]
PATHS = sorted({f.path for r in RECORDS for f in r.desired.files} | {to_file(r)[0] for r in RECORDS})
FILES = tuple(ObservedFile(path=p, size=10) for p in PATHS)


def removed(keep: int, imports: tuple[str, ...] = (), files: tuple[ObservedFile, ...] = FILES) -> list[str]:
    return [f.path for f in garbage("forecast", files, RECORDS, imports, keep=keep)]


def test_kept_deployments_keep_their_files() -> None:
    assert removed(3) == []
    assert removed(2) == [to_file(RECORDS[0])[0], "forecast/modules/bbbbbbbbbbbbbbbb/f.py"]


def test_the_newest_deployment_is_always_kept() -> None:
    assert removed(0) == removed(1)
    assert "forecast/modules/dddddddddddddddd/f.py" not in removed(0)


def test_what_a_function_imports_stays() -> None:
    imports = ('[\'@"DB"."SC"."ST"/forecast/modules/bbbbbbbbbbbbbbbb/f.py\']',)
    assert removed(1, imports) == [to_file(r)[0] for r in RECORDS[:2]] + ["forecast/modules/cccccccccccccccc/f.py"]


def test_never_outside_of_the_projects_folder() -> None:
    files = tuple(ObservedFile(path=p, size=1) for p in ("other/modules/b/f.py", "forecast2/x", "forecast", "x"))
    assert removed(1, files=files) == []


def test_leftovers_go() -> None:
    leftover = ObservedFile(path="forecast/wheels/eeeeeeeeeeeeeeee/a.whl", size=1)
    assert removed(3, files=(*FILES, leftover)) == [leftover.path]


def test_what_was_pushed_for_the_next_deployment_stays() -> None:
    pushed = ObservedFile(path="forecast/wheels/eeeeeeeeeeeeeeee/a.whl", size=1)
    assert garbage("forecast", (*FILES, pushed), RECORDS, (), keep=3, wanted=[pushed.path]) == ()


@given(st.integers(1, 5))
def test_what_is_kept_can_still_be_rolled_back_to(keep: int) -> None:
    left = set(Observed(files=FILES).paths) - set(removed(keep))
    assert all(f.path in left for r in RECORDS[-keep:] for f in r.desired.files)
