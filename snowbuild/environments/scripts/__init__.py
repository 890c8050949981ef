"""Scripts for the runtime's Python, where snowbuild itself is not installed.

Each is started by its file name and imports only the standard library and what a predictor needs.
"""

from pathlib import Path

BYTECODE = Path(__file__).with_name("bytecode.py")
DESCRIBE = Path(__file__).with_name("describe.py")
OPTIMIZE = Path(__file__).with_name("optimize.py")
PREDICT = Path(__file__).with_name("predict.py")
