# Everything runs in .venv, which each target makes by itself. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev

.PHONY: help try test check format bench soak nightly editors llama gateway sbom dist clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

try: $(RUNTIME)  ## set up, and complete an example with the embedded engine
	@$(BIN)/python -P -m fim_lsp complete docs/example/inventory.py:24:13 --provider lookup
	@echo
	@echo "That was the embedded engine: no model, no key, no network. Two steps from here:"
	@echo "  1. a key     export MISTRAL_API_KEY=...   then: $(BIN)/fim-lsp doctor"
	@echo "  2. an editor README.md has a block for Neovim, VS Code, Emacs and Helix"

test: $(DEV)  ## set up, and run every test that needs no editor and no model server
	$(BIN)/python -m pytest

check: $(DEV)  ## format, lint, types, tests: reports every failure, not only the first
	@status=0; \
	for step in "ruff format --check ." "ruff check ." "mypy" "pytest"; do \
	  echo "== $$step"; $(BIN)/python -m $$step || status=1; \
	done; exit $$status

format: $(DEV)  ## bring the code into shape
	$(BIN)/python -m ruff format .
	$(BIN)/python -m ruff check --fix .

bench: $(DEV)  ## print every figure, each beside something to compare it with
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.gateway
	$(BIN)/python -m tests.bench.lookup

soak: $(DEV)  ## eight hours of typing in minutes
	$(BIN)/python -m tests.bench.soak

nightly: $(DEV)  ## the long versions of the hard tests
	TEST_EDITS=1000000 TEST_ROUNDS=50 TEST_SEEDS=6 TEST_FUZZ=50 TEST_CHAOS=1 \
	  $(BIN)/python -m pytest tests/hard tests/protocol tests/lsp tests/privacy

sbom: $(DEV)  ## the bill of materials in dist/
	@mkdir -p dist
	$(BIN)/python -m tests.bench.supply --sbom dist/sbom.json

gateway: $(DEV)  ## the gateway with Valkey, a load generator, SDKs and Neovim (needs apt and npm)
	tests/gateway/heavy/run

editors: $(DEV)  ## the real editors, through all scenarios (needs apt and npm)
	tests/editors/run

llama: $(DEV)  ## a real llama-server (needs apt)
	tests/llama/run

dist: $(DEV)  ## wheel, sdist, VS Code package and Emacs tar in dist/ (needs npm)
	$(BIN)/python editors/dist.py

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "fim-lsp needs Python 3.11 or newer: make PYTHON=python3.x …")'
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	$(BIN)/python -m compileall -q fim_lsp $(VENV)/lib/*/site-packages > /dev/null 2>&1 || true
	@touch $@

$(DEV): pyproject.toml $(RUNTIME) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

clean:  ## remove what make has made
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
