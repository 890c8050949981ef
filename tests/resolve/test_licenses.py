"""What core metadata says about a licence."""

from __future__ import annotations

from email.parser import Parser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snowbuild.resolve.licenses import LONGEST, SPDX, license_of


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ("License-Expression: mit OR apache-2.0\nLicense: Other", "MIT OR Apache-2.0"),
        ("License-Expression: LicenseRef-Ours", "LicenseRef-Ours"),
        ("License-Expression: whatever you like", "whatever you like"),
        ("License: bsd-3-clause\nClassifier: License :: OSI Approved :: BSD License", "BSD-3-Clause"),
        ("License: Apache License, Version 2.0", "Apache-2.0"),
        ("License: BSD\nClassifier: License :: OSI Approved :: BSD License", "BSD License"),
        ("Classifier: License :: OSI Approved :: MIT License", "MIT"),
        (
            "Classifier: License :: OSI Approved :: BSD License\n"
            "Classifier: License :: OSI Approved :: Apache Software License",
            "BSD License, Apache-2.0",
        ),
        ("Classifier: License :: OSI Approved\nLicense: BSD", "BSD"),
        ("Classifier: Programming Language :: Python", None),
        ("License: UNKNOWN", None),
        ("License:", None),
        ("", None),
        ("License: \n        \n        Copyright   (c) 2005, them\n        All rights", "Copyright (c) 2005, them"),
        ("License: " + "long " * 100, ("long " * 12)[: LONGEST - 1] + "…"),
    ],
)
def test_license(metadata: str, expected: str | None) -> None:
    assert license_of(Parser().parsestr(f"Name: a\n{metadata}\n\n")) == expected


@given(st.text(max_size=300))
def test_whatever_the_field_holds_stays_one_short_line(text: str) -> None:
    metadata = Parser().parsestr("Name: a\n")
    metadata.add_header("X-Name", "a")
    metadata["License"] = text.replace("\r", " ").replace("\n", "\n ")
    found = license_of(metadata)
    assert found is None or (0 < len(found) <= max(LONGEST, len(text)) and len(found.splitlines()) == 1)


def test_the_table_holds_spdx_identifiers() -> None:
    assert {license_of(Parser().parsestr(f"License-Expression: {spdx}\n")) for spdx in SPDX.values()} == {
        *SPDX.values()
    }
