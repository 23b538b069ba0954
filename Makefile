# Two commands do everything: `make demo` and `make test`. Only Python, make and git are needed.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
NEWEST := $(VENV)-newest
SLOW   := tests/slow
# A day, and where it is that day: behind Moscow, before it, and a leap day.
DAYS   := 2027-03-01T00:30@Asia/Kamchatka 2028-02-29T12:00@UTC 2026-12-31T23:59@America/Los_Angeles
TESTS  :=
# One worker more than processors: tests also wait, for servers and for clocks.
PYTEST  = $(BIN)/python -m pytest -n $$($(PYTHON) -c 'import os; print(os.cpu_count() + 1)') --dist worksteal
# What is installed is what the locks say, byte for byte; the project itself builds with the hatchling among it.
INSTALL   = $(BIN)/python -m pip install --quiet
LOCKED    = $(INSTALL) --require-hashes --requirement
OURSELVES = $(INSTALL) --no-deps --no-build-isolation --editable .
COMPILE   = $(VENV)-locks/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
            --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make locks'
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_ROOT_USER_ACTION = ignore

.DEFAULT_GOAL := help
.PHONY: help demo test suite test-newest test-dates matrix lint check check-slow slow wander bench generate format locks clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/.ready: locks/main.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(LOCKED) locks/main.txt
	$(OURSELVES)
	@touch $@

$(VENV)/.dev: $(VENV)/.ready locks/dev.txt
	$(LOCKED) locks/dev.txt
	@touch $@

$(VENV)/.slow: $(VENV)/.dev locks/slow.txt
	$(LOCKED) locks/slow.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.dev locks/bench.txt
	$(LOCKED) locks/bench.txt
	@touch $@

demo: $(VENV)/.ready ## the whole journey of an invented patient, on a throw-away mock
	$(BIN)/emk demo

test: $(VENV)/.dev ## every test but the slow ones
	$(PYTEST)

suite:
	$(PYTEST)

matrix: $(VENV)/.dev ## the suite on Python 3.11, 3.12 and 3.13, as far as the machine has them
	$(BIN)/nox $(NOX)

test-newest: ## the suite with the newest versions the ranges allow, without the lock
	$(PYTHON) -m venv --clear $(NEWEST)
	$(NEWEST)/bin/python -m pip install --quiet --upgrade pip
	$(NEWEST)/bin/python -m pip install --quiet --editable '.[all]' --group dev
	$(NEWEST)/bin/python -m tools.moved locks/dev.txt
	$(MAKE) --no-print-directory suite BIN=$(NEWEST)/bin

test-dates: $(VENV)/.dev ## the suite on other days in other time zones; needs Debian's faketime; DAYS and TESTS name a part
	@command -v faketime >/dev/null || { echo 'make test-dates needs faketime: apt-get install faketime' >&2; exit 1; }
	for day in $(DAYS); do \
	    echo "== $$day"; \
	    TZ="$${day#*@}" PYTHONPATH="$(CURDIR)/tests/otherdays" FAKETIME_DONT_FAKE_MONOTONIC=1 \
	        faketime "$${day%@*}" $(PYTEST) $(TESTS) || exit 1; \
	done

lint: $(VENV)/.dev ## style, types, layers, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.catalogue --check
	$(BIN)/python -m tools.completions --check
	$(BIN)/python -m tools.manual --check

check: lint ## lint, and the tests with coverage
	$(PYTEST) --cov --cov-report=term:skip-covered

check-slow: slow wander ## the slow tests: large cards, real keyrings, browsers, validators, new examples for every property

slow: $(VENV)/.slow
	$(BIN)/python -m pytest -n auto $(SLOW)

wander: $(VENV)/.dev # every property on examples nobody has drawn yet; a failure prints how to draw it again
	$(PYTEST) -m hypothesis --hypothesis-profile wander

bench: $(VENV)/.bench ## start-up, large cards, imports, exports, as ratios in one run; BENCH="--large --peers" adds the long ones
	$(BIN)/python -m bench.startup
	$(BIN)/python -m bench.card
	$(BIN)/python -m bench.importing
	$(BIN)/python -m bench.export $(BENCH)
	$(BIN)/python -m bench.search
	$(BIN)/python -m bench.sync

generate: $(VENV)/.dev ## completions, message catalogue, reference pages
	$(BIN)/python -m tools.catalogue
	$(BIN)/python -m tools.completions
	$(BIN)/python -m tools.manual

format: $(VENV)/.dev ## put the source in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

locks: ## the newest versions the ranges of pyproject.toml allow, with their hashes, into locks/
	$(PYTHON) -m venv $(VENV)-locks
	$(VENV)-locks/bin/python -m pip install --quiet --upgrade uv
	$(COMPILE) pyproject.toml --extra all --group build --group dev --output-file locks/dev.txt
	$(COMPILE) pyproject.toml --group build --constraint locks/dev.txt --output-file locks/main.txt
	$(COMPILE) --group slow --constraint locks/dev.txt --output-file locks/slow.txt
	$(COMPILE) --group bench --constraint locks/dev.txt --output-file locks/bench.txt

clean: ## remove what was made
	rm -rf $(VENV) $(VENV)-locks $(NEWEST) .nox dist build .coverage* .mypy_cache .ruff_cache .hypothesis .import_linter_cache
