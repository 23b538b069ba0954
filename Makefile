# Two commands do everything: `make demo` and `make test`. Only Python, make and git are needed.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SLOW   := tests/slow
# One worker more than processors: tests also wait, for servers and for clocks.
PYTEST_ARGUMENTS = -m pytest -n $$($(PYTHON) -c 'import os; print(os.cpu_count() + 1)') --dist worksteal
PYTEST  = $(BIN)/python $(PYTEST_ARGUMENTS)
PYZ     = dist/emk.pyz
PYTHONS = 3.11 3.12 3.13
# Moments of this machine's clock and the time zone it stands in. A day of cache: libfaketime asks the environment every ten
# seconds otherwise, and forgets the moment where a test has emptied it.
DATES   = 2027-03-01+12:00:00/Asia/Kamchatka 2028-02-29+12:00:00/UTC 2026-12-31+23:59:00/America/Los_Angeles
TESTS   =
SITE    = $$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
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
.PHONY: help demo test test-newest test-dates matrix lint check check-slow slow wander mutants bench docs generate format locks release pyz clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/.ready: locks/main.txt locks/build.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(LOCKED) locks/main.txt
	$(LOCKED) locks/build.txt
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

$(VENV)/.mutants: $(VENV)/.dev locks/mutants.txt
	$(LOCKED) locks/mutants.txt
	@touch $@

$(VENV)/.release: $(VENV)/.ready locks/release.txt
	$(LOCKED) locks/release.txt
	@touch $@

$(VENV)/.docs: $(VENV)/.dev locks/docs.txt
	$(LOCKED) locks/docs.txt
	@touch $@

demo: $(VENV)/.ready ## the whole journey of an invented patient, on a throw-away mock
	$(BIN)/emk demo

test: $(VENV)/.dev ## every test but the slow ones
	$(PYTEST)

test-newest: ## the same tests with the newest versions that the ranges allow, without the lock; says what moved
	$(PYTHON) -m venv --clear $(VENV)-newest
	$(VENV)-newest/bin/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(VENV)-newest/bin/python -m pip install --quiet --editable '.[all]' --group build --group dev
	@echo "Moved since the lock:"; $(VENV)-newest/bin/python -m tools.moved locks/dev.txt
	$(VENV)-newest/bin/python $(PYTEST_ARGUMENTS)

test-dates: $(VENV)/.dev ## the same tests on other days and in other time zones; needs Debian's faketime
	cp tests/other_days.py $(SITE)/
	echo 'import other_days' > $(SITE)/other_days.pth
	for when in $(DATES); do \
	    echo "$$when"; \
	    TZ=$${when#*/} FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 FAKETIME_CACHE_DURATION=86400 \
	        faketime -f "@$$(echo $${when%%/*} | tr + ' ')" $(PYTEST) $(TESTS) || exit 1; \
	done
	rm -f $(SITE)/other_days.p*

matrix: $(VENV)/.dev ## the same tests on Python 3.11, 3.12 and 3.13; PYTHONS="3.11 3.13" chooses
	$(BIN)/nox --sessions $(addprefix tests-,$(PYTHONS))

lint: $(VENV)/.dev ## style, types, layers, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.catalogue --check
	$(BIN)/python -m tools.completions --check
	$(BIN)/python -m tools.manual --check
	$(BIN)/python -m tools.man_pages --check
	$(BIN)/python -m tools.licences --check
	$(BIN)/python -m tools.transcripts --check

check: lint ## lint, and the tests with coverage
	$(PYTEST) --cov --cov-report=term:skip-covered

check-slow: slow wander ## the slow tests: large cards, real keyrings, browsers, validators; new examples for every property

slow: $(VENV)/.slow $(VENV)/.release
	$(BIN)/python -m pytest -n auto $(SLOW)

wander: $(VENV)/.dev # every property on examples nobody has drawn yet; a failure prints how to draw it again
	$(PYTEST) -m hypothesis --hypothesis-profile wander

mutants: $(VENV)/.mutants ## plants seeded faults one at a time and counts those the tests notice; MUTANTS="--number 300 --seed 9"
	$(BIN)/python -m tools.mutants $(MUTANTS)

bench: $(VENV)/.bench ## start-up, large cards, imports, exports, as ratios in one run; BENCH="--large --peers" adds the long ones
	$(BIN)/python -m bench.startup
	$(BIN)/python -m bench.client_start
	$(BIN)/python -m bench.card
	$(BIN)/python -m bench.importing
	$(BIN)/python -m bench.export $(BENCH)
	$(BIN)/python -m bench.search
	$(BIN)/python -m bench.sync
	$(BIN)/python -m bench.mock_server

docs: $(VENV)/.docs ## every page and the Python reference as a site in build/docs, offline; a broken link fails
	rm -rf build/docs
	$(BIN)/python -m sphinx --fail-on-warning --quiet -c docs -d build/doctrees . build/docs

generate: $(VENV)/.dev ## completions, message catalogue, reference and man pages, transcripts
	$(BIN)/python -m tools.catalogue
	$(BIN)/python -m tools.completions
	$(BIN)/python -m tools.manual
	$(BIN)/python -m tools.man_pages
	$(BIN)/python -m tools.transcripts

format: $(VENV)/.dev ## put the source in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

locks: ## the newest versions the ranges of pyproject.toml allow, with their hashes, into locks/
	$(PYTHON) -m venv $(VENV)-locks
	$(VENV)-locks/bin/python -m pip install --quiet --upgrade pip uv packaging
	$(COMPILE) pyproject.toml --extra all --group build --group dev --output-file locks/dev.txt
	$(COMPILE) pyproject.toml --constraint locks/dev.txt --output-file locks/main.txt
	$(subst --no-annotate,,$(COMPILE)) pyproject.toml --extra all --constraint locks/dev.txt --output-file locks/all.txt
	$(COMPILE) --group build --constraint locks/dev.txt --output-file locks/build.txt
	$(COMPILE) --group release --constraint locks/dev.txt --output-file locks/release.txt
	$(COMPILE) --group slow --constraint locks/dev.txt --output-file locks/slow.txt
	$(COMPILE) --group mutants --constraint locks/dev.txt --output-file locks/mutants.txt
	$(COMPILE) --group docs --constraint locks/dev.txt --output-file locks/docs.txt
	$(COMPILE) --group bench --constraint locks/dev.txt --output-file locks/bench.txt
	$(VENV)-locks/bin/python -m tools.licences

release: $(VENV)/.release ## wheel and sdist of the last commit, built twice and compared, with SBOM and checksums, in dist/
	$(BIN)/python -m tools.release

pyz: $(VENV)/.release ## emk and all it needs in one file, for the Python and the system it is made with; PYZ=dist/emk.pyz
	rm -rf build/pyz
	mkdir -p $(dir $(PYZ))
	$(INSTALL) --target build/pyz --require-hashes --requirement locks/main.txt
	$(INSTALL) --target build/pyz --no-deps --no-build-isolation --upgrade .
	$(BIN)/shiv --site-packages build/pyz --console-script emk --preamble tools/pyz_preamble.py \
	    --python '/usr/bin/env python3' --reproducible --compressed --output-file $(PYZ)

clean: ## remove what was made
	rm -rf $(VENV) $(VENV)-locks $(VENV)-newest .nox dist build .coverage* .mypy_cache .ruff_cache .hypothesis .import_linter_cache
