"""The tables of `benchmarks/functions.py`."""
