# `make demo` and `make test` do all the set-up themselves; nothing else is needed than Python 3.11 or newer.
PYTHON ?= python3
# What the functions of the example and of most tests run in, whatever Python runs snowbuild.
RUNTIME := 3.11
BIN := .venv/bin
# A process for each processor; the tests of a file share servers and environments, so they stay together.
AT_ONCE := --numprocesses auto --dist loadfile
.DEFAULT_GOAL := help
.PHONY: help demo test test-slow lint types bench clean

help:
	@echo "make demo       the main job, end to end, on the local target"
	@echo "make test       the quick tests"
	@echo "make test-slow  the tests that train models and build environments"
	@echo "make lint types bench clean"

# Installed again only when what is to be installed has changed: everything else works offline.
.venv/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.3,<26.4"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[local]' --group dev
	@$(BIN)/python -c 'from snowbuild.environments.interpreter import find_interpreter; find_interpreter("$(RUNTIME)")' 2>/dev/null \
	  || $(BIN)/uv python install $(RUNTIME) \
	  || { echo "The example's functions run in Python $(RUNTIME): install it, and type this again"; exit 1; }
	@touch $@

demo: .venv/.installed
	@PATH="$(CURDIR)/$(BIN):$$PATH" bash examples/insurance/demo.sh

test: .venv/.installed
	$(BIN)/python -m pytest -m "not slow" $(AT_ONCE)

test-slow: .venv/.installed
	$(BIN)/python -m pytest -m slow $(AT_ONCE)

lint: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.installed
	$(BIN)/mypy

bench: .venv/.installed
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

clean:
	rm -rf .venv examples/*/.snowbuild examples/*/models examples/*/pylock.*.toml
