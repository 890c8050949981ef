"""The text of a TOML array of strings: items replaced, appended and removed in its own style. Pure.

tomlkit keeps arrays as they are, but an item that it appends may end up in a comment, and it removes the trailing
comma of arrays with a line for each item.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass

# Strings first, so that a bracket or comma inside one does not count.
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|[,\[\]]|[^\s,\[\]"\'#]+', re.DOTALL
)


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int


class ArrayText:
    """An array as written, from its opening to its closing bracket."""

    def __init__(self, text: str) -> None:
        """Take `text`; `ValueError` when it is not a flat array."""
        self.text = text
        if len(self._items) != len(self.values):
            raise ValueError("not a flat array")

    @property
    def values(self) -> list[object]:
        """What the array holds."""
        values: list[object] = tomllib.loads(f"array = {self.text}")["array"]
        return values

    def replace(self, index: int, value: str) -> None:
        """Replace an item, with the same kind of quotation marks if possible."""
        item = self._items[index]
        self._splice(item.start, item.end, quoted(value, like=item.text))

    def append(self, value: str) -> None:
        """Append a string, on a separate line if the others are."""
        *_, last, closing = self._tokens
        item = self._items[-1] if self._items else None
        new = quoted(value, like=item.text if item else "")
        ends_in_comma = last.text == ","
        own_line = self.text.rfind("\n", 0, closing.start)
        if own_line >= 0 and not self.text[own_line : closing.start].strip():
            # The closing bracket is on a separate line, and the line before it may end in a comment.
            new = f"\n{self._indent(closing)}{new}{',' if ends_in_comma or item is None else ''}"
            self._splice(own_line, own_line, new)
            if item is not None and not ends_in_comma:
                self._splice(item.end, item.end, ",")
        elif item is None:
            self._splice(last.end, last.end, new)
        else:
            gap = f"\n{self._indent(closing)}" if self._begins_line(item) else " "
            self._splice(last.end, last.end, f"{gap}{new}," if ends_in_comma else f",{gap}{new}")

    def remove(self, index: int) -> None:
        """Remove an item with one comma, and with its line if it has a separate one."""
        item = self._items[index]
        tokens = self._tokens
        place = tokens.index(item)
        before, after = tokens[place - 1], tokens[place + 1]
        if after.text == ",":
            start, end = self._with_line(item.start, after.end)
            self._splice(start, end, "")
            return
        self._splice(*self._with_line(item.start, item.end), "")
        if before.text == ",":
            self._splice(before.start, before.end, "")

    @property
    def _tokens(self) -> list[_Token]:
        """Everything but blanks and comments."""
        found = (_Token(m[0], m.start(), m.end()) for m in _TOKEN.finditer(self.text))
        return [token for token in found if not token.text.startswith("#")]

    @property
    def _items(self) -> list[_Token]:
        return [token for token in self._tokens if token.text not in ",[]"]

    def _with_line(self, start: int, end: int) -> tuple[int, int]:
        """From `start` to `end`, extended on both sides by what would otherwise be left over."""
        line_start = self.text.rfind("\n", 0, start)
        line_end = self.text.find("\n", end)
        alone = line_start >= 0 and not self.text[line_start:start].strip()
        rest = self.text[end:line_end].strip() if line_end >= 0 else "]"
        if alone and (not rest or rest.startswith("#")):
            return line_start, line_end
        blanks = re.compile(r"[ \t]*")
        following = blanks.match(self.text, end)
        if following is not None and self.text[following.end()] not in "#\n]":
            return start, following.end()
        return len(self.text[:start].rstrip(" \t")) if self.text[start - 1] in " \t" and not alone else start, end

    def _begins_line(self, token: _Token) -> bool:
        return not self.text[self.text.rfind("\n", 0, token.start) + 1 : token.start].strip() and token.start > 1

    def _indent(self, closing: _Token) -> str:
        """The indentation of the last item that begins a line, or else one step more than the closing bracket's."""
        for item in reversed(self._items):
            if self._begins_line(item):
                return self._blank_before(item)
        return f"{self._blank_before(closing)}    "

    def _blank_before(self, token: _Token) -> str:
        return self.text[self.text.rfind("\n", 0, token.start) + 1 : token.start]

    def _splice(self, start: int, end: int, text: str) -> None:
        self.text = self.text[:start] + text + self.text[end:]


def quoted(value: str, *, like: str = "") -> str:
    """A TOML string; a literal one if that saves escapes, or if `like` is one."""
    if "'" not in value and value.isprintable() and ('"' in value or like.startswith("'")):
        return f"'{value}'"
    # TOML escapes what JSON escapes, in the same way, and DEL as well.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
