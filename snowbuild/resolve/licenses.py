"""METADATA's many ways to name a licence → one text, an SPDX expression where possible. Pure.

Core metadata has had four: `License-Expression` (PEP 639), the free text `License`, classifiers, and nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

if TYPE_CHECKING:
    from email.message import Message

# Some projects put the whole licence text into the field.
LONGEST = 60

CLASSIFIER = "License :: "

# Only unambiguous names: "BSD License" may be any of several, and is kept as it is.
SPDX = {
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache software license 2.0": "Apache-2.0",
    "bsd 2-clause": "BSD-2-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "boost software license 1.0 (bsl-1.0)": "BSL-1.0",
    "cc0 1.0 universal (cc0 1.0) public domain dedication": "CC0-1.0",
    "eclipse public license 2.0 (epl-2.0)": "EPL-2.0",
    "european union public licence 1.2 (eupl 1.2)": "EUPL-1.2",
    "gnu affero general public license v3": "AGPL-3.0-only",
    "gnu affero general public license v3 or later (agplv3+)": "AGPL-3.0-or-later",
    "gnu general public license v2 (gplv2)": "GPL-2.0-only",
    "gnu general public license v2 or later (gplv2+)": "GPL-2.0-or-later",
    "gnu general public license v3 (gplv3)": "GPL-3.0-only",
    "gnu general public license v3 or later (gplv3+)": "GPL-3.0-or-later",
    "gnu lesser general public license v2 (lgplv2)": "LGPL-2.0-only",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.0-or-later",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
    "gnu lesser general public license v3 or later (lgplv3+)": "LGPL-3.0-or-later",
    "historical permission notice and disclaimer (hpnd)": "HPND",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mit no attribution license (mit-0)": "MIT-0",
    "mozilla public license 1.1 (mpl 1.1)": "MPL-1.1",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psf": "PSF-2.0",
    "psf license": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "the mit license": "MIT",
    "the unlicense (unlicense)": "Unlicense",
    "universal permissive license (upl)": "UPL-1.0",
    "zlib/libpng license": "Zlib",
    "zope public license": "ZPL-2.1",
}


def license_of(metadata: Message) -> str | None:
    """The licence that core metadata declares: an SPDX expression where possible, else its own text, shortened.

    Several classifiers are separated by commas, because they do not say whether all or any of them apply.
    """
    declared = _line(metadata.get("License-Expression"))
    if declared:
        return _spdx(declared) or _short(declared)
    field = _line(metadata.get("License"))
    if exact := _spdx(field):
        return exact
    classified = dict.fromkeys(_spdx(name) or name for name in _classified(metadata))
    return ", ".join(classified) or _short(field) or None


def _classified(metadata: Message) -> list[str]:
    paths = [text for value in metadata.get_all("Classifier", []) if (text := str(value)).startswith(CLASSIFIER)]
    names = [path.split(" :: ")[-1].strip() for path in paths]
    # A category alone, such as `License :: OSI Approved`, names no licence.
    return [name for name in names if name not in ("OSI Approved", "DFSG approved")]


def _spdx(text: str) -> str | None:
    if text.lower() in SPDX:
        return SPDX[text.lower()]
    try:
        return canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        return None


def _line(value: object) -> str:
    """The first non-empty line, with single spaces."""
    lines = (" ".join(line.split()) for line in str(value or "").splitlines())
    text = next(filter(None, lines), "")
    return "" if text.upper() == "UNKNOWN" else text


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
