"""What SHOW FUNCTIONS says about arguments."""

import pytest

from snowbuild.errors import StageError
from snowbuild.snowflake.target import parse_signature
from snowbuild.sql import Signature


@pytest.mark.parametrize(
    ("name", "arguments", "signature"),
    [
        ("F", "F() RETURN FLOAT", Signature("F", ())),
        ("F", "F(NUMBER, VARCHAR) RETURN FLOAT", Signature("F", ("NUMBER", "VARCHAR"))),
        ("F", "F(NUMBER(38,0), DEFAULT VARCHAR(10)) RETURN NUMBER(3,0)", Signature("F", ("NUMBER", "VARCHAR"))),
        (
            "F",
            "F(TIMESTAMP_NTZ(9), MAP(VARCHAR, NUMBER)) RETURN OBJECT",
            Signature("F", ("TIMESTAMP_NTZ", "MAP(VARCHAR, NUMBER)")),
        ),
        ("mixed (case)", '"mixed (case)"(ARRAY) RETURN FLOAT', Signature("mixed (case)", ("ARRAY",))),
    ],
)
def test_signature(name: str, arguments: str, signature: Signature) -> None:
    assert parse_signature(name, arguments) == signature


def test_another_form_is_refused() -> None:
    with pytest.raises(StageError, match="unknown form"):
        parse_signature("F", "F")
