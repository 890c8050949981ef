from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from snowbuild.config import (
    Argument,
    Config,
    Dependencies,
    Framework,
    FunctionConfig,
    FunctionTest,
    Grant,
    InputForm,
    ModelConfig,
    NativeWheels,
    Packages,
    Service,
    TargetConfig,
    load,
)
from snowbuild.errors import ConfigError
from snowbuild.runtime import Architecture, Runtime

LOCAL = TargetConfig(name="local", database="LOCAL", schema="PUBLIC", stage="SNOWBUILD")
SMALLEST = '[project]\nname = "p"\n[runtime]\npython = "3.11"\n'


def loaded(project: Path, text: str, *, files_must_exist: bool = True) -> Config:
    path = project / "snowbuild.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, files_must_exist=files_must_exist)


def test_the_smallest_configuration(project: Path) -> None:
    assert loaded(project, SMALLEST) == Config(
        path=project / "snowbuild.toml",
        name="p",
        runtime=Runtime(python=(3, 11, 9)),
        packages=Packages(channel=project / "channel.json"),
        targets=(LOCAL,),
    )


def test_every_key_arrives(project: Path) -> None:
    config = loaded(
        project,
        """
        [project]
        name = "expense-forecast"
        default-target = "prod"
        [runtime]
        python = "3.12.4"
        architecture = "aarch64"
        glibc = "2.34"
        native-wheels = "allow"
        [dependencies]
        requirements = [
          "autogluon.tabular[lightgbm]==1.5.0",
          "./wheels/example-1.0-py3-none-any.whl",
          "https://example.com/w/example-1.0-py3-none-any.whl#sha256=00",
          "example @ https://example.com/w/example-1.0%2Bcpu-py3-none-any.whl ; python_version < '4'",
        ]
        constraints = ["pandas<2.2"]
        exclude = ["Matplotlib", "IPython", "matplotlib"]
        index-urls = ["https://user:secret@example.com/simple", "http://wheels.example.com:8080/simple"]
        prereleases = true
        as-of = 2026-11-01T02:00:00+02:00
        [packages]
        service = "repository"
        repository = 'ml."My Schema".pypi'
        stage = ["AutoGluon_*"]
        names = { torch = "pytorch", "Ruamel.Yaml" = "ruamel.yaml" }
        [models.expense]
        path = "./models/expense/"
        framework = "autogluon"
        [functions.predict_expense]
        model = "expense"
        template = "autogluon_vectorized.py.j2"
        arguments = { BMI = "double", AGE = "int", "blood group" = "varchar ( 3 )" }
        input = "object"
        returns = "number(10, 2)"
        max-batch-size = 4000
        comment = "What it costs"
        grants = { usage = ["analyst", "ANALYST", '"Data Team"'] }
        tests = [{ arguments = [27.9, 19, "A+"], expect = { low = [1, true] }, tolerance = 1 }]
        [functions.CLASSIFY]
        handler = "src/risk.py:classify"
        [targets.prod]
        connection = "prod"
        account = "myorg-prod"
        role = "DEPLOYER"
        warehouse = "DEPLOY_WH"
        database = "ML"
        schema = '"Forecast.2026"'
        stage = "AUTOGLUON_PACKAGES"
        create-stage = false
        [targets.local]
        schema = "TEST"
        """,
    )
    assert config == Config(
        path=project / "snowbuild.toml",
        name="expense-forecast",
        default_target="prod",
        runtime=Runtime(python=(3, 12, 4), architecture=Architecture.AARCH64, glibc=(2, 34)),
        native_wheels=NativeWheels.ALLOW,
        dependencies=Dependencies(
            requirements=(
                "autogluon.tabular[lightgbm]==1.5.0",
                "wheels/example-1.0-py3-none-any.whl",
                "https://example.com/w/example-1.0-py3-none-any.whl#sha256=00",
                "example @ https://example.com/w/example-1.0%2Bcpu-py3-none-any.whl ; python_version < '4'",
            ),
            constraints=("pandas<2.2",),
            exclude=("ipython", "matplotlib"),
            index_urls=("https://user:secret@example.com/simple", "http://wheels.example.com:8080/simple"),
            prereleases=True,
            as_of=datetime(2026, 11, 1, tzinfo=UTC),
        ),
        packages=Packages(
            service=Service.REPOSITORY,
            repository='ml."My Schema".pypi',
            stage=("autogluon-*",),
            names=(("ruamel-yaml", "ruamel.yaml"), ("torch", "pytorch")),
        ),
        models=(ModelConfig(name="expense", path="models/expense", framework=Framework.AUTOGLUON),),
        functions=(
            FunctionConfig(name="CLASSIFY", handler="src/risk.py:classify"),
            FunctionConfig(
                name="predict_expense",
                model="expense",
                template="autogluon_vectorized.py.j2",
                arguments=(
                    Argument(name="BMI", type="FLOAT"),
                    Argument(name="AGE", type="NUMBER(38,0)"),
                    Argument(name="blood group", type="VARCHAR(3)"),
                ),
                input=InputForm.OBJECT,
                returns="NUMBER(10,2)",
                max_batch_size=4000,
                comment="What it costs",
                grants=(Grant(privilege="USAGE", roles=("ANALYST", '"Data Team"')),),
                tests=(FunctionTest(arguments=(27.9, 19, "A+"), expect={"low": [1, True]}, tolerance=1.0),),
            ),
        ),
        targets=(
            TargetConfig(name="local", database="LOCAL", schema="TEST", stage="SNOWBUILD"),
            TargetConfig(
                name="prod",
                connection="prod",
                account="myorg-prod",
                role="DEPLOYER",
                warehouse="DEPLOY_WH",
                database="ML",
                schema='"Forecast.2026"',
                stage="AUTOGLUON_PACKAGES",
                create_stage=False,
            ),
        ),
    )


def test_a_model_alone_gets_the_vectorized_template(project: Path) -> None:
    config = loaded(
        project, SMALLEST + '[models.m]\npath = "m"\n[functions.f]\nmodel = "m"\narguments = { A = "FLOAT" }\n'
    )
    assert config.function("f").template == "autogluon_vectorized.py.j2"


def test_500_arguments_are_the_most_for_columns_but_not_for_an_object(project: Path) -> None:
    def text(count: int, form: str) -> str:
        arguments = ", ".join(f'A{i} = "FLOAT"' for i in range(count))
        return f'{SMALLEST}[functions.f]\nhandler = "src/risk.py:f"\ninput = "{form}"\narguments = {{ {arguments} }}\n'

    assert len(loaded(project, text(500, "columns")).function("f").arguments) == 500
    assert len(loaded(project, text(501, "object")).function("f").arguments) == 501
    with pytest.raises(ConfigError) as caught:
        loaded(project, text(501, "columns"))
    assert str(caught.value) == (
        "functions.f.arguments: 501 arguments; a Snowflake function takes at most 500\n"
        'hint: pass the whole row as one argument: input = "object"'
    )


@pytest.mark.parametrize(
    "written",
    ["2026-11-01T00:00:00Z", '"2026-11-01T00:00:00Z"', '"2026-11-01T01:30:00+01:30"', "2026-10-31 22:00:00-02:00"],
)
def test_as_of_is_read_as_utc(project: Path, written: str) -> None:
    assert loaded(project, f"{SMALLEST}[dependencies]\nas-of = {written}\n").dependencies.as_of == datetime(
        2026, 11, 1, tzinfo=UTC
    )


@pytest.mark.parametrize("service", ["repository", "none"])
def test_other_services_need_no_channel(project: Path, service: str) -> None:
    (project / "channel.json").unlink()
    assert loaded(project, f'{SMALLEST}[packages]\nservice = "{service}"\n').packages.channel is None


def test_the_channel_may_be_missing_when_it_is_about_to_be_written(project: Path) -> None:
    config = loaded(project, f'{SMALLEST}[packages]\nchannel = "../new.json"\n', files_must_exist=False)
    assert config.packages.channel == project / "../new.json"


def test_files_may_be_missing_for_who_needs_none_of_them(project: Path) -> None:
    text = f"""{SMALLEST}
        [dependencies]
        requirements = ["wheels/gone-1.0-py3-none-any.whl"]
        [packages]
        channel = "gone.json"
        [functions.f]
        handler = "src/gone.py:f"
        [models.m]
        path = "m"
        [functions.g]
        model = "m"
        template = "gone.py.j2"
        arguments = {{ A = "FLOAT" }}
    """
    with pytest.raises(ConfigError) as caught:
        loaded(project, text)
    assert [problem.where for problem in caught.value.problems] == [
        "dependencies.requirements[0]",
        "packages.channel",
        "functions.f.handler",
        "functions.g.template",
    ]
    config = loaded(project, text, files_must_exist=False)
    assert config.dependencies.requirements == ("wheels/gone-1.0-py3-none-any.whl",)
    assert config.packages.channel == project / "gone.json"
    assert config.function("f").handler == "src/gone.py:f"
    assert config.function("g").template == "gone.py.j2"


def test_text_is_checked_whether_or_not_files_must_exist(project: Path) -> None:
    text = f'{SMALLEST}[dependencies]\nrequirements = ["/wheels/gone-1.0-py3-none-any.whl"]\n'
    with pytest.raises(ConfigError) as caught:
        loaded(project, text, files_must_exist=False)
    assert str(caught.value) == (
        'dependencies.requirements[0]: an absolute path: "/wheels/gone-1.0-py3-none-any.whl"\n'
        "hint: make it relative to the folder of snowbuild.toml"
    )


def test_the_current_directory_counts_only_for_finding_the_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = loaded(project, SMALLEST)
    monkeypatch.chdir(project / "src")
    assert load(Path("../snowbuild.toml")) == expected
    assert load(Path("../snowbuild.toml")).root == project


def test_windows_line_ends(project: Path) -> None:
    (project / "snowbuild.toml").write_bytes(SMALLEST.replace("\n", "\r\n").encode())
    assert load(project / "snowbuild.toml").name == "p"


def test_a_missing_file_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "snowbuild.toml")
    assert (
        str(caught.value)
        == f"{tmp_path}/snowbuild.toml: no such file\nhint: `snowbuild init` creates one; --file PATH names another"
    )


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: cannot be read: Is a directory\nhint: --file {tmp_path / 'snowbuild.toml'}"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are any bytes there alone")
def test_a_folder_whose_name_is_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "b\udcff"
    folder.mkdir()
    (folder / "snowbuild.toml").write_text(SMALLEST)
    with pytest.raises(ConfigError) as caught:
        load(folder / "snowbuild.toml")
    assert str(caught.value) == (
        f"{folder}/snowbuild.toml: its path is not UTF-8\nhint: rename the folder, or set LC_ALL=C.UTF-8"
    )


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "snowbuild.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALLEST.encode())
    assert load(path, files_must_exist=False).name == "p"


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b"a = 1\n=", ", line 2, column 1", "not TOML: invalid statement"),
        (b"[project]\nname = ", ", line 2, column 8", "not TOML: invalid value"),
        (b"[project]\nname = 'p'\nname = 'q'\n", ", line 3, column 11", "not TOML: cannot overwrite a value"),
        (b"[project]\n\nname = '\xff'\n", ", line 3", "not UTF-8\nhint: save the file as UTF-8"),
        (b"a = " + b"[" * 9999, "", "not TOML: nested too deeply"),
        (b"[[functions.f.tests]]\nexpect" + b".a" * 2000 + b" = 1\n", "", "nested too deeply"),
    ],
)
def test_what_is_not_toml_is_refused_with_its_place(tmp_path: Path, content: bytes, place: str, message: str) -> None:
    path = tmp_path / "snowbuild.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(caught.value) == f"{path}{place}: {message}"


def test_a_row_of_many_features_comes_as_one_object_unless_something_is_said(project: Path) -> None:
    arguments = ", ".join(f'A{i} = "FLOAT"' for i in range(501))
    text = f'[functions.f]\nhandler = "src/risk.py:f"\narguments = {{ {arguments} }}\n'
    config = loaded(project, SMALLEST + text)
    assert config.function("f").input is InputForm.OBJECT
    assert list(map(str, config.notes)) == [
        "functions.f.arguments: 501 arguments, but a Snowflake function takes at most 500: "
        "the row is passed as one OBJECT\n"
        'hint: call it with OBJECT_CONSTRUCT_KEEP_NULL(*), and write input = "object"'
    ]
    assert loaded(project, SMALLEST + text.replace("handler", 'input = "object"\nhandler')).notes == ()


def test_everything_about_a_function(project: Path) -> None:
    config = loaded(
        project,
        SMALLEST
        + """
        [functions.f]
        handler = "src/risk.py:f"
        template = "generic.py.j2"
        threads = 2
        strict = true
        immutable = true
        secure = true
        external-access-integrations = ["hub", "api", "hub"]
        secrets = { token = "d.s.t", key = "k" }
        resource-constraint = { architecture = "x86" }
        [functions.f.arguments]
        A = "int"
        B = { type = "double", default = 1.5 }
        C = { type = "text", default = { null = true } }
        [[functions.f.tests]]
        arguments = [{ null = true }]
        expect = { null = true }
        [[functions.f.tests]]
        arguments = [1, 2.5, "x"]
        class = true
        min-probability = 1
        absolute-tolerance = 3
        """,
    )
    f = config.function("f")
    assert (f.template, f.handler, f.threads) == (None, "src/risk.py:f", 2)
    assert (f.strict, f.immutable, f.secure, f.architecture) == (True, True, True, "x86")
    assert f.external_access_integrations == ("api", "hub")
    assert f.secrets == (("key", "k"), ("token", "d.s.t"))
    assert f.arguments == (
        Argument(name="A", type="NUMBER(38,0)"),
        Argument(name="B", type="FLOAT", default="CAST(1.5 AS FLOAT)"),
        Argument(name="C", type="VARCHAR", default="CAST(NULL AS VARCHAR)"),
    )
    assert f.tests == (
        FunctionTest(arguments=(None,), expect=None),
        FunctionTest(arguments=(1, 2.5, "x"), compares=False, label=True, min_probability=1.0, absolute_tolerance=3.0),
    )


def test_a_setting_without_effect_is_noted(project: Path) -> None:
    text = """
    [models.m]
    path = "m"
    [functions.f]
    model = "m"
    template = "autogluon_scalar.py.j2"
    arguments = { A = "FLOAT" }
    max-batch-size = 10
    """
    assert list(map(str, loaded(project, SMALLEST + text).notes)) == [
        "functions.f.max-batch-size: has no effect: autogluon_scalar.py.j2 takes one row at a time\n"
        'hint: remove it, or set template = "autogluon_vectorized.py.j2"'
    ]


def test_a_projects_own_template_needs_what_it_needs(project: Path) -> None:
    (project / "templates" / "autogluon_scalar.py.j2").touch()
    text = """
    [functions.f]
    template = "autogluon_scalar.py.j2"
    arguments = { A = "FLOAT" }
    max-batch-size = 10
    """
    config = loaded(project, SMALLEST + text)
    assert (config.function("f").model, config.notes) == (None, ())


@pytest.mark.parametrize("form", ["array", "object"])
def test_features_of_a_row_may_differ_only_in_case(project: Path, form: str) -> None:
    text = f"""
    [functions.f]
    handler = "src/risk.py:f"
    input = "{form}"
    arguments = {{ AGE = "FLOAT", age = "FLOAT", '"AGE"' = "FLOAT" }}
    """
    assert [a.name for a in loaded(project, SMALLEST + text).function("f").arguments] == ["AGE", "age", '"AGE"']


@pytest.mark.parametrize(
    ("type_", "default"),
    [
        ("NUMBER(3,0)", "-999"),
        ("NUMBER(3,0)", "1.5e2"),
        ("NUMBER(4,2)", "12.34"),
        ("NUMBER(2,2)", "0.25"),
        ("NUMBER(38,0)", "0.0"),
        ("VARCHAR(2)", '"né"'),
        ("BINARY(2)", '"00ff"'),
        ("DATE", '"2024-02-29"'),
        ("TIME(9)", '"23:59:59.123456789"'),
        ("TIME", '"09:30"'),
        ("TIMESTAMP_NTZ", '"2026-01-31"'),
        ("TIMESTAMP_NTZ", '"2026-01-31T12:30:00.123456789"'),
        ("TIMESTAMP_TZ", '"2026-01-31 12:30:00+01:00"'),
        ("TIMESTAMP_LTZ", '"2026-01-31 12:30:00Z"'),
        ("VARIANT", '{ a = [1, "x"] }'),
        ("GEOGRAPHY", '"POINT(1 2)"'),
    ],
)
def test_defaults_that_a_type_can_hold(project: Path, type_: str, default: str) -> None:
    text = f"""
    [functions.f]
    handler = "src/risk.py:f"
    arguments = {{ A = {{ type = "{type_}", default = {default} }} }}
    """
    (argument,) = loaded(project, SMALLEST + text).function("f").arguments
    assert argument.default is not None


@pytest.mark.parametrize(
    ("output", "returns"), [("prediction", "FLOAT"), ("probabilities", "OBJECT"), ("both", "OBJECT")]
)
def test_the_result_follows_the_output(project: Path, output: str, returns: str) -> None:
    text = f"""
    [models.m]
    path = "m"
    [functions.f]
    model = "m"
    output = "{output}"
    arguments = {{ A = "FLOAT" }}
    """
    assert loaded(project, SMALLEST + text).function("f").returns == returns
