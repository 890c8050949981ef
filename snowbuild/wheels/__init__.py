"""Wheels as files: names, members, downloads and bytecode."""
