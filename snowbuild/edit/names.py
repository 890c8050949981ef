"""Which distribution a requirement is for."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from packaging.requirements import Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from snowbuild.config.requirements import URL, LocalWheelPath, pep_508
from snowbuild.errors import ConfigError


def name_of(requirement: str) -> str:
    """The normalized name of a PEP 508 requirement, of a wheel's path or of a wheel's URL.

    Raises:
        ConfigError: it is none of them.
    """
    local = LocalWheelPath.parse(requirement)
    if local is None and not URL.match(requirement):
        return canonicalize_name(Requirement(pep_508(requirement)).name)
    path = local.path.replace("\\", "/") if local else unquote(urlsplit(requirement).path)
    try:
        return parse_wheel_filename(PurePosixPath(path).name)[0]
    except InvalidWheelFilename as exc:
        raise ConfigError(
            f"not a wheel: {PurePosixPath(path).name}",
            hint="give a name with versions, or the path or URL of a wheel; source archives are never built",
        ) from exc
