# Two commands do everything on a fresh machine with Python 3.11 or newer:
#   make demo    environment, installation, training on real handwritten digits
#   make test    environment, installation, the whole test suite
# Another Python, in an environment of its own: make test PYTHON=python3.13 VENV=.venv-3.13

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PARALLEL := --numprocesses auto --maxprocesses 4 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo test test-quick lint bench notebook notebook-build docs clean

help:
	@sed -n 's/^#   //p' Makefile

demo: $(VENV)/installed-demo
	$(BIN)/python recipes/mnist.py --out out/demo
	@echo
	@echo "Next:"
	@echo "  $(BIN)/python                    your own model: the README's first block"
	@echo "  $(BIN)/python recipes/mnist.py --help"
	@echo "  make notebook                    ten minutes in Jupyter: notebooks/quickstart.ipynb"

test: $(VENV)/installed-test
	$(BIN)/python -m pytest $(PARALLEL)

# Without the comparisons with Keras, kills, hostile files and whole recipes.
test-quick: $(VENV)/installed-test
	$(BIN)/python -m pytest $(PARALLEL) -m "not slow and not exhaustive"

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/installed-test
	$(BIN)/python -m benchmarks.run --first --record out/benchmarks.jsonl --write out/performance.md

# Opens Jupyter; `make notebook-build` writes and runs the notebook itself.
notebook: $(VENV)/installed-notebooks
	$(BIN)/python -m jupyter lab notebooks/quickstart.ipynb

notebook-build: $(VENV)/installed-test
	$(BIN)/python notebooks/build.py

docs: $(VENV)/installed-docs
	$(BIN)/mkdocs build --strict

clean:
	rm -rf .venv .venv-* build dist site out

$(VENV)/installed-demo: EXTRAS := datasets,plot
$(VENV)/installed-test: EXTRAS := test
$(VENV)/installed-docs: EXTRAS := docs
$(VENV)/installed-notebooks: EXTRAS := datasets,notebooks

# By itself, since it asks for an Orbax older than the one that checkpoints are tested with, and
# imports none. What it does import is in the extra `test`.
$(VENV)/installed-test: ALONE := jax2onnx>=0.17.1

$(VENV)/installed-%: pyproject.toml | $(BIN)/python
	@echo "Installing kerasish[$(EXTRAS)]; this takes about a minute ..."
	@$(PIP) --editable ".[$(EXTRAS)]"
	@$(if $(ALONE),$(PIP) --no-deps "$(ALONE)")
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "kerasish needs Python 3.11 or newer; try: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
