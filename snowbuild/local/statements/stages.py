"""CREATE, DROP, SHOW and DESCRIBE STAGE; PUT, GET, LIST and REMOVE."""

from __future__ import annotations

import glob
import re
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from snowbuild.local.statements.beginnings import begin_drop
from snowbuild.local.values.names import StagePath
from snowbuild.local.values.results import (
    TEXT,
    TIME,
    WHOLE,
    Refused,
    Result,
    Transfer,
    already_dropped,
    already_there,
    compilation,
    dropped,
    exists,
    invalid,
    missing,
    status,
    text_table,
)
from snowbuild.local.values.rights import OWNERSHIP, Securable
from snowbuild.local.values.tokens import Kind, Reader

if TYPE_CHECKING:
    from snowbuild.local.engine.session import Session

STAGE_COLUMNS = (
    "name", "database_name", "schema_name", "url", "has_credentials", "has_encryption_key", "owner", "comment",
    "region", "type", "cloud", "notification_channel", "storage_integration", "endpoint", "owner_role_type",
    "directory_enabled",
)  # fmt: skip
PUT_COLUMNS = (
    ("source", TEXT), ("target", TEXT), ("source_size", WHOLE), ("target_size", WHOLE),
    ("source_compression", TEXT), ("target_compression", TEXT), ("status", TEXT), ("message", TEXT),
)  # fmt: skip
MOST_PARALLEL = 99
REPLACEABLE = re.compile(r"[\w ./:~*?-]+")
"""Paths that a client can find in its statement."""
# Files that PUT does not compress again (docs: sql-reference/sql/put, SOURCE_COMPRESSION).
COMPRESSED = frozenset({".gz", ".bz2", ".br", ".zst", ".deflate", ".parquet", ".orc", ".snappy"})


def create_stage(reader: Reader, session: Session) -> Result | None:
    """CREATE [OR REPLACE] [TEMPORARY] STAGE [IF NOT EXISTS] name …; internal stages only."""
    reader.expect("CREATE")
    replacing = reader.accept("OR", "REPLACE")
    temporary = False
    while not reader.accept("STAGE"):
        if not any(reader.accept(word) for word in ("SCOPED", "LOCAL", "TEMP", "TEMPORARY")):
            return None
        temporary = True
    if_not_exists = reader.accept("IF", "NOT", "EXISTS")
    place = _stage(reader, session)
    options = _options(reader)
    if "URL" in options:
        raise compilation("external stages are not supported here: the local Snowflake has internal stages only.")
    catalogue = session.engine.catalogue
    with catalogue.lock:
        session.may_create("STAGE", place.database, place.schema)
        if catalogue.has_stage(place) and not replacing:
            if if_not_exists:
                return already_there(place.stage)
            raise exists(place.full_name)
        if replacing:
            if catalogue.has_stage(place):
                session.require(OWNERSHIP, place.securable)
            session.engine.files.drop(place)
        directory = "TRUE" in options.get("DIRECTORY", "").upper()
        catalogue.put_stage(
            place, options.get("COMMENT", ""), owner=session.role, temporary=temporary, directory=directory
        )
        if temporary:
            session.temporary_stages.append(place)
    return status(f"Stage area {place.stage} successfully created.")


def drop_stage(reader: Reader, session: Session) -> Result:
    """DROP STAGE [IF EXISTS] name; its files go with it."""
    if_exists = begin_drop(reader, "STAGE")
    place = _stage(reader, session)
    reader.end()
    catalogue = session.engine.catalogue
    with catalogue.lock:
        if not catalogue.has_stage(place):
            if if_exists:
                return already_dropped(place.stage)
            raise missing("Stage", place.full_name)
        session.require(OWNERSHIP, place.securable)
        catalogue.drop_stage(place)
        session.engine.files.drop(place)
    return dropped(place.stage)


def drop_file_format(reader: Reader, session: Session) -> Result:
    """DROP FILE FORMAT [IF EXISTS] name."""
    if_exists = begin_drop(reader, "FILE", "FORMAT")
    database, schema, name = session.namespace.qualify(reader.path())
    reader.end()
    if session.engine.catalogue.drop_file_format(database, schema, name):
        return dropped(name)
    if if_exists:
        return already_dropped(name)
    raise missing("File format", f"{database}.{schema}.{name}")


def show_stages(reader: Reader, session: Session) -> Result:
    """SHOW STAGES [LIKE '…'] [IN …]."""
    reader.expect("SHOW", "STAGES")
    like, database, schema = session.scope(reader)
    known = session.engine.catalogue.stages(database=database, schema=schema)
    found = [stage for stage in known if session.sees(_securable(stage))]
    return Result(
        columns=(("created_on", TIME), *((name, TEXT) for name in STAGE_COLUMNS)),
        rows=tuple(
            (stage["created_on"], *(stage[name] for name in STAGE_COLUMNS)) for stage in found if like(stage["name"])
        ),
    )


def describe_stage(reader: Reader, session: Session) -> Result:
    """DESCRIBE STAGE name."""
    reader.at = 1
    reader.expect("STAGE")
    place = _stage(reader, session)
    session.may_see_stage(place)
    (facts,) = session.engine.catalogue.stages(database=place.database, schema=place.schema, name=place.stage)
    enabled = "true" if facts["directory_enabled"] == "Y" else "false"
    return text_table(
        "parent_property property property_type property_value property_default",
        [
            ("STAGE_LOCATION", "URL", "String", "", ""),
            ("DIRECTORY", "ENABLE", "Boolean", enabled, "false"),
            ("STAGE_COMMENT", "COMMENT", "String", facts["comment"], ""),
        ],
    )


def list_files(reader: Reader, session: Session) -> Result:
    """LIST @stage/path [PATTERN = '…']."""
    reader.at = 1
    place, pattern = _reference(reader, session, "READ")
    prefix = place.stage.lower()
    return Result(
        columns=(("name", TEXT), ("size", WHOLE), ("md5", TEXT), ("last_modified", TEXT)),
        rows=tuple(
            (f"{prefix}/{staged.path}", staged.size, staged.md5(), staged.last_modified)
            for staged in session.engine.files.list(place, pattern)
        ),
    )


def remove_files(reader: Reader, session: Session) -> Result:
    """REMOVE @stage/path [PATTERN = '…']."""
    reader.at = 1
    place, pattern = _reference(reader, session, "WRITE")
    files = session.engine.files
    found = files.list(place, pattern)
    for staged in found:
        files.remove(staged)
    return text_table("name result", [(f"{place.stage.lower()}/{staged.path}", "removed") for staged in found])


def put(reader: Reader, session: Session) -> Result | Transfer:
    """PUT file://… @stage/path: where the client sends the bytes, or that it need not.

    Clients learn whether a file was SKIPPED only from cloud storage, over HTTPS. So the answer to OVERWRITE = FALSE is
    given here, as a result, if the single file's name is taken.
    """
    reader.expect("PUT")
    source = _local_path(reader.take(Kind.STRING, Kind.FILE))
    place = StagePath.parse(reader.take(Kind.STRING, Kind.STAGE), session.namespace)
    session.may_use_stage("WRITE", place)
    options = _options(reader)
    overwrite = options.get("OVERWRITE", "FALSE").upper() == "TRUE"
    compress = options.get("AUTO_COMPRESS", "TRUE").upper() == "TRUE"
    name = PurePosixPath(source).name
    folder = place.path.rstrip("/")
    target = replace(place, path=f"{folder}/{name}" if folder else name)
    files = session.engine.files
    # Before it sends a file, the client asks again with only the name that the file will have there.
    asks_again = source == name
    if not overwrite and not asks_again and not glob.has_magic(name):
        final = name + ".gz" if compress and PurePosixPath(name).suffix not in COMPRESSED else name
        taken = files.file(replace(place, path=f"{folder}/{final}" if folder else final))
        if taken.is_file():
            size = Path(source).stat().st_size if Path(source).is_file() else 0
            row = (name, final, size, 0, "NONE", "GZIP" if final.endswith(".gz") else "NONE", "SKIPPED", "")
            return Result(columns=PUT_COLUMNS, rows=(row,))
    keep = not overwrite and files.file(target).is_file()
    # The one kind of cloud storage that clients send to with a plain, presigned HTTP URL.
    info = {
        "locationType": "GCS",
        "location": f"{place.full_name}/",
        "creds": {},
        "presignedUrl": session.engine.upload_url(target, keep=keep),
    }
    if reader.bound or not REPLACEABLE.fullmatch(source):
        # The client asks again by putting the name into its own statement, where it finds the path only literally;
        # otherwise it writes to the folder itself.
        info = {"locationType": "LOCAL_FS", "location": str(files.file(place)), "creds": {}}
    return Transfer(
        data={
            "command": "UPLOAD",
            "src_locations": [source],
            "parallel": _parallel(options),
            "autoCompress": compress,
            "sourceCompression": options.get("SOURCE_COMPRESSION", "AUTO_DETECT").lower(),
            "overwrite": overwrite,
            "stageInfo": info,
        }
    )


def get(reader: Reader, session: Session) -> Transfer:
    """GET @stage/path file://…: the client copies the files itself, being on the same machine."""
    reader.expect("GET")
    place = StagePath.parse(reader.take(Kind.STRING, Kind.STAGE), session.namespace)
    session.may_use_stage("READ", place)
    local = _local_path(reader.take(Kind.STRING, Kind.FILE))
    options = _options(reader)
    files = session.engine.files
    return Transfer(
        data={
            "command": "DOWNLOAD",
            "src_locations": [staged.path for staged in files.list(place, _pattern(options))],
            "parallel": _parallel(options),
            "autoCompress": False,
            "localLocation": local,
            "stageInfo": {"locationType": "LOCAL_FS", "location": str(files.folder(place)), "creds": {}},
        }
    )


def _stage(reader: Reader, session: Session) -> StagePath:
    database, schema, name = session.namespace.qualify(reader.path())
    return StagePath(database=database, schema=schema, stage=name, path="")


def _securable(stage: dict[str, Any]) -> Securable:
    return Securable(kind="STAGE", database=stage["database_name"], schema=stage["schema_name"], name=stage["name"])


def _reference(reader: Reader, session: Session, privilege: str) -> tuple[StagePath, str | None]:
    place = StagePath.parse(reader.take(Kind.STRING, Kind.STAGE), session.namespace)
    session.may_use_stage(privilege, place)
    return place, _pattern(_options(reader))


def _pattern(options: dict[str, str]) -> str | None:
    pattern = options.get("PATTERN")
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise Refused(
            f"Invalid regular expression: '{pattern}', {error.msg}", errno=100048, sqlstate="2201B"
        ) from error
    return pattern


def _options(reader: Reader) -> dict[str, str]:
    """`NAME = value …`, with values as text; parentheses and their content are kept as written."""
    options: dict[str, str] = {}
    while reader.here is not None:
        name = reader.take(Kind.WORD).upper()
        reader.accept("=")
        if reader.peek("("):
            options[name] = reader.skip_parentheses()
        else:
            options[name] = reader.take(Kind.STRING, Kind.WORD, Kind.NUMBER)
    return options


def _parallel(options: dict[str, str]) -> int:
    value = options.get("PARALLEL", "4")
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= MOST_PARALLEL:
        raise invalid("PARALLEL", value)
    return int(value)


def _local_path(url: str) -> str:
    if not re.match(r"(?i)file://", url):
        raise compilation(f"'{url}' is not a file:// URL.")
    return url[len("file://") :]
