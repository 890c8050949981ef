"""The port of `apply`, on a Snowpark session."""

from __future__ import annotations

import io
import re
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from snowbuild.errors import SqlError, StageError
from snowbuild.plan import Observed, ObservedFile, ObservedFunction
from snowbuild.plan.drift import Description
from snowbuild.plan.installed import read_installed
from snowbuild.plan.record import from_file, newest, record_paths
from snowbuild.snowflake.connection import ConnectionLostError, sql_errors
from snowbuild.snowflake.retry import Patience, is_repeatable, persist
from snowbuild.sql import Signature, SqlType, literal, qualified, quoted, stage_statements
from snowbuild.wheels.download import link_or_copy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from snowflake.snowpark import Session

    from snowbuild.config.values import TargetConfig
    from snowbuild.plan import Record, StagedFile

T = TypeVar("T")

PARTS_AT_ONCE = 4
"""Threads for each upload; Snowflake's default."""

DOES_NOT_EXIST = "does not exist or not authorized"


class SnowflakeTarget:
    """A database, schema and stage of an account, seen through an open session."""

    def __init__(
        self,
        session: Session,
        target: TargetConfig,
        *,
        patience: Patience = Patience(),  # noqa: B008  It cannot be changed.
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Work through an open session; `notice` is told about retries."""
        self._session = session
        self._target = target
        self._patience = patience
        self._notice = notice
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
        """Create the stage unless it exists, in which case no privilege to create it is needed.

        Raises:
            StageError: it does not exist, and the target says not to create it; says what to run.
        """
        stage = self._stage.removeprefix("@")
        if self._is_there(f"DESCRIBE STAGE {stage}"):
            return
        if not self._target.create_stage:
            raise StageError(
                f"stage {stage} does not exist, or this role cannot see it, and create-stage is false",
                where=f"targets.{self._target.name}",
                hint=f"somebody with the privileges has to run: {'; '.join(stage_statements(stage, self.who()[1]))}",
            )
        self.execute(f"CREATE STAGE IF NOT EXISTS {stage}")

    def upload(self, local: Path, file: StagedFile) -> None:
        """PUT a file under its own name; an existing file is not sent again."""
        from snowflake.connector import DictCursor

        folder = file.path.rpartition("/")[0]

        def put(path: Path) -> None:
            # Names contain the digest of the content, so an existing file is the same file: OVERWRITE = FALSE.
            statement = (
                f"PUT {literal(f'file://{path.as_posix()}')} {literal(f'{self._stage}/{folder}')} "
                f"PARALLEL = {PARTS_AT_ONCE} AUTO_COMPRESS = FALSE OVERWRITE = FALSE"
            )
            # Snowpark has one cursor for all threads unless the account says otherwise, and a PUT comes back to its
            # cursor for where to send the file: of two at once, one would go to the other's place.
            with self._session.connection.cursor(DictCursor) as cursor:
                cursor.execute(statement)
                rows = cursor.fetchall()
            done = [(row["target"], row["status"]) for row in rows]
            if done not in ([(file.filename, "UPLOADED")], [(file.filename, "SKIPPED")]):
                raise StageError(f"unexpected result of PUT: {done}", where=file.path)

        with _plain_path(local) as path:
            self._persist(file.path, lambda: put(path))

    def write(self, path: str, data: bytes) -> None:
        """PUT bytes."""
        self._persist(
            path,
            lambda: self._session.file.put_stream(
                io.BytesIO(data), f"{self._stage}/{path}", auto_compress=False, overwrite=False
            ),
        )

    def execute(self, statement: str) -> None:
        """Run a statement."""
        self.rows(statement)

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """Run a query; one dictionary per row, with keys as Snowflake gives them."""
        where = f"target {self._target.name}"

        def run() -> list[dict[str, Any]]:
            return [row.as_dict() for row in self._session.sql(statement).collect()]

        if is_repeatable(statement):
            return self._persist(where, run)
        with sql_errors(where, unsure_of=statement.partition("\n")[0]):
            return run()

    def describe(self, signature: Signature) -> Description:
        """The target's description of a function; empty if it does not exist."""
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
        """What Snowflake has installed for a function: `name==version`; empty if it does not say."""
        rows = self.rows(f"DESCRIBE FUNCTION {self._schema}.{signature.sql}")
        return next((read_installed(r["value"]) for r in rows if r["property"] == "installed_packages"), ())

    def imports(self) -> list[str]:
        """The imports of every Python function in the database, as DESCRIBE shows them."""
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
        self._persist(path, lambda: self._session.file.get(f"{self._stage}/{path}", str(folder)))
        local = folder / path.rpartition("/")[2]
        # GET of a missing file gives nothing, and is not an error.
        if not local.is_file():
            raise StageError("no such file on the stage", where=path)
        return local

    def account(self) -> str:
        """The organization and account, as the account names itself."""
        row = self.rows('SELECT CURRENT_ORGANIZATION_NAME() AS "O", CURRENT_ACCOUNT_NAME() AS "A"')[0]
        return f"{row['O']}-{row['A']}"

    def place(self) -> str:
        """The account, database, schema and stage, as the account itself names them."""
        return f"{self.account()}/{self._stage.removeprefix('@')}"

    def remove(self, path: str) -> None:
        """Remove a file from the stage."""
        self.execute(f"REMOVE {literal(f'{self._stage}/{path}')}")

    def _persist(self, where: str, work: Callable[[], T]) -> T:
        """Do something repeatable, as often as patience allows."""
        try:
            with sql_errors(where):
                return persist(work, self._patience, self._notice)
        except ConnectionLostError:
            # Clean-up after a lost connection does not wait as long again for each step.
            self._patience = replace(self._patience, tries=1)
            raise

    def _is_there(self, describe: str) -> bool:
        try:
            self.rows(describe)
        except SqlError as exc:
            if DOES_NOT_EXIST in str(exc):
                return False
            raise
        return True

    def _files(self, project: str) -> tuple[ObservedFile, ...]:
        try:
            rows = self.rows(f"LIST {literal(f'{self._stage}/{project}/')}")
        except SqlError as exc:
            if DOES_NOT_EXIST in str(exc):
                return ()
            raise
        # LIST prepends the stage's name.
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
        # Snowpark's get_stream leaves a copy in the shared temporary directory, under the file's own name.
        with tempfile.TemporaryDirectory(prefix="snowbuild-") as folder:
            return self.download(path, Path(folder)).read_bytes()

    def read_record(self, path: str) -> Record:
        """The deployment record at that path, verified."""
        return from_file(path, self.read(path))

    def login(self) -> str:
        """How the session logged in, as the connector names it."""
        return str(getattr(self._session.connection, "_authenticator", None) or "password").lower()

    def who(self) -> tuple[str, str]:
        """The user and the role of the session."""
        row = self.rows('SELECT CURRENT_USER() AS "USER", CURRENT_ROLE() AS "ROLE"')[0]
        return str(row["USER"]), str(row["ROLE"])


# The connector reads the path up to the next quote, and then treats it as a pattern.
PLAIN_PATH = re.compile(r"[\w ./:~-]+")


@contextmanager
def _plain_path(file: Path) -> Iterator[Path]:
    """A path to a local file that PUT accepts as it is."""
    absolute = file.absolute()
    if PLAIN_PATH.fullmatch(absolute.as_posix()):
        yield absolute
        return
    with tempfile.TemporaryDirectory(prefix="snowbuild-") as folder:
        path = Path(folder, file.name)
        link_or_copy(absolute, path)
        yield path


def parse_signature(name: str, arguments: str) -> Signature:
    """Read the columns `name` and `arguments` of SHOW FUNCTIONS: `F(NUMBER, DEFAULT VARCHAR) RETURN FLOAT`.

    Raises:
        StageError: they do not have this form.
    """
    inside, found, _ = arguments.rpartition(") RETURN ")
    if not found:
        raise StageError(f"SHOW FUNCTIONS gave arguments of an unknown form: {arguments}", where=name)
    # The name comes first and may contain anything, so the list is read backwards to its opening parenthesis.
    depth, start = 1, len(inside)
    while depth and start:
        start -= 1
        depth += {")": 1, "(": -1}.get(inside[start], 0)
    # The commas inside NUMBER(38,0) and MAP(VARCHAR, NUMBER) do not separate arguments.
    types = re.findall(r"(?:[^,()]|\([^()]*\))+", inside[start + 1 :])
    return Signature(name, tuple(_type_name(t) for t in types if t.strip()))


def _type_name(text: str) -> str:
    words = text.strip().removeprefix("DEFAULT ").strip()
    try:
        return SqlType.parse(words).name
    except ValueError:
        return words.upper()
