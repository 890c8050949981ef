"""Conflicts in words."""

from __future__ import annotations

from snowbuild.resolve.child.conflict import Cause, Supply, explain


def test_of_many_versions_that_require_the_same_the_newest_are_told() -> None:
    causes = [
        Cause(name="core", requirement=f"core=={minor}.0", requirer=f"app 1.{minor}", required_by=("top",))
        for minor in range(12)
    ]
    causes += [Cause(name="core", requirement="core<1", requirer=None)]
    supply = Supply(name="core", versions=tuple(f"{n}.0" for n in range(9)), offered=None, found=True)

    failure = explain(causes, [supply], "Python 3.11 on x86_64", None, ("require app==1.0", "take it out"))

    assert failure.message == (
        "no set of versions satisfies the requirements\n"
        "  app 1.10 (required by top) requires core==10.0\n"
        "  app 1.11 (required by top) requires core==11.0\n"
        "  app 1.9 (required by top) requires core==9.0\n"
        "  app in 9 older versions requires other versions of core\n"
        "  snowbuild.toml requires core<1\n"
        "  core: wheels for Python 3.11 on x86_64 exist for 3.0, 4.0, 5.0, 6.0, 7.0, 8.0 and 3 older"
    )
    assert failure.hint == "require app==1.0; or take it out"
