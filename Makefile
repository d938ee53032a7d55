# `make` lists the targets. Everything is kept in .venv and .peers; nothing needs root.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8080
PYTEST_ARGS ?=

# The first Python that fits `requires-python` and can make virtual environments (on Debian the
# package python3-venv brings that). Those of the system come first: a call takes them a fifth less
# than one that a version manager built without optimisation (docs/operations.md, "Which Python").
# Choose another with `make PYTHON=/path/to/python3.12 ...`.
PYTHONS := python3.13 python3.12 python3.11 python3
FITS := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for python in $(addprefix /usr/bin/,$(PYTHONS)) $(PYTHONS); do \
	$$python -c '$(FITS)' 2>/dev/null && echo $$python && break; done)

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: setup
setup: $(VENV)/.installed ## make .venv with the locked dependencies and the project, editable

# The stamp is newer than the lock and pyproject.toml once both are installed. hatchling is in the
# lock, so the build of the editable install downloads nothing of its own.
$(VENV)/.installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || { test -n "$(PYTHON)" && $(PYTHON) -c '$(FITS)'; } || \
		{ echo "No Python 3.11 to 3.13 with venv found: set PYTHON=/path/to/python" >&2; exit 1; }
	@test -x $(BIN)/python || { echo "Making $(VENV) with $(PYTHON)"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing what requirements.lock lists (about a minute the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: run
run: setup ## serve the fixture patients on http://127.0.0.1:8080 (sandbox mode)
	$(BIN)/cdshooks serve --sandbox --host $(HOST) --port $(PORT)

.PHONY: test
test: setup lint check peers ## everything that CI checks
	$(BIN)/pytest -n auto --dist loadgroup $(PYTEST_ARGS)
	$(if $(PYTEST_ARGS),,$(BIN)/python -m tests.mutants --budget $(MUTANTS_BUDGET))

.PHONY: lint
lint: setup ## style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: check
check: setup ## every problem in mappings/, with file, line and what is accepted
	$(BIN)/cdshooks check

# The systems that tests/peers/ talks to. Without them those tests are skipped; with CI=true a peer
# that cannot be installed is a failure.
.PHONY: peers
peers: setup
	@test ! -f tests/peers/install.sh || PATH="$(abspath $(BIN)):$$PATH" bash tests/peers/install.sh || \
		{ test "$$CI" != true && echo "Not all peers could be installed: their tests are skipped" >&2; }

.PHONY: bench
bench: setup peers ## every goal of speed and memory with its figure, the worst first (10 minutes)
	$(BIN)/python -m tests.bench $(BENCH_ARGS)

# `make test` tries a sample of the mutants, for as many seconds as this.
MUTANTS_BUDGET ?= 30

.PHONY: mutants
mutants: setup ## change every rule, threshold and code group in turn: which change would no test see?
	$(BIN)/python -m tests.mutants $(MUTANTS_ARGS)

.PHONY: soak
soak: setup peers ## every test with its full counts: all states, patients, faults, rounds, mutants (hours)
	SOAK=1 $(BIN)/pytest -n auto --dist loadgroup $(PYTEST_ARGS)
	$(if $(PYTEST_ARGS),,$(BIN)/python -m tests.mutants)

.PHONY: docs
docs: setup ## write the tables of docs/ anew from mappings/, fixtures/ and tests/
	$(BIN)/python -m tests.coverage

.PHONY: golden
golden: setup ## write fixtures/*/cards.json anew; read the diff before you commit it
	$(BIN)/cdshooks golden

.PHONY: format
format: setup ## let ruff lay out the code and mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Made on the oldest Python; tests/test_project.py sees that it still names every dependency.
# Add PIP_COMPILE_ARGS=--upgrade to take newer releases.
.PHONY: lock
lock: setup ## write requirements.lock anew from pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe \
		--all-extras --strip-extras --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host $(PIP_COMPILE_ARGS) --output-file requirements.lock pyproject.toml

.PHONY: wheel
wheel: setup ## build the sdist and the wheel into dist/
	$(BIN)/python -m build --no-isolation

.PHONY: clean
clean: ## remove everything that was made here, .venv and .peers too
	rm -rf $(VENV) .peers dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
