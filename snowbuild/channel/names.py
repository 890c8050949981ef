"""Distributions that have another name on Snowflake's Anaconda channel. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# Normalized distribution name → name on the channel. Several distributions may share a name there, because conda
# chooses between CPU and GPU, or with and without a display, by build and not by name; the first one represents the
# package. An entry only counts if the channel has its name; `packages.names` extends and overrides the table.
CHANNEL_NAMES: Mapping[str, str] = {
    "annoy": "python-annoy",
    "blosc": "python-blosc",
    "boruta": "boruta_py",
    "brotli": "brotli-python",
    "build": "python-build",
    "cdo": "python-cdo",
    "confluent-kafka": "python-confluent-kafka",
    "cufflinks": "cufflinks-py",
    "docker": "docker-py",
    "duckdb": "python-duckdb",
    "esprima": "esprima-python",
    "faiss-cpu": "faiss",
    "faiss-gpu": "faiss",
    "fastjsonschema": "python-fastjsonschema",
    "flair": "python-flair",
    "flatbuffers": "python-flatbuffers",
    "graphviz": "python-graphviz",
    "h2o": "h2o-py",
    "hdfs": "python-hdfs",
    "igraph": "python-igraph",
    "installer": "python-installer",
    "kaleido": "python-kaleido",
    "kubernetes": "python-kubernetes",
    "lmdb": "python-lmdb",
    "msgpack": "msgpack-python",
    "neo4j": "neo4j-python-driver",
    "nvidia-ml-py3": "nvidia-ml",
    "opencv-python-headless": "opencv",
    "opencv-python": "opencv",
    "opencv-contrib-python-headless": "opencv",
    "opencv-contrib-python": "opencv",
    "ortools": "ortools-python",
    "prince": "prince-factor-analysis",
    "psycopg2-binary": "psycopg2",
    "pvlib": "pvlib-python",
    "pyqt5": "pyqt",
    "ray": "ray-core",
    "redis": "redis-py",
    "sounddevice": "python-sounddevice",
    "soundfile": "pysoundfile",
    "symengine": "python-symengine",
    "tables": "pytables",
    "tensorflow-cpu": "tensorflow",
    "torch": "pytorch",
    "torch-geometric": "pytorch_geometric",
    "trino": "trino-python-client",
    "tzdata": "python-tzdata",
    "xgboost-cpu": "xgboost",
    "xxhash": "python-xxhash",
}

# Names that mean a C library, a server or plain data on the channel, but a distribution on an index.
NOT_PYTHON = frozenset(
    (
        *("blosc", "brotli", "bzip2", "flatbuffers", "glpk", "graphviz", "icu", "igraph", "lmdb", "re2", "redis"),
        *("snappy", "tk", "tzdata", "xxhash", "zstd"),
    )
)

# The parts into which conda splits a distribution → the distribution.
PARTS: Mapping[str, str] = {
    "dask-core": "dask",
    "matplotlib-base": "matplotlib",
    "numpy-base": "numpy",
    "py-opencv": "opencv-python-headless",
    "py-xgboost": "xgboost",
    "py-xgboost-cpu": "xgboost",
    "pytorch-cpu": "torch",
    "tensorflow-base": "tensorflow",
}

# Distributions whose own name is also on the channel, so that they represent the package, not one from the table.
_SHARED = {"psycopg2", "tensorflow", "xgboost"}

# Normalized names on the channel that are in the table → the distribution that represents the package.
_DISTRIBUTIONS: Mapping[str, str] = {
    # Of several distributions the first one wins, and a name that is the same on both sides beats all of them.
    **{canonicalize_name(there): name for name, there in reversed(tuple(CHANNEL_NAMES.items()))},
    **{name: name for name in _SHARED},
}


def distribution_name(channel_name: str) -> str:
    """The normalized distribution that a channel's package is, or is part of."""
    name = canonicalize_name(channel_name)
    return _DISTRIBUTIONS.get(name) or PARTS.get(name, name)


def spellings(
    names: Mapping[str, str], offered: Collection[str], wanted: Collection[str], staged: Collection[str] = ()
) -> Mapping[str, str]:
    """Names for the same package of the channel: every other spelling → the one that is used.

    Two spellings at once would ask Snowflake for two versions of the same package. The one in snowbuild.toml is used,
    or else the distribution that represents the package.

    Args:
        names: distribution → its name on the channel.
        offered: normalized names that the channel has for the runtime.
        wanted: normalized names that snowbuild.toml requires.
        staged: normalized names that never come from the channel.
    """
    groups: dict[str, set[str]] = {}
    for name, there in names.items():
        package = str(canonicalize_name(there))
        if package in offered:
            groups.setdefault(package, _SHARED & {package}).add(name)
    found: dict[str, str] = {}
    for package, group in groups.items():
        distributions = sorted(group.difference(staged))
        if not distributions:
            continue
        stands = _DISTRIBUTIONS.get(package)
        best = [n for n in distributions if n in wanted] or [n for n in distributions if n == stands] or distributions
        # What only packages.names maps to may be a separate distribution.
        spelled = {*distributions, package} if stands and package not in staged else set(distributions)
        found |= dict.fromkeys(spelled - {best[0]}, best[0])
    return found
