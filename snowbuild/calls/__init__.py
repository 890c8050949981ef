"""Calls of deployed functions: the SQL of a row, and the answer against what was expected."""
