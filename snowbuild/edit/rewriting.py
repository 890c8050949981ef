"""The text of a TOML file through tomlkit and back: comments, order, style and line ends stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snowbuild.codec import parse_toml
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable


def rewritten(text: str, change: Callable[[Any], None], *, where: str) -> str:
    """The text after `change` has edited its document; still TOML.

    Raises:
        ConfigError: it cannot be edited.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    # tomlkit keeps existing line ends, and ends new lines in its own way.
    crlf = "\r\n" in text and "\n" not in text.replace("\r\n", "")
    try:
        document = tomlkit.parse(text.replace("\r\n", "\n") if crlf else text)
        change(document)
        edited = tomlkit.dumps(document)
        parse_toml(edited)
    except (TOMLKitError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as exc:
        raise not_editable(where) from exc
    return edited.replace("\n", "\r\n") if crlf else edited


def plain(text: str) -> dict[str, Any]:
    """The data in a text.

    Raises:
        ConfigError: it is not TOML.
    """
    try:
        return parse_toml(text)
    except ValueError as exc:
        raise ConfigError(f"not TOML: {exc}") from exc


def not_editable(where: str) -> ConfigError:
    """The error for a file in which tomlkit would change more than intended."""
    return ConfigError(
        "cannot be edited without changing other parts of it", where=where, hint="edit the file yourself"
    )
