# What a newcomer types. Every target sets up what it needs and is quick when nothing changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
DEV_STAMP := $(VENV)/.set-up-dev
PORT ?= 8000

.PHONY: setup setup-dev demo test check bench slow fuzz lock clean

setup: $(STAMP)
setup-dev: $(DEV_STAMP)

$(STAMP): requirements.lock pyproject.toml hatch_build.py frontend/package-lock.json $(shell find frontend/src -type f 2>/dev/null)
	@PYTHON="$(PYTHON)" sh scripts/setup.sh run
	@touch $@

$(DEV_STAMP): $(STAMP) requirements-dev.lock
	@PYTHON="$(PYTHON)" sh scripts/setup.sh dev
	@touch $@

demo: setup
	$(BIN)/eigenform demo --port $(PORT)

test: setup-dev
	sh scripts/test.sh

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

bench: setup-dev
	$(BIN)/python -m benchmarks

slow: setup-dev
	$(BIN)/pytest tests -m slow -n 2 -p no:cacheprovider

fuzz: setup-dev
	$(BIN)/pytest tests -m fuzz -n 2

lock: setup-dev
	sh scripts/lock.sh

clean:
	rm -rf $(VENV) .venv-tools frontend/node_modules frontend/.stamp src/eigenform/web/static/eigenform/dist
