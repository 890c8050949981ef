"""Wrong configurations and everything that is said about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snowbuild.config import load
from snowbuild.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '[project]\nname = "p"\n[runtime]\npython = "3.11"\n'
FUNCTION = HEAD + '[functions.f]\nhandler = "src/risk.py:f"\n'
KNOWN_TYPES = (
    "hint: known here: NUMBER, FLOAT, VARCHAR, BOOLEAN, BINARY, DATE, TIME, TIMESTAMP_NTZ, TIMESTAMP_LTZ, "
    "TIMESTAMP_TZ, VARIANT, OBJECT, ARRAY, GEOGRAPHY, GEOMETRY"
)

CASES: dict[str, tuple[str, list[str]]] = {
    "an empty file": (
        "",
        [
            'runtime.python: missing\nhint: add python = "3.11" to [runtime]',
            'project.name: missing\nhint: add name = "my-project" to [project]',
        ],
    ),
    "unknown keys at every level": (
        """
        runtme = 1
        [project]
        name = "p"
        default_target = "local"
        [runtime]
        python = "3.11"
        [models.m]
        path = "m"
        colour = "blue"
        [functions.f]
        model = "m"
        arguments = { A = "FLOAT" }
        max_batch_size = 3
        tests = [{ arguments = [1], expect = 1, tolerence = 1 }]
        """,
        [
            "models.m.colour: unknown key\nhint: known here: path, framework, optimize",
            "project.default_target: unknown key\nhint: did you mean default-target?",
            "functions.f.tests[0].tolerence: unknown key\nhint: did you mean tolerance?",
            "functions.f.max_batch_size: unknown key\nhint: did you mean max-batch-size?",
            "runtme: unknown key\nhint: did you mean runtime?",
        ],
    ),
    "keys that must be quoted": (
        HEAD + '"a b" = 1\n[targets."x y"]\n"" = 2\n',
        [
            'runtime."a b": unknown key\nhint: known here: architecture, glibc, python, native-wheels, bytecode',
            'targets."x y": not usable as a folder name: "x y"\n'
            "hint: use letters, digits, '.', '_' and '-', and begin with a letter or a digit",
            'targets."x y".database: missing\nhint: add database = "ML" to [targets."x y"]',
            'targets."x y".schema: missing\nhint: add schema = "PUBLIC" to [targets."x y"]',
            'targets."x y".stage: missing\nhint: add stage = "SNOWBUILD" to [targets."x y"]',
            'targets."x y"."": unknown key\n'
            "hint: known here: connection, account, role, warehouse, database, schema, stage, create-stage",
        ],
    ),
    "wrong types": (
        """
        models = []
        functions = 3
        targets.t = "prod"
        [project]
        name = 1
        [runtime]
        python = 3.11
        glibc = 2024-01-01
        architecture = true
        [dependencies]
        requirements = "numpy"
        constraints = [1, "numpy<2", { a = 1 }]
        prereleases = "yes"
        as-of = 12:00:00
        """,
        [
            "runtime.architecture: expected a string, found a boolean",
            "runtime.glibc: expected a string, found a local date\nhint: write it in double quotes",
            "runtime.python: expected a string, found a float\nhint: write it in double quotes",
            "models: expected a table, found an array",
            "targets.t: expected a table, found a string",
            'targets.t.database: missing\nhint: add database = "ML" to [targets.t]',
            'targets.t.schema: missing\nhint: add schema = "PUBLIC" to [targets.t]',
            'targets.t.stage: missing\nhint: add stage = "SNOWBUILD" to [targets.t]',
            "project.name: expected a string, found an integer\nhint: write it in double quotes",
            "dependencies.requirements: expected an array, found a string\nhint: put it in brackets",
            "dependencies.constraints[0]: expected a string, found an integer\nhint: write it in double quotes",
            "dependencies.constraints[2]: expected a string, found a table",
            "dependencies.prereleases: expected a boolean, found a string\nhint: write true or false",
            "dependencies.as-of: expected an offset date-time, found a local time\n"
            "hint: write it like 2026-11-01T00:00:00Z",
            "functions: expected a table, found an integer",
        ],
    ),
    "empty text and control characters": (
        '[project]\nname = " "\n[runtime]\npython = "3.11\\u0000"\n',
        ['runtime.python: contains a control character: "3.11\\u0000"', "project.name: empty"],
    ),
    "names of things that do not exist": (
        """
        [project]
        name = "p"
        default-target = "prd"
        [runtime]
        python = "3.11"
        architecture = "x86-64"
        native-wheels = "forbid"
        [packages]
        service = "repo"
        channel = "nowhere.json"
        [models.expense]
        path = "m"
        framework = "autogloun"
        [functions.f]
        model = "expence"
        template = "autogluon_vectorised.py.j2"
        input = "column"
        arguments = { A = "FLOAT" }
        [targets.prod]
        database = "D"
        schema = "S"
        stage = "T"
        """,
        [
            'runtime.architecture: expected one of x86_64, aarch64, found "x86-64"\nhint: did you mean x86_64?',
            'runtime.native-wheels: expected one of deny, allow, found "forbid"',
            'models.expense.framework: expected one of autogluon, generic, found "autogloun"\n'
            "hint: did you mean autogluon?",
            'project.default-target: no such target: "prd"\nhint: did you mean prod?',
            'packages.service: expected one of channel, repository, none, found "repo"',
            'packages.channel: no such file: "nowhere.json"\nhint: run `snowbuild channel update`, '
            'or set service = "repository" or "none"',
            'functions.f.input: expected one of columns, array, object, found "column"\nhint: did you mean columns?',
            'functions.f.template: no such template: "autogluon_vectorised.py.j2"\n'
            "hint: did you mean autogluon_vectorized.py.j2?",
            'functions.f.model: no such model: "expence"\nhint: did you mean expense?',
        ],
    ),
    "runtimes": (
        '[project]\nname = "p"\n[runtime]\npython = "3.9"\nglibc = "3"\n',
        [
            'runtime.glibc: not a version of glibc: "3"\nhint: write it like "2.28"',
            "runtime.python: Snowflake decommissioned Python 3.9 on 2026-04-30: functions can no longer be created "
            "for it\n"
            "hint: use one of 3.10, 3.11, 3.12, 3.13, 3.14",
        ],
    ),
    "a project's name is a folder": (
        '[project]\nname = "../p"\n[runtime]\npython = "3.11"\n',
        [
            'project.name: not usable as a folder name: "../p"\n'
            "hint: use letters, digits, '.', '_' and '-', and begin with a letter or a digit"
        ],
    ),
    "requirements": (
        HEAD
        + """
        [dependencies]
        requirements = [
          "numpy==",
          "no such thing",
          "/abs/example-1.0-py3-none-any.whl",
          "wheels\\\\example-1.0-py3-none-any.whl",
          "wheels/missing-1.0-py3-none-any.whl",
          "wheels/example.whl",
          "https://user:secret@example.com/example-1.0.tar.gz",
          "ftp://example.com/example-1.0-py3-none-any.whl",
          "file:///srv/example-1.0-py3-none-any.whl",
          "example @ file:///srv/example-1.0-py3-none-any.whl",
          "example @ https:///example-1.0-py3-none-any.whl",
        ]
        constraints = ["numpy[extra]<2", "wheels/example-1.0-py3-none-any.whl"]
        exclude = ["matplotlib>3"]
        index-urls = ["example.com/simple", "https://", "https://user:secret@[::1/", "https://h:0/", "file://"]
        """,
        [
            'dependencies.requirements[0]: not a requirement: "numpy==": Expected semicolon '
            '(after name with no version specifier) or end\nhint: write it like "name>=1.0" (PEP 508)',
            'dependencies.requirements[1]: not a requirement: "no such thing": Expected semicolon '
            '(after name with no version specifier) or end\nhint: write it like "name>=1.0" (PEP 508)',
            'dependencies.requirements[2]: an absolute path: "/abs/example-1.0-py3-none-any.whl"\n'
            "hint: make it relative to the folder of snowbuild.toml",
            'dependencies.requirements[3]: contains a backslash: "wheels\\\\example-1.0-py3-none-any.whl"\n'
            "hint: use forward slashes on every operating system",
            'dependencies.requirements[4]: no such file: "wheels/missing-1.0-py3-none-any.whl"\n'
            "hint: paths are relative to the folder of snowbuild.toml",
            'dependencies.requirements[5]: not the file name of a wheel: "example.whl"\n'
            "hint: a wheel is named like example-1.0-py3-none-any.whl",
            'dependencies.requirements[6]: not the file name of a wheel: "example-1.0.tar.gz"\n'
            "hint: a wheel is named like example-1.0-py3-none-any.whl",
            "dependencies.requirements[7]: expected a URL with http:// or https://, found "
            '"ftp://example.com/example-1.0-py3-none-any.whl"\n'
            "hint: write it like https://packages.example.com/example-1.0-py3-none-any.whl",
            'dependencies.requirements[8]: a file: URL is an absolute path: "file:///srv/example-1.0-py3-none-any.whl"\n'
            "hint: write the wheel's path relative to snowbuild.toml",
            'dependencies.requirements[9]: a file: URL is an absolute path: "file:///srv/example-1.0-py3-none-any.whl"\n'
            "hint: write the wheel's path relative to snowbuild.toml",
            'dependencies.requirements[10]: not a URL with a host: "https:///example-1.0-py3-none-any.whl"\n'
            "hint: write it like https://packages.example.com/example-1.0-py3-none-any.whl",
            'dependencies.constraints[0]: a constraint cannot have extras: "numpy[extra]<2"\n'
            "hint: put it under dependencies.requirements",
            'dependencies.constraints[1]: not a requirement: "wheels/example-1.0-py3-none-any.whl": Expected '
            'semicolon (after name with no version specifier) or end\nhint: write it like "name>=1.0" (PEP 508)',
            'dependencies.exclude[0]: not the name of a distribution: "matplotlib>3"\n'
            "hint: write only the name, without version or extras",
            'dependencies.index-urls[0]: expected a URL with http:// or https://, found "example.com/simple"\n'
            "hint: write it like https://packages.example.com/simple/",
            'dependencies.index-urls[1]: not a URL with a host: "https://"\n'
            "hint: write it like https://packages.example.com/simple/",
            'dependencies.index-urls[2]: not a URL: "https://***@[::1/"\n'
            "hint: write it like https://packages.example.com/simple/",
            'dependencies.index-urls[3]: not a URL with a host: "https://h:0/"\n'
            "hint: write it like https://packages.example.com/simple/",
            'dependencies.index-urls[4]: expected a URL with http:// or https://, found "file://"\n'
            "hint: write it like https://packages.example.com/simple/",
        ],
    ),
    "as-of is a date": (
        HEAD + "[dependencies]\nas-of = 2026-11-01\n",
        [
            "dependencies.as-of: expected an offset date-time, found a local date\n"
            "hint: write it like 2026-11-01T00:00:00Z"
        ],
    ),
    "as-of is a date in a string": (
        HEAD + '[dependencies]\nas-of = "2026-11-01"\n',
        [
            "dependencies.as-of: expected an offset date-time, found a local date\n"
            "hint: write it like 2026-11-01T00:00:00Z"
        ],
    ),
    "as-of has no zone": (
        HEAD + "[dependencies]\nas-of = 2026-11-01T12:00:00\n",
        ["dependencies.as-of: a point in time needs a time zone\nhint: write 2026-11-01T12:00:00Z if it is in UTC"],
    ),
    "as-of is not a point in time": (
        HEAD + '[dependencies]\nas-of = "yesterday"\n',
        ['dependencies.as-of: not a point in time: "yesterday"\nhint: write it like 2026-11-01T00:00:00Z'],
    ),
    "as-of is before the first year": (
        HEAD + "[dependencies]\nas-of = 0001-01-01T00:00:00+01:00\n",
        ["dependencies.as-of: out of range: 0001-01-01T00:00:00+01:00"],
    ),
    "packages": (
        HEAD
        + """
        [packages]
        channel = "/channel.json"
        repository = "a.b.c.d"
        stage = ["autogluon==*"]
        names = { "Ruamel.Yaml" = "a", ruamel_yaml = "b", torch = "py torch", "x y" = "z" }
        """,
        [
            'packages.names.ruamel_yaml: is the same name as "Ruamel.Yaml"\nhint: keep one of them',
            'packages.names."x y": not the name of a distribution: "x y"\n'
            "hint: write only the name, without version or extras",
            'packages.names.torch: not the name of a distribution: "py torch"\n'
            "hint: write only the name, without version or extras",
            'packages.channel: an absolute path: "/channel.json"\n'
            "hint: make it relative to the folder of snowbuild.toml",
            'packages.repository: not the name of an artifact repository: "a.b.c.d"\nhint: write database.schema.name',
            'packages.stage[0]: not a pattern for distribution names: "autogluon==*"\n'
            'hint: write it like "autogluon-*"',
        ],
    ),
    "models": (
        HEAD
        + """
        [models.a]
        [models.b]
        path = "models/../../b"
        [models.c]
        path = "C:/models/c"
        [models.d]
        path = "./"
        [models."e/e"]
        path = "e"
        """,
        [
            'models."e/e": not usable as a folder name: "e/e"\n'
            "hint: use letters, digits, '.', '_' and '-', and begin with a letter or a digit",
            'models.a.path: missing\nhint: add path = "models/a" to [models.a]',
            'models.b.path: leaves the folder of snowbuild.toml: "models/../../b"\n'
            "hint: move the files into that folder",
            'models.c.path: an absolute path: "C:/models/c"\nhint: make it relative to the folder of snowbuild.toml',
            "models.d.path: the folder of snowbuild.toml itself\nhint: name a folder or a file in it",
        ],
    ),
    "a function without code": (
        HEAD + '[functions.f]\narguments = { A = "FLOAT" }\n',
        [
            'functions.f: has neither a template nor a handler\nhint: add template = "autogluon_vectorized.py.j2" and '
            'a model, or handler = "src/mine.py:predict"'
        ],
    ),
    "a function with two codes": (
        FUNCTION + 'template = "autogluon_vectorized.py.j2"\n',
        ["functions.f: has both a template and a handler\nhint: remove one of them"],
    ),
    "a template without arguments": (
        HEAD + '[functions.f]\ntemplate = "autogluon_vectorized.py.j2"\n',
        ['functions.f.arguments: missing\nhint: add arguments = { AGE = "NUMBER(3,0)" } to [functions.f]'],
    ),
    "a template for AutoGluon without a model": (
        HEAD + '[functions.f]\ntemplate = "autogluon_scalar.py.j2"\narguments = { A = "FLOAT" }\n',
        ['functions.f.model: missing\nhint: add model = "NAME" to [functions.f]'],
    ),
    "a template for AutoGluon without its model": (
        HEAD
        + '[functions.f]\ntemplate = "autogluon_scalar.py.j2"\narguments = { A = "FLOAT" }\n[models.gbm]\npath = "m"\n',
        ['functions.f.model: missing\nhint: add model = "gbm" to [functions.f]'],
    ),
    "a model where there is none": (
        HEAD + '[functions.f]\nmodel = "gb b"\narguments = { A = "FLOAT" }\n',
        ['functions.f.model: no such model: "gb b"\nhint: add [models."gb b"]'],
    ),
    "a template in a folder": (
        HEAD + '[functions.f]\ntemplate = "../secret.j2"\narguments = { A = "FLOAT" }\n',
        [
            'functions.f.template: expected a file name, found "../secret.j2"\n'
            "hint: templates are in the folder templates"
        ],
    ),
    "handlers": (
        HEAD
        + """
        [functions]
        a.handler = "src/risk.py"
        b.handler = "src/missing.py:f"
        c.handler = "src/risk.py:1f"
        d.handler = "src/risk.py:class"
        e.handler = "../risk.py:f"
        f.handler = "/src/risk.py:f"
        """,
        [
            'functions.a.handler: not a handler: "src/risk.py"\nhint: write it like "src/mine.py:predict"',
            'functions.b.handler: no such file: "src/missing.py"\n'
            "hint: paths are relative to the folder of snowbuild.toml",
            'functions.c.handler: not the name of a Python function: "1f"\nhint: write it like "src/mine.py:predict"',
            'functions.d.handler: not the name of a Python function: "class"\n'
            'hint: write it like "src/mine.py:predict"',
            'functions.e.handler: leaves the folder of snowbuild.toml: "../risk.py"\n'
            "hint: move the files into that folder",
            'functions.f.handler: an absolute path: "/src/risk.py"\n'
            "hint: make it relative to the folder of snowbuild.toml",
        ],
    ),
    "names that mean the same in SQL": (
        FUNCTION
        + 'arguments = { age = "FLOAT", AGE = "FLOAT", \'"AGE"\' = "FLOAT", "Ägé" = "FLOAT" }\n'
        + '[functions.F]\nhandler = "src/risk.py:f"\n[functions."f-2"]\nhandler = "src/risk.py:f"\n',
        [
            "functions.F: is the same name as f\nhint: keep one of them",
            'functions.f-2: not usable as a function name: "f-2"\n'
            "hint: use letters, digits and '_', and do not begin with a digit; "
            "or put the name in double quotes: [functions.'\"My Function\"']",
            "functions.f.arguments.AGE: is the same name as age\nhint: keep one of them",
            'functions.f.arguments."\\"AGE\\"": is the same name as age\nhint: keep one of them',
        ],
    ),
    "defaults": (
        HEAD
        + """
        [functions.f]
        handler = "src/risk.py:f"
        [functions.f.arguments]
        A = { default = 1 }
        B = { type = "FLOAT", defualt = 1 }
        C = { type = "FLOAT", default = "1" }
        D = { type = "NUMBER", default = true }
        E = { type = "VARCHAR", default = nan }
        F = { type = "DATE", default = 20260131 }
        G = { type = "DATE", default = "2026-01-31" }
        H = "FLOAT"
        [functions.d]
        handler = "src/risk.py:d"
        [functions.d.arguments]
        A = { type = "NUMBER(3,0)", default = 12345 }
        B = { type = "NUMBER(3,0)", default = 1.5 }
        C = { type = "NUMBER(38,37)", default = 1e3 }
        D = { type = "DATE", default = "yesterday" }
        E = { type = "DATE", default = "2026-02-30" }
        F = { type = "TIME", default = "9:30" }
        G = { type = "TIMESTAMP_NTZ(3)", default = "2026-01-31T25:00:00" }
        H = { type = "BINARY", default = "zz" }
        I = { type = "BINARY(1)", default = "00FF" }
        J = { type = "VARCHAR(2)", default = "abc" }
        K = { type = "CHAR", default = "ab" }
        [functions.g]
        handler = "src/risk.py:g"
        input = "array"
        arguments = { A = { type = "FLOAT", default = 1 } }
        """,
        [
            'functions.d.arguments.A: NUMBER(3,0) cannot hold 12345\nhint: write "NUMBER(5,0)"',
            'functions.d.arguments.B: NUMBER(3,0) cannot hold 1.5\nhint: write "NUMBER(4,1)"',
            "functions.d.arguments.C: NUMBER(38,37) cannot hold 1000.0",
            'functions.d.arguments.D: the default is not a DATE: "yesterday"\nhint: write it like "2026-01-31"',
            'functions.d.arguments.E: the default is not a DATE: "2026-02-30"\nhint: write it like "2026-01-31"',
            'functions.d.arguments.F: the default is not a TIME: "9:30"\nhint: write it like "12:30:00"',
            'functions.d.arguments.G: the default is not a TIMESTAMP_NTZ(3): "2026-01-31T25:00:00"\n'
            'hint: write it like "2026-01-31 12:30:00"',
            'functions.d.arguments.H: the default is not a BINARY: "zz"\nhint: write it like "00FF"',
            'functions.d.arguments.I: BINARY(1) cannot hold "00FF"\nhint: write "BINARY(2)"',
            'functions.d.arguments.J: VARCHAR(2) cannot hold "abc"\nhint: write "VARCHAR(3)"',
            'functions.d.arguments.K: VARCHAR(1) cannot hold "ab"\nhint: write "VARCHAR(2)"',
            'functions.f.arguments.A: no type\nhint: write it like { type = "FLOAT", default = 1.5 }',
            "functions.f.arguments.B: unknown key: defualt\nhint: known here: type, default",
            "functions.f.arguments.C: the default is not a FLOAT\nhint: write it without quotes",
            "functions.f.arguments.D: the default is not a NUMBER(38,0)",
            "functions.f.arguments.E: nan is not a number that JSON can hold\n"
            "hint: write a missing value as { null = true }",
            "functions.f.arguments.F: the default is not a DATE\nhint: write it in double quotes",
            "functions.f.arguments: H has no default, but comes after G, which has one\n"
            "hint: move the arguments with a default to the end",
            "functions.g.arguments: a row that is passed as one ARRAY cannot have defaults\nhint: remove the default",
        ],
    ),
    "what a function gives": (
        HEAD
        + """
        [models.m]
        path = "m"
        [functions.f]
        model = "m"
        arguments = { A = "FLOAT" }
        output = "probability"
        [functions.g]
        model = "m"
        arguments = { A = "FLOAT" }
        output = "both"
        returns = "FLOAT"
        [functions.h]
        handler = "src/risk.py:f"
        output = "both"
        """,
        [
            'functions.f.output: expected one of prediction, probabilities, both, found "probability"\n'
            "hint: did you mean probabilities?",
            'functions.g.returns: FLOAT, but output = "both" returns an OBJECT\nhint: set returns = "OBJECT"',
            "functions.h.output: is for AutoGluon's templates; a handler returns what it likes\nhint: remove it",
        ],
    ),
    "settings of a function": (
        FUNCTION
        + """
        threads = 0
        strict = "yes"
        template = "generic.py.j2"
        external-access-integrations = ["a.b"]
        secrets = { token = "a.b.c.d" }
        resource-constraint = { architecture = "arm", memory = "1X" }
        tests = [{ arguments = [], class = [1], min-probability = 2 }, { arguments = [], min-probability = 0.5 }]
        """,
        [
            "functions.f.threads: expected a positive integer",
            "functions.f.strict: expected a boolean, found a string\nhint: write true or false",
            'functions.f.external-access-integrations[0]: expected one name, found "a.b"\n'
            "hint: write no path and no dots; if the name really contains them, put it in double quotes",
            'functions.f.secrets.token: not the name of a secret: "a.b.c.d"\nhint: write database.schema.name',
            'functions.f.resource-constraint.architecture: expected one of x86, found "arm"',
            "functions.f.resource-constraint.memory: unknown key\nhint: known here: architecture",
            "functions.f.tests[0].class: expected a string, a number or a boolean, found an array",
            "functions.f.tests[0].min-probability: expected a number from 0 to 1",
            'functions.f.tests[1].min-probability: no class to which it applies\nhint: add class = "yes"',
        ],
    ),
    "a probability where there is none": (
        HEAD
        + """
        [models.m]
        path = "m"
        [functions.f]
        model = "m"
        arguments = { A = "FLOAT" }
        tests = [{ arguments = [1], class = 1 }, { arguments = [1], class = 1, min-probability = 0.5 }]
        [functions.g]
        model = "m"
        arguments = { A = "FLOAT" }
        output = "both"
        tests = [{ arguments = [1], class = 1, min-probability = 0.5 }]
        """,
        [
            'functions.f.tests[1].min-probability: output = "prediction" returns no probabilities\n'
            'hint: set output = "both", or remove min-probability',
        ],
    ),
    "a template for handlers without one": (
        HEAD + '[functions.f]\ntemplate = "generic.py.j2"\narguments = { A = "FLOAT" }\n',
        [
            'functions.f.handler: missing\nhint: add handler = "src/mine.py:predict" to [functions.f]',
        ],
    ),
    "types": (
        FUNCTION + 'arguments = { A = "NUMBR", B = 3, C = "NUMBER(39)", D = "string(0)" }\nreturns = "TABLE (x INT)"\n',
        [
            "functions.f.arguments.A: not a type that a Python function can use: NUMBR\nhint: did you mean NUMBER?",
            "functions.f.arguments.B: expected a string or a table, found an integer\n"
            'hint: write it like "FLOAT" or { type = "FLOAT", default = 1.5 }',
            "functions.f.arguments.C: NUMBER has a precision of 1 to 38 and a scale of at most that: NUMBER(39)\n"
            'hint: write "NUMBER" for Snowflake\'s default',
            "functions.f.arguments.D: VARCHAR has a length of 1 to 134217728: string(0)\n"
            'hint: write "VARCHAR" for Snowflake\'s default',
            f"functions.f.returns: not a type: TABLE (x INT)\n{KNOWN_TYPES}",
        ],
    ),
    "batches": (
        HEAD
        + """
        [functions]
        a = { handler = "src/risk.py:f", max-batch-size = 0 }
        b = { handler = "src/risk.py:f", max-batch-size = true }
        c = { handler = "src/risk.py:f", max-batch-size = 0xffffffffffffffff }
        """,
        [
            "functions.a.max-batch-size: expected a positive integer",
            "functions.b.max-batch-size: expected an integer, found a boolean",
            "functions.c.max-batch-size: expected at most 2147483647",
        ],
    ),
    "grants": (
        FUNCTION + 'grants = { ownership = ["X"], Usage = ["Y"], usage = ["a.b", \'x"y\', 1] }\n',
        [
            "functions.f.grants.ownership: ownership cannot be granted\n"
            "hint: a function belongs to the role that deploys it: targets.NAME.role",
            'functions.f.grants.usage[0]: expected one name, found "a.b"\n'
            "hint: write no path and no dots; if the name really contains them, put it in double quotes",
            'functions.f.grants.usage[1]: a misplaced double quote: "x\\"y"\n'
            "hint: put the whole name in double quotes, and double the quotes inside it",
            "functions.f.grants.usage[2]: expected a string, found an integer\nhint: write it in double quotes",
            "functions.f.grants.Usage: unknown key\nhint: did you mean usage?",
        ],
    ),
    "tests": (
        FUNCTION
        + """
        arguments = { A = "FLOAT", B = "wrong" }
        tests = [
          { },
          { arguments = [1], expect = 2 },
          { arguments = [1, 2026-11-01], expect = nan },
          { arguments = 1, expect = [inf] },
          { arguments = [1, 2], expect = 1, tolerance = -0.1 },
          { arguments = [1, 2], expect = 1, tolerance = nan },
          { arguments = [1, 2], expect = 1, tolerance = "1%" },
          { arguments = [1, 100000000000000000000000000000000000000], expect = 1 },
          1,
        ]
        """,
        [
            f"functions.f.arguments.B: not a type that a Python function can use: wrong\n{KNOWN_TYPES}",
            "functions.f.tests[8]: expected a table, found an integer",
            "functions.f.tests[0].arguments: missing\nhint: add arguments = [1, 2.5, true] to [functions.f.tests[0]]",
            "functions.f.tests[1].arguments: expected 2 values, found 1\nhint: write one for each argument",
            "functions.f.tests[2].arguments: expected a JSON value, found a local date\n"
            "hint: write it in double quotes",
            "functions.f.tests[2].expect: nan is not a number that JSON can hold\n"
            "hint: write a missing value as { null = true }",
            "functions.f.tests[3].arguments: expected an array, found an integer",
            "functions.f.tests[3].expect: inf is not a number that JSON can hold",
            "functions.f.tests[4].tolerance: expected a finite number that is not negative",
            "functions.f.tests[5].tolerance: expected a finite number that is not negative",
            "functions.f.tests[6].tolerance: expected a number, found a string",
            "functions.f.tests[7].arguments: an integer can have at most 38 digits",
        ],
    ),
    "credentials": (
        HEAD
        + """
        [targets.prod]
        database = "@ML"
        schema = "FORECAST"
        password = "hunter2"
        private_key_path = "key.p8"
        Token = "hunter2"
        user = "me"
        """,
        [
            "targets.prod.password: credentials belong in connections.toml, not in snowbuild.toml\n"
            'hint: put it under [prod] in connections.toml and refer to it here: connection = "prod"',
            "targets.prod.private_key_path: credentials belong in connections.toml, not in snowbuild.toml\n"
            'hint: put it under [prod] in connections.toml and refer to it here: connection = "prod"',
            "targets.prod.Token: credentials belong in connections.toml, not in snowbuild.toml\n"
            'hint: put it under [prod] in connections.toml and refer to it here: connection = "prod"',
            "targets.prod.user: connection parameters belong in connections.toml, not in snowbuild.toml\n"
            'hint: put it under [prod] in connections.toml and refer to it here: connection = "prod"',
            'targets.prod.database: expected one name, found "@ML"\n'
            "hint: write no path and no dots; if the name really contains them, put it in double quotes",
            'targets.prod.stage: missing\nhint: add stage = "SNOWBUILD" to [targets.prod]',
        ],
    ),
    "the local target": (
        HEAD + '[targets.local]\nstage = "S"\nwarehouse = "W"\nconnection = "c"\n',
        [
            "targets.local.warehouse: unknown key\nhint: known here: database, schema, stage",
            "targets.local.connection: unknown key\nhint: known here: database, schema, stage",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_problem_is_told(project: Path, case: str) -> None:
    text, expected = CASES[case]
    (project / "snowbuild.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(project / "snowbuild.toml")
    assert [str(problem) for problem in caught.value.problems] == expected


def test_long_text_is_cut_in_messages(project: Path) -> None:
    (project / "snowbuild.toml").write_text(HEAD.replace('"p"', f'"{"-" * 10_000}"'), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(project / "snowbuild.toml")
    assert caught.value.problems[0].message == f'not usable as a folder name: "{"-" * 79}…"'


def test_a_file_whose_name_is_too_long_is_missing(project: Path) -> None:
    (project / "snowbuild.toml").write_text(
        f'{HEAD}[packages]\nchannel = "{"c" * 300}"\n[functions.f]\nhandler = "{"h" * 300}.py:f"\n', encoding="utf-8"
    )
    with pytest.raises(ConfigError) as caught:
        load(project / "snowbuild.toml")
    assert [problem.message[:16] for problem in caught.value.problems] == ['no such file: "c', 'no such file: "h']


def test_a_very_large_table_is_read_in_linear_time(project: Path) -> None:
    arguments = ", ".join(f'A{i} = "FLOAT"' for i in range(20_000))
    (project / "snowbuild.toml").write_text(
        f'{FUNCTION}input = "array"\narguments = {{ {arguments} }}\n', encoding="utf-8"
    )
    assert len(load(project / "snowbuild.toml").functions[0].arguments) == 20_000
