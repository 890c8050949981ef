"""One deployment at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from snowbuild.apply.lease import Holder, LeaseTakenError, lease
from snowbuild.errors import ApplyError, TargetError

MINE = Holder(who="me@here, process 1", since="2026-11-01T12:00:00+00:00")
OTHER = Holder(who="ci@there, process 2", since="2026-11-01T11:59:00+00:00")


@dataclass
class MemoryLeases:
    """Leases in a dictionary."""

    held: dict[str, Holder] = field(default_factory=dict)

    def take(self, project: str, holder: Holder) -> bool:
        return self.held.setdefault(project, holder) is holder

    def holder(self, project: str) -> Holder | None:
        return self.held.get(project)

    def release(self, project: str) -> None:
        self.held.pop(project, None)


def test_held_for_the_time_of_the_block() -> None:
    leases = MemoryLeases()
    with lease(leases, "p", MINE):
        assert leases.held == {"p": MINE}
    assert leases.held == {}


def test_given_back_on_every_way_out() -> None:
    leases = MemoryLeases()
    with pytest.raises(KeyboardInterrupt), lease(leases, "p", MINE):
        raise KeyboardInterrupt
    assert leases.held == {}


def test_taken() -> None:
    leases = MemoryLeases({"p": OTHER})
    with pytest.raises(LeaseTakenError) as refusal, lease(leases, "p", MINE):
        pytest.fail("not ours")
    assert str(refusal.value) == (
        "p: another deployment is under way, held by ci@there, process 2 since 2026-11-01T11:59:00+00:00\n"
        "hint: try again when it has finished; if its process has died, run `snowbuild unlock`"
    )
    assert leases.held == {"p": OTHER}


def test_who_could_wait_is_told_how() -> None:
    with pytest.raises(LeaseTakenError) as refusal, lease(MemoryLeases({"p": OTHER}), "p", MINE, wait_s=0):
        pytest.fail("not ours")
    assert refusal.value.problems[0].hint == "wait for it with --wait; if its process has died, run `snowbuild unlock`"


def test_other_projects_do_not_count() -> None:
    leases = MemoryLeases({"q": OTHER})
    with lease(leases, "p", MINE):
        assert leases.held == {"p": MINE, "q": OTHER}


def test_waits_until_it_is_given_back() -> None:
    leases = MemoryLeases({"p": OTHER})
    seen: list[Holder] = []
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            leases.release("p")

    with lease(leases, "p", MINE, wait_s=60, on_wait=seen.append, sleep=sleep):
        assert leases.held == {"p": MINE}
    assert seen == [OTHER]
    assert len(slept) == 3


def test_waits_no_longer_than_asked() -> None:
    slept: list[float] = []
    with pytest.raises(LeaseTakenError), lease(MemoryLeases({"p": OTHER}), "p", MINE, wait_s=5, sleep=slept.append):
        pytest.fail("not ours")
    assert sum(slept) == 6


def test_a_lease_that_nobody_is_seen_to_hold_is_not_asked_for_for_ever() -> None:
    class Hidden(MemoryLeases):
        def holder(self, project: str) -> Holder | None:
            assert project == "p"
            return None

    slept: list[float] = []
    with (
        pytest.raises(LeaseTakenError) as refusal,
        lease(Hidden({"p": OTHER}), "p", MINE, wait_s=4, sleep=slept.append),
    ):
        pytest.fail("not ours")
    assert refusal.value.problems[0].message == (
        "another deployment is under way, held by someone this role cannot see since an unknown time"
    )
    assert sum(slept) == 4


def test_a_lease_that_cannot_be_given_back_hides_no_error() -> None:
    class Broken(MemoryLeases):
        def release(self, project: str) -> None:
            raise TargetError(f"{project}: connection lost")

    told: list[TargetError] = []
    with pytest.raises(ApplyError, match="the cause"), lease(Broken(), "p", MINE, on_stuck=told.append):
        raise ApplyError("the cause")
    with lease(Broken(), "p", MINE, on_stuck=told.append):
        pass
    assert [str(error) for error in told] == ["p: connection lost", "p: connection lost"]


def test_a_lease_that_was_taken_from_us_is_not_given_back() -> None:
    leases = MemoryLeases()
    with lease(leases, "p", MINE):
        leases.held["p"] = OTHER
    assert leases.held == {"p": OTHER}
