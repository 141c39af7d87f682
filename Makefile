# Everything from a clone, with Python 3.11 or newer, venv and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TOOLS ?= build/tools
JOBS ?= 4
SUPPLY := $(BIN)/python -m tests.supply --tools $(TOOLS)
LOCKED := --quiet --require-hashes --only-binary :all:

.PHONY: demo test lint cover bench crash faults fuzz clean tools lock audit sbom wheel installable supply release

$(BIN)/gsmsend: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e .
	touch $@

$(VENV)/.dev: $(BIN)/gsmsend pyproject.toml
	$(BIN)/python -m pip install --quiet -e '.[dev]'
	touch $@

# What checks and builds a release, in an environment of its own, each file held against its hash.
$(TOOLS)/.made: requirements/tools.txt
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install $(LOCKED) -r requirements/tools.txt
	touch $@

demo: $(BIN)/gsmsend ## 40 texts through two virtual modems, on your screen
	$(BIN)/gsmsend run --demo

test: $(VENV)/.dev ## all tests; what needs other programs says what to install
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile

lint: $(VENV)/.dev $(TOOLS)/.made ## style, types, layers, what bandit knows of
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests hw
	$(BIN)/lint-imports
	$(TOOLS)/bin/bandit --quiet --configfile .ci/bandit.yaml --recursive gsmsend drivers hw

bench: $(VENV)/.dev ## the figures in README, measured here
	$(BIN)/python -m tests.benchmarks

cover: $(VENV)/.dev ## which lines and branches the tests reach
	$(BIN)/python -m pytest --cov --cov-report=term -m "not slow" tests/unit tests/property tests/contract

crash: $(VENV)/.dev ## 1,000 kills: nothing lost, nothing twice
	$(BIN)/python -m tests.crash --kills 1000

faults: $(VENV)/.dev ## every fault of a modem, SIM, network, report or host
	$(BIN)/python -m tests.faults

fuzz: $(VENV)/.dev ## bad input by machine, 30 minutes a target
	$(BIN)/python -m pip install --quiet atheris
	$(BIN)/python -m tests.fuzz --minutes 30

tools: $(TOOLS)/.made ## bandit, pip-audit, cyclonedx-bom, uv, hatchling, as locked

lock: $(VENV)/.dev ## requirements/*.txt anew; UPGRADE=1 takes the newest versions
	test -x $(TOOLS)/bin/uv || { $(PYTHON) -m venv $(TOOLS); $(TOOLS)/bin/python -m pip install --quiet uv; }
	$(SUPPLY) lock $(if $(UPGRADE),--upgrade)

audit: $(VENV)/.dev $(TOOLS)/.made ## known vulnerabilities of what is locked
	$(SUPPLY) audit $(if $(ALL),--all)

sbom: $(VENV)/.dev $(TOOLS)/.made ## the bill of materials (CycloneDX)
	$(SUPPLY) sbom dist/gsmsend.cdx.json

wheel: sbom ## the wheel, and its bill of materials beside it
	rm -f dist/gsmsend-*.whl
	$(TOOLS)/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

installable: wheel ## the wheel and what it needs, each file held against its hash, in a fresh environment
	rm -rf build/fresh
	$(PYTHON) -m venv build/fresh
	build/fresh/bin/python -m pip install $(LOCKED) -r requirements/core.txt
	build/fresh/bin/python -m pip install --quiet --no-deps --no-index dist/gsmsend-*.whl
	build/fresh/bin/python -m pip check
	build/fresh/bin/gsmsend --version

supply: audit installable ## what CI checks of the supply chain
	$(SUPPLY) check

release: ## as supply, but every package must have been answered for
	$(MAKE) supply ALL=1

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
