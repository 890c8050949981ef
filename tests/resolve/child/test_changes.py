"""Which one change would help."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from snowbuild.config import NativeWheels
from snowbuild.errors import ResolutionError
from snowbuild.resolve.child.changes import nearest
from tests.resolve.child.test_native import ELF
from tests.resolve.conftest import channel_of
from tests.resolve.index import Index, build_wheel

if TYPE_CHECKING:
    from tests.resolve.conftest import Resolve


@pytest.mark.parametrize(
    ("specifier", "expected"),
    [
        ("==1.3", "1.4 1.2 1.1 1.0"),
        ("==1.0", "1.1 1.2 1.3 1.4"),
        ("==1.4", "1.3 1.2 1.1 1.0"),
        (">=1.2,<1.4", "1.4 1.1 1.0"),
        ("==1.2.5", "1.3 1.2 1.4 1.1 1.0"),
        ("==7", "1.4 1.3 1.2 1.1 1.0"),
        ("==0.*", "1.0 1.1 1.2 1.3 1.4"),
        (">=1", ""),
    ],
)
def test_the_nearest_come_first_and_of_two_the_newer(specifier: str, expected: str) -> None:
    known = [Version(f"1.{minor}") for minor in range(5)]

    assert " ".join(map(str, nearest(known, SpecifierSet(specifier)))) == expected


@given(st.sets(st.integers(0, 30)), st.integers(0, 30))
def test_all_that_is_not_allowed_is_tried_once(minors: set[int], pinned: int) -> None:
    known = sorted(Version(f"1.{minor}") for minor in minors)
    specifier = SpecifierSet(f"==1.{pinned}")

    found = nearest(known, specifier)

    assert sorted(found) == [v for v in known if v not in specifier]


@pytest.mark.integration
def test_the_nearest_version_that_resolves_is_named(resolve: Resolve, index: Index) -> None:
    index.add(
        *(build_wheel("App", f"1.{minor}", requires=[f"core==1.{minor}"], extras=["x"]) for minor in range(6)),
        *(build_wheel("core", f"1.{minor}", requires=[f"numpy>={minor}"]) for minor in range(6)),
        build_wheel("numpy", "2.0"),
        build_wheel("numpy", "9.0"),
    )

    with pytest.raises(ResolutionError) as caught:
        resolve("App[x]==1.5", "numpy<8")
    both = str(caught.value)
    with pytest.raises(ResolutionError) as caught:
        resolve("App==1.5", channel=channel_of("numpy==2.0"), native=NativeWheels.DENY)

    assert both == (
        "dependencies: no set of versions satisfies the requirements\n"
        "  core 1.5 (required by app) requires numpy>=5\n"
        "  snowbuild.toml requires numpy<8\n"
        "  numpy: wheels for Python 3.11 on x86_64 exist for 2.0, 9.0\n"
        "hint: require App[x]==1.2, the nearest version that resolves; or require numpy==9.0, the nearest version that "
        "resolves"
    )
    assert str(caught.value) == (
        "dependencies: no set of versions satisfies the requirements\n"
        "  core 1.5 (required by app) requires numpy>=5\n"
        "  numpy: the channel offers 2.0\n"
        "  (the channel's content: a test)\n"
        "hint: require App==1.2, the nearest version that resolves; or let Snowflake install from an artifact "
        'repository with packages.service = "repository", which resolves'
    )


@pytest.mark.integration
def test_a_constraint_in_the_way_is_named(resolve: Resolve, index: Index) -> None:
    index.add(
        build_wheel("app", requires=["numpy>=2"]),
        build_wheel("numpy", "1.0"),
        build_wheel("numpy", "2.0"),
        build_wheel("other"),
    )

    with pytest.raises(ResolutionError) as caught:
        resolve("app", constraints=("numpy<2", "other<5"))

    assert str(caught.value) == (
        "dependencies: no set of versions satisfies the requirements\n"
        "  app 1.0 requires numpy>=2\n"
        "  snowbuild.toml constrains numpy<2\n"
        "  numpy: wheels for Python 3.11 on x86_64 exist for 1.0, 2.0\n"
        "hint: remove numpy<2 from dependencies.constraints, which resolves"
    )


@pytest.mark.integration
def test_where_no_version_helps_none_is_named(resolve: Resolve, index: Index) -> None:
    index.add(
        *(build_wheel("app", version, requires=["numpy<2"]) for version in ("1.0", "2.0")),
        build_wheel("numpy", "2.0"),
    )

    with pytest.raises(ResolutionError) as caught:
        resolve("app==2.0", channel=channel_of("numpy==2.0"), native=NativeWheels.DENY)

    assert str(caught.value) == (
        "dependencies: no set of versions satisfies the requirements\n"
        "  app 2.0 requires numpy<2\n"
        "  numpy: the channel offers 2.0\n"
        "  (the channel's content: a test)\n"
        'hint: require other versions, or ship your own wheels with packages.stage = ["numpy"]'
    )


@pytest.mark.integration
def test_a_version_that_native_wheels_refuses_is_passed_over(resolve: Resolve, index: Index) -> None:
    index.add(
        build_wheel("app", "1.0", requires=["core<2"]),
        build_wheel("app", "2.0", requires=["core<2", "fast"]),
        build_wheel("app", "3.0", requires=["core<2", "hidden"]),
        build_wheel("app", "4.0", requires=["core>=2"]),
        build_wheel("core", "1.0"),
        build_wheel("fast", tag="cp311-cp311-manylinux2014_x86_64"),
        build_wheel("hidden", modules={"hidden/table.dat": ELF}),
    )

    hints = {}
    for native in NativeWheels:
        with pytest.raises(ResolutionError) as caught:
            resolve("app==4.0", native=native)
        hints[native] = caught.value.problems[0].hint

    assert hints == {
        NativeWheels.ALLOW: "require app==3.0, the nearest version that resolves",
        NativeWheels.DENY: "require app==1.0, the nearest version that resolves",
    }


@pytest.mark.integration
def test_where_native_wheels_refuses_all_the_hint_says_so(resolve: Resolve, index: Index) -> None:
    index.add(
        build_wheel("app", "1.0", requires=["core<2", "a", "b", "c", "d", "pure"]),
        build_wheel("app", "2.0", requires=["core>=2"]),
        build_wheel("core", "1.0"),
        build_wheel("pure"),
        *(build_wheel(name, tag="cp311-cp311-manylinux2014_x86_64") for name in "abcd"),
    )

    with pytest.raises(ResolutionError) as caught:
        resolve("app==2.0", native=NativeWheels.DENY)

    assert caught.value.problems[0].hint == (
        'require app==1.0, the nearest version that resolves (but runtime.native-wheels = "deny" refuses the compiled '
        "code of a, b, c and 1 more)"
    )
