"""Calls of deployed functions: the SQL for a row, and the answer compared with what was expected."""
