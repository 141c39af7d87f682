# Everything from a clone, with Python 3.11 or newer, venv and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: demo test lint cover bench crash faults fuzz clean

$(BIN)/gsmsend: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -e .
	touch $@

$(VENV)/.dev: $(BIN)/gsmsend pyproject.toml
	$(BIN)/python -m pip install --quiet -e '.[dev]'
	touch $@

demo: $(BIN)/gsmsend ## 40 texts through two virtual modems, on your screen
	$(BIN)/gsmsend run --demo

test: $(VENV)/.dev ## all tests; what needs other programs says what to install
	$(BIN)/python -m pytest

lint: $(VENV)/.dev ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy tests hw
	$(BIN)/lint-imports

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

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
