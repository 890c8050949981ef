"""Distributions that Snowflake's Anaconda channel has under another name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Normalized distribution name → name on the channel. Several distributions may share a name there, because
# conda chooses between CPU and GPU, or with and without a display, by build and not by name. The table only
# counts where the channel does have the name; `packages.names` extends and overrides it.
CHANNEL_NAMES: Mapping[str, str] = {
    "blosc": "python-blosc",
    "brotli": "brotli-python",
    "docker": "docker-py",
    "flatbuffers": "python-flatbuffers",
    "graphviz": "python-graphviz",
    "kaleido": "python-kaleido",
    "lmdb": "python-lmdb",
    "msgpack": "msgpack-python",
    "opencv-contrib-python": "opencv",
    "opencv-contrib-python-headless": "opencv",
    "opencv-python": "opencv",
    "opencv-python-headless": "opencv",
    "psycopg2-binary": "psycopg2",
    "tables": "pytables",
    "tensorflow-cpu": "tensorflow",
    "torch": "pytorch",
    "xgboost-cpu": "xgboost",
    "xxhash": "python-xxhash",
}
