"""Names of the modules on the stage, which share one folder and hide other modules with the same name."""

from __future__ import annotations

import hashlib
import keyword
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from snowbuild import sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LOADER = "snowbuild_loader"

PLAIN_MODULE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")

# The standard library's modules from Python 3.10 to 3.14, regardless of the Python that runs snowbuild.
STANDARD_LIBRARY = """
    abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb
    binascii binhex bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections
    colorsys compileall compression concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes
    curses dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno
    faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext
    glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress
    itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap
    modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator
    optparse os ossaudiodev pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath
    pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline
    reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd smtplib
    sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string
    stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios
    textwrap this threading time timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle
    turtledemo types typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg
    winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo
"""

# Modules whose distribution has another name; the others are found among the distributions.
KNOWN_MODULES = """
    attr autogluon bs4 cv2 dateutil google PIL pkg_resources sklearn snowflake tlz torch yaml
"""


def module_names(
    functions: Iterable[str], handlers: Iterable[str], distributions: Iterable[str]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Name the module of each function and of each handler's file; a name gets a digest if it would hide something.

    Handlers come first, because pickled objects refer to their module by name. Pure.

    Args:
        functions: As in snowbuild.toml.
        handlers: Paths as in snowbuild.toml.
        distributions: Normalized names.

    Returns:
        Function name → module name, and path → module name. All differ, even if case is ignored.
    """
    taken = {name.lower() for name in (LOADER, *STANDARD_LIBRARY.split(), *KNOWN_MODULES.split())}
    for distribution in distributions:
        taken |= {distribution.replace("-", "_"), distribution.split("-")[0]}
    of_handlers = _distinct({path: PurePosixPath(path).stem for path in handlers}, taken)
    taken |= {name.lower() for name in of_handlers.values()}
    # Quoted names keep their case and may contain anything: a digest of the name identifies their module.
    wanted = {name: name.lower() if sql.PLAIN_NAME.fullmatch(name) else name for name in functions}
    return _distinct(wanted, taken), of_handlers


def _distinct(wanted: Mapping[str, str], taken: set[str]) -> Mapping[str, str]:
    folded = [name.lower() for name in wanted.values()]
    return {
        key: name if _is_free(name, taken) and folded.count(name.lower()) == 1 else _with_digest(name, key)
        for key, name in wanted.items()
    }


def _is_free(name: str, taken: set[str]) -> bool:
    return PLAIN_MODULE.fullmatch(name) is not None and not keyword.iskeyword(name) and name.lower() not in taken


def _with_digest(name: str, key: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower()
    return f"m_{plain}_{hashlib.sha256(key.encode()).hexdigest()[:12]}"
