# Two commands are enough on a fresh machine: make demo, make test. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
DEMO_DIR := var/demo
PORT ?= 5000
LMS_PORT ?= 5001
ONLY ?=

# Matrices of 48 columns are quickest on one thread.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help install install-dev demo demo-reset dev test test-postgres lint format bench live translations messages lock

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(RUNTIME) ## Create .venv from pinned, hashed requirements
install-dev: $(DEV) ## The same, with what tests and checks need

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Back on Track needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1 | head -n 1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Cannot create $(VENV): check that this folder is writable and that the venv module is installed (Debian: apt-get install python3-venv)."; exit 2; }

$(RUNTIME): requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the tool needs (a minute the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(RUNTIME) translations ## Start the tool and a practice LMS beside it, on data of its own
	@$(BIN)/backontrack demo --data $(DEMO_DIR) --port $(PORT) --lms-port $(LMS_PORT)

demo-reset: $(RUNTIME) ## Forget the demo's data
	@$(BIN)/backontrack demo --data $(DEMO_DIR) --reset

dev: $(DEV) translations ## The same as demo, restarted when code changes
	@$(BIN)/backontrack demo --data $(DEMO_DIR) --port $(PORT) --lms-port $(LMS_PORT) --reload

test: $(DEV) translations ## Run the tests
	@$(BIN)/python -m pytest -n auto --dist loadgroup $(ONLY)

test-postgres: $(DEV) translations ## The pages' tests once more, on a real PostgreSQL
	@TEST_DATABASE=postgres $(BIN)/python -m pytest -n auto -q tests/lti_tool/learner tests/lti_tool/staff tests/lti_tool/web

lint: $(DEV) ## Check style, types and the import contract
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(DEV) ## Bring the code into its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(DEV) translations ## Measure; ONLY=lti|sync|adaptive|pages|desks|trust runs one group
	@$(BIN)/python -m tests.bench $(ONLY)

live: $(DEV) translations ## Run the journey against the Moodle that LIVE_* variables name
	@$(BIN)/python -m pytest tests/live -m live --live $(ONLY)

translations: $(RUNTIME) ## Compile the message catalogues
	@$(BIN)/python -m lti_tool.web.translations

messages: $(RUNTIME) ## Bring the message catalogues up to the code
	@$(BIN)/python -m lti_tool.web.translations update

lock: ## Pin the requirements anew (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml --extra build -o requirements.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml --extra build --extra dev -c requirements.txt -o requirements-dev.txt
