"""conda's requirements in PEP 440's words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from snowbuild.channel.conda import parse_spec


@pytest.mark.parametrize(
    ("text", "name", "specifier", "build"),
    [
        ("numpy", "numpy", "", ""),
        ("numpy *", "numpy", "", ""),
        ("numpy >=1.21.5,<2.0a0", "numpy", "<2.0,>=1.21.5", ""),
        ("numpy>=1.21, <2", "numpy", "<2,>=1.21", ""),
        ("numpy 1.26", "numpy", "==1.26", ""),
        ("numpy 1.26.*", "numpy", "==1.26.*", ""),
        ("numpy 1.26*", "numpy", "==1.26.*", ""),
        ("numpy =1.26", "numpy", "==1.26.*", ""),
        ("numpy=1.26=py311_0", "numpy", "==1.26.*", ""),
        ("numpy >=1.26.*", "numpy", ">=1.26", ""),
        ("numpy !=1.24.*,>=1", "numpy", "!=1.24.*,>=1", ""),
        ("numpy ~=1.4", "numpy", "~=1.4", ""),
        ("numpy <1.20|>=1.22", "numpy", "", ""),
        ("numpy-base 1.26.4 py311hf175353_0", "numpy-base", "==1.26.4", "py311hf175353_0"),
        ("python_abi 3.11.* *_cp311", "python_abi", "==3.11.*", "*_cp311"),
        ("python >=3.11,<3.12.0a0", "python", "<3.12.0,>=3.11", ""),
        ("openssl >=1.1.1q,<1.1.2a0", "openssl", "<1.1.2", ""),
        ("main::pytz >=2020.1", "pytz", ">=2020.1", ""),
        ("ruamel.yaml[version='>=0.17,<1',build=py*]", "ruamel.yaml", "<1,>=0.17", ""),
        ("python-dateutil 2.9.0post0+snowflake1", "python-dateutil", "==2.9.0.post0+snowflake1", ""),
        ("__glibc >=2.17", "__glibc", ">=2.17", ""),
        ("@!", "", "", ""),
        ("", "", "", ""),
    ],
)
def test_specifiers(text: str, name: str, specifier: str, build: str) -> None:
    found = parse_spec(text)

    assert (found.name, found.build) == (name, build)
    assert SpecifierSet(found.specifier) == SpecifierSet(specifier)


@given(st.text(alphabet="numpy 12.*<>=!~|,[]'\"ab_:", max_size=30))
def test_whatever_stands_there_gives_a_specifier(text: str) -> None:
    SpecifierSet(parse_spec(text).specifier)
