# Two commands do everything: `make demo` and `make test`. Only Python, make and git are needed.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SLOW   := tests/slow
# One worker more than processors: tests also wait, for servers and for clocks.
PYTEST  = $(BIN)/python -m pytest -n $$($(PYTHON) -c 'import os; print(os.cpu_count() + 1)') --dist worksteal
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_ROOT_USER_ACTION = ignore

.DEFAULT_GOAL := help
.PHONY: help demo test lint check check-slow bench docs generate format clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/.ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.ready pyproject.toml
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[all]' --group dev
	@touch $@

$(VENV)/.slow: $(VENV)/.dev pyproject.toml
	$(BIN)/python -m pip install --quiet --group slow
	@touch $@

$(VENV)/.docs: $(VENV)/.dev pyproject.toml
	$(BIN)/python -m pip install --quiet --group docs
	@touch $@

demo: $(VENV)/.ready ## the whole journey of an invented patient, on a throw-away mock
	$(BIN)/emk demo

test: $(VENV)/.dev ## every test but the slow ones
	$(PYTEST)

lint: $(VENV)/.dev ## style, types, layers, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.catalogue --check
	$(BIN)/python -m tools.completions --check
	$(BIN)/python -m tools.manual --check
	$(BIN)/python -m tools.transcripts --check

check: lint ## lint, and the tests with coverage
	$(PYTEST) --cov --cov-report=term:skip-covered

check-slow: $(VENV)/.slow ## the slow tests: large cards, real keyrings, browsers, independent validators
	$(BIN)/python -m pytest -n auto $(SLOW)

bench: $(VENV)/.dev ## start-up, large cards, imports, exports, as ratios in one run; BENCH="--large --peers" adds the long ones
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python -m bench.startup
	$(BIN)/python -m bench.card
	$(BIN)/python -m bench.importing
	$(BIN)/python -m bench.export $(BENCH)
	$(BIN)/python -m bench.search
	$(BIN)/python -m bench.sync

docs: $(VENV)/.docs ## every page and the Python reference as a site in build/docs, offline; a broken link fails
	rm -rf build/docs
	$(BIN)/python -m sphinx --fail-on-warning --quiet -c docs -d build/doctrees . build/docs

generate: $(VENV)/.dev ## completions, message catalogue, reference pages, transcripts
	$(BIN)/python -m tools.catalogue
	$(BIN)/python -m tools.completions
	$(BIN)/python -m tools.manual
	$(BIN)/python -m tools.transcripts

format: $(VENV)/.dev ## put the source in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove what was made
	rm -rf $(VENV) dist build .coverage* .mypy_cache .ruff_cache .hypothesis .import_linter_cache
