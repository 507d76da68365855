# bawwab: every task, each one line to run. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
DATA ?= $(BAWWAB_DATA)

.PHONY: fuzz help setup serve test train evaluate robustness library-report trial bench notebooks check lint types format lock clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "bawwab needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements/runtime.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements/dev.txt $(RUNTIME)
	$(BIN)/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements/dev.txt
	@touch $@

setup: $(DEV) ## create .venv with everything, tests' tools too

serve: $(RUNTIME) ## serve the shipped model on 127.0.0.1:8000, state and log embedded
	$(BIN)/bawwab serve

test: $(DEV) ## run the test suite
	$(BIN)/python -m pytest

WORLDS := $(foreach seed,11 12 13 14 15 16,var/worlds/$(seed).parquet)

var/worlds/%.parquet: $(RUNTIME) $(wildcard data/messages/*.toml)
	$(BIN)/bawwab simulate --scenario quick --seed $* --half trial -o $@

train: $(RUNTIME) ## train a candidate model under models/ (BAWWAB_DATA adds corpora)
	$(MAKE) --no-print-directory -j 2 $(WORLDS)
	$(BIN)/bawwab train --log var/worlds

evaluate: $(RUNTIME) ## metrics of the champion on data it was not trained on
	$(BIN)/bawwab evaluate

robustness: $(RUNTIME) ## recall kept under disguise, and fairness to honest styles
	$(BIN)/bawwab robustness

library-report: $(RUNTIME) ## what the message library teaches
	$(BIN)/bawwab library-report

trial: $(RUNTIME) ## the closed-loop field trial
	$(BIN)/bawwab trial

bench: $(DEV) ## what a decision costs, in process and over HTTP
	$(BIN)/python benchmarks/run.py

fuzz: $(DEV) ## ask a whole service 20,000 times what its OpenAPI document allows and forbids
	$(BIN)/python scripts/fuzz_api.py

notebooks: $(DEV) ## execute the notebooks
	$(BIN)/python scripts/run_notebooks.py

lint: $(DEV) ## style, imports, docstrings
	$(BIN)/ruff check src tests benchmarks scripts examples
	$(BIN)/ruff format --check src tests benchmarks scripts examples
	$(BIN)/lint-imports
	$(BIN)/numpydoc lint $$(git ls-files 'src/*.py')

types: $(DEV) ## static types
	$(BIN)/mypy

check: lint types test notebooks ## everything CI runs

format: $(DEV) ## format the code
	$(BIN)/ruff check --fix src tests benchmarks scripts examples
	$(BIN)/ruff format src tests benchmarks scripts examples

lock: ## renew the constraints: names, versions and hashes, no index addresses
	$(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip install --quiet pip-tools
	$(VENV)/lock/bin/python scripts/lock.py

clean: ## remove what can be made again
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
