"""The port of `apply`, on a Snowpark session."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from snowbuild.errors import SqlError, StageError
from snowbuild.plan import Observed, ObservedFile, ObservedFunction
from snowbuild.plan.drift import Description
from snowbuild.plan.installed import read_installed
from snowbuild.plan.record import from_file, newest, record_paths
from snowbuild.snowflake.connection import sql_errors
from snowbuild.sql import Signature, SqlType, literal, qualified, quoted

if TYPE_CHECKING:
    from pathlib import Path

    from snowflake.snowpark import Session

    from snowbuild.config.values import TargetConfig
    from snowbuild.plan import Record, StagedFile

PARTS_AT_ONCE = 4
"""Threads for each upload; Snowflake's default."""

DOES_NOT_EXIST = "does not exist or not authorized"


class SnowflakeTarget:
    """A database, schema and stage of an account, seen through an open session."""

    def __init__(self, session: Session, target: TargetConfig) -> None:
        self._session = session
        self._target = target
        self._schema = qualified(target.database, target.schema)
        self._stage = f"@{self._schema}.{qualified(target.stage)}"

    def observe(self, project: str) -> Observed:
        """Read the project's files, the schema's functions and the newest record."""
        files = self._files(project)
        path = newest(f.path for f in files)
        return Observed(
            files=files, functions=self._functions(), record=None if path is None else self.read_record(path)
        )

    def records(self, project: str) -> tuple[Record, ...]:
        """Every deployment record of the project, oldest first."""
        return tuple(self.read_record(path) for path in record_paths(f.path for f in self._files(project)))

    def create_stage(self) -> None:
        """Create the stage unless it exists, or unless the target says not to."""
        if self._target.create_stage:
            self.execute(f"CREATE STAGE IF NOT EXISTS {self._stage.removeprefix('@')}")

    def upload(self, local: Path, file: StagedFile) -> None:
        """PUT a file under its own name; a file that is there is not sent again."""
        folder = file.path.rpartition("/")[0]
        with sql_errors(file.path):
            # The path is a digest of the content, so what is there already is the same file: OVERWRITE=FALSE.
            self._session.file.put(
                str(local), f"{self._stage}/{folder}", parallel=PARTS_AT_ONCE, auto_compress=False, overwrite=False
            )

    def write(self, path: str, data: bytes) -> None:
        """PUT bytes."""
        with sql_errors(path):
            self._session.file.put_stream(
                io.BytesIO(data), f"{self._stage}/{path}", auto_compress=False, overwrite=False
            )

    def execute(self, statement: str) -> None:
        """Run a statement."""
        self.rows(statement)

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """Run a query; one dictionary a row, keys as Snowflake gives them."""
        with sql_errors(f"target {self._target.name}"):
            return [row.as_dict() for row in self._session.sql(statement).collect()]

    def describe(self, signature: Signature) -> Description:
        """What the target says of a function; empty when it is not there."""
        function = f"{self._schema}.{signature.sql}"
        try:
            rows = self.rows(f"DESCRIBE FUNCTION {function}")
            grants = self.rows(f"SHOW GRANTS ON FUNCTION {function}")
        except SqlError as exc:
            if DOES_NOT_EXIST in str(exc):
                return Description(text="", grants=frozenset())
            raise
        return Description(
            text="\n".join(f"{row['property']} {row['value']}" for row in rows),
            grants=frozenset(
                (str(g["privilege"]).upper(), str(g["grantee_name"])) for g in grants if g["privilege"] != "OWNERSHIP"
            ),
        )

    def installed_packages(self, signature: Signature) -> tuple[str, ...]:
        """What Snowflake has installed for a function: `name==version`; empty where it does not say."""
        rows = self.rows(f"DESCRIBE FUNCTION {self._schema}.{signature.sql}")
        return next((read_installed(r["value"]) for r in rows if r["property"] == "installed_packages"), ())

    def imports(self) -> list[str]:
        """The imports of every Python function of the database, as DESCRIBE writes them."""
        found = []
        for row in self.rows(f"SHOW USER FUNCTIONS IN DATABASE {qualified(self._target.database)}"):
            if row["language"] != "PYTHON":
                continue
            signature = parse_signature(row["name"], row["arguments"])
            place = qualified(quoted(row["catalog_name"]), quoted(row["schema_name"]))
            properties = self.rows(f"DESCRIBE FUNCTION {place}.{signature.sql}")
            found += [str(p["value"]) for p in properties if p["property"] == "imports"]
        return found

    def download(self, path: str, folder: Path) -> Path:
        """GET a file into a local folder."""
        with sql_errors(path):
            self._session.file.get(f"{self._stage}/{path}", str(folder))
        return folder / path.rpartition("/")[2]

    def place(self) -> str:
        """The account, database, schema and stage, as the account itself names them."""
        row = self.rows('SELECT CURRENT_ORGANIZATION_NAME() AS "O", CURRENT_ACCOUNT_NAME() AS "A"')[0]
        return f"{row['O']}-{row['A']}/{self._stage.removeprefix('@')}"

    def remove(self, path: str) -> None:
        """Take a file off the stage."""
        self.execute(f"REMOVE {literal(f'{self._stage}/{path}')}")

    def _files(self, project: str) -> tuple[ObservedFile, ...]:
        try:
            rows = self.rows(f"LIST {literal(f'{self._stage}/{project}/')}")
        except SqlError as exc:
            if DOES_NOT_EXIST in str(exc):
                return ()
            raise
        # LIST puts the stage's name first.
        files = (ObservedFile(path=str(row["name"]).partition("/")[2], size=int(row["size"])) for row in rows)
        return tuple(sorted(files, key=lambda f: f.path))

    def _functions(self) -> tuple[ObservedFunction, ...]:
        rows = self.rows(f"SHOW USER FUNCTIONS IN SCHEMA {self._schema}")
        functions = (
            ObservedFunction(
                signature=parse_signature(row["name"], row["arguments"]), comment=str(row["description"] or "")
            )
            for row in rows
        )
        return tuple(sorted(functions, key=lambda f: f.signature))

    def read(self, path: str) -> bytes:
        """The content of a file on the stage."""
        with sql_errors(path), self._session.file.get_stream(f"{self._stage}/{path}") as stream:
            return stream.read()

    def read_record(self, path: str) -> Record:
        """The deployment record at that path, verified."""
        return from_file(path, self.read(path))

    def who(self) -> tuple[str, str]:
        """The user and the role of the session."""
        row = self.rows('SELECT CURRENT_USER() AS "USER", CURRENT_ROLE() AS "ROLE"')[0]
        return str(row["USER"]), str(row["ROLE"])


def parse_signature(name: str, arguments: str) -> Signature:
    """Read the columns `name` and `arguments` of SHOW FUNCTIONS: `F(NUMBER, DEFAULT VARCHAR) RETURN FLOAT`.

    Raises:
        StageError: not of this form.
    """
    inside, found, _ = arguments.rpartition(") RETURN ")
    if not found:
        raise StageError(f"SHOW FUNCTIONS gave arguments of an unknown form: {arguments}", where=name)
    # The name comes first and may hold anything, so the list is read from its end to the bracket that opens it.
    depth, start = 1, len(inside)
    while depth and start:
        start -= 1
        depth += {")": 1, "(": -1}.get(inside[start], 0)
    # The commas inside of NUMBER(38,0) and MAP(VARCHAR, NUMBER) part nothing.
    types = re.findall(r"(?:[^,()]|\([^()]*\))+", inside[start + 1 :])
    return Signature(name, tuple(_type_name(t) for t in types if t.strip()))


def _type_name(text: str) -> str:
    words = text.strip().removeprefix("DEFAULT ").strip()
    try:
        return SqlType.parse(words).name
    except ValueError:
        return words.upper()
