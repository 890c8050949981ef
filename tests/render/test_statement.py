"""CREATE FUNCTION holds what a function needs, in one order, and quotes all of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snowbuild.config import Argument, InputForm
from snowbuild.config.values import Processor
from snowbuild.distribution import Distribution, Rule, Source
from snowbuild.errors import RenderError
from snowbuild.render import create_function, package_literals
from snowbuild.render.values import FunctionDefinition
from tests.render.support import function

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).with_name("golden")
STAGE = '@"ML"."FORECAST"."AUTOGLUON_PACKAGES"/forecast'
PREDICT = FunctionDefinition(
    database="ML",
    schema="FORECAST",
    name="predict_expense",
    arguments=function().sql_arguments,
    returns="FLOAT",
    runtime_version="3.11",
    packages=("numpy==1.26.4", "pandas==2.1.4"),
    imports=(f"{STAGE}/models/0123/expense.zip", f"{STAGE}/modules/4567/predict_expense.py"),
    handler="predict_expense.handler",
)


def test_a_function_of_columns(golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN / "columns.sql", create_function(replace(PREDICT, comment="forecast, deployment 7")) + "\n")


def test_a_function_of_the_repository_with_compiled_code(golden: Callable[[Path, str], None]) -> None:
    definition = replace(
        PREDICT,
        name="PREDICT_EXPENSE__CANARY",
        arguments=function(input=InputForm.ARRAY).sql_arguments,
        returns="number(10, 2)",
        repository="snowflake.snowpark.pypi_shared_repository",
        processor=Processor.X86,
    )
    golden(GOLDEN / "array.sql", create_function(definition) + "\n")


def test_a_function_with_every_setting(golden: Callable[[Path, str], None]) -> None:
    *required, last = function().sql_arguments
    definition = replace(
        PREDICT,
        arguments=(*required, replace(last, default="CAST('female' AS VARCHAR)")),
        strict=True,
        immutable=True,
        secure=True,
        integrations=("api", "Hub's own"),
        secrets=(("key", "k"), ("it's", 'ML."My Schema".token')),
        processor=Processor.X86,
    )
    golden(GOLDEN / "settings.sql", create_function(definition) + "\n")


def test_a_function_that_needs_no_packages_says_so() -> None:
    assert "\nPACKAGES = ()\n" in create_function(replace(PREDICT, packages=()))


def test_the_order_of_imports_and_packages_does_not_matter() -> None:
    backwards = replace(PREDICT, packages=PREDICT.packages[::-1], imports=(*PREDICT.imports[::-1], PREDICT.imports[0]))
    assert create_function(backwards) == create_function(PREDICT)


def test_everything_is_quoted() -> None:
    nasty = "x'); DROP TABLE t; --"
    definition = FunctionDefinition(
        database='"d"";"',
        schema="s",
        name=f'"{nasty}"',
        arguments=(Argument(name=f'"{nasty}"', type="varchar"),),
        returns="float",
        runtime_version=nasty,
        packages=(nasty,),
        imports=(f"@s/{nasty}\\n.py",),
        handler=nasty,
        comment=nasty,
        integrations=(nasty,),
        secrets=((nasty, f'"{nasty}"'),),
    )
    literal = "'x''); DROP TABLE t; --'"
    assert create_function(definition) == (
        f'CREATE OR REPLACE FUNCTION "d"";"."S"."{nasty}"("{nasty}" VARCHAR)\n'
        "COPY GRANTS\n"
        "RETURNS FLOAT\n"
        "LANGUAGE PYTHON\n"
        f"RUNTIME_VERSION = {literal}\n"
        f"COMMENT = {literal}\n"
        "IMPORTS = (\n"
        "  '@s/x''); DROP TABLE t; --\\\\n.py'\n"
        ")\n"
        f"PACKAGES = (\n  {literal}\n)\n"
        f"HANDLER = {literal}\n"
        f'EXTERNAL_ACCESS_INTEGRATIONS = ("{nasty}")\n'
        f'SECRETS = ({literal} = "{nasty}")'
    )


def test_imports_of_one_name_are_a_problem() -> None:
    with pytest.raises(RenderError) as error:
        create_function(replace(PREDICT, imports=("@s/a/x.zip", "@s/b/x.zip", "@s/y.zip", "@s/y.zip")))
    assert str(error.value) == (
        "functions.predict_expense: 2 imports have the name x.zip: @s/a/x.zip, @s/b/x.zip\n"
        "hint: rename one of them: Snowflake puts all imports of a function into one folder"
    )


def test_packages_are_literal_and_leave_out_what_the_service_brings_along() -> None:
    def one(name: str, source: Source, rule: Rule, *service: str) -> Distribution:
        literal_name, literal_version = service or (None, None)
        return Distribution(
            name=name,
            version="1",
            source=source,
            rule=rule,
            service_name=literal_name,
            service_version=literal_version or None,
        )

    assert package_literals(
        (
            one("torch", Source.CHANNEL, Rule.SERVICE, "pytorch", "2.9.0post0+snowflake1"),
            one("pandas", Source.CHANNEL, Rule.SERVICE, "pandas", "2.1.4"),
            one("six", Source.CHANNEL, Rule.IMPLIED, "six", ""),
            one("autogluon-core", Source.STAGE, Rule.STAGE),
        )
    ) == ("pandas==2.1.4", "pytorch==2.9.0post0+snowflake1")
