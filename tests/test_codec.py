"""Values ↔ plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pytest

from snowbuild.codec import CodecError, decode, encode


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    first_name: str
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    colour: Colour
    inner: tuple[Inner, ...] = ()
    comment: str | None = None


VALUE = Outer(colour=Colour.RED, inner=(Inner(first_name="a", numbers=(1, 2)), Inner(first_name="b")))


def test_keys_are_kebab_case_and_nothing_empty_is_written() -> None:
    assert encode(VALUE) == {
        "colour": "red",
        "inner": [{"first-name": "a", "numbers": [1, 2]}, {"first-name": "b"}],
    }


def test_round_trip() -> None:
    assert decode(Outer, encode(VALUE)) == VALUE


@pytest.mark.parametrize(
    ("plain", "place", "message"),
    [
        ({"inner": []}, "", "Object missing required field colour"),
        ({"colour": "blue"}, "colour", "Invalid enum value 'blue'"),
        ({"colour": "red", "inner": [{"first-name": 1}]}, "inner[0].first-name", "Expected str, got int"),
        ({"colour": "red", "colours": []}, "colours", "unknown key"),
        ({"colour": "red", "inner": [{"first-name": "a", "x": 1}]}, "inner[0].x", "unknown key"),
        ([], "", "Expected object, got array"),
    ],
)
def test_what_does_not_fit_is_named(plain: object, place: str, message: str) -> None:
    with pytest.raises(CodecError) as refusal:
        decode(Outer, plain)
    assert (refusal.value.place, refusal.value.message) == (place, message)
