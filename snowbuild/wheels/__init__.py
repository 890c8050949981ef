"""Wheels as files: their names, what is in them, their way here, and their bytecode."""
