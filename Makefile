# make help lists what there is.

EPOCHS ?= 60
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready
LOWEST := .venv-lowest

.PHONY: help train test test-slow test-lowest lint format clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

train: $(READY)  ## set up .venv and train on drawn facades, EPOCHS=60
	@echo "Training on drawn facades for $(EPOCHS) epochs; after its first steps the run says how long it takes here."
	$(BIN)/python train.py trainer.max_epochs=$(EPOCHS)
	@echo "The commands above are those of .venv: . $(BIN)/activate makes them this shell's."

test: lint  ## set up .venv, lint, and run the tests that take seconds each
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-slow: $(READY)  ## run the tests that take minutes each
	$(BIN)/python -m pytest -m slow

test-lowest: need-python  ## run the tests with every dependency at its lower bound, in an environment of its own
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct --editable '.[dev,video,onnx,rectify,sweep]'
	$(LOWEST)/bin/python -m pytest

lint: $(READY)  ## run ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)  ## lay the code out, and mend what ruff can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

# Made again whenever pyproject.toml or this file changes; the stamp is set only when everything is
# installed.
$(READY): pyproject.toml Makefile | need-python
	@echo "Setting up .venv with PyTorch and the rest: a few minutes, and some GB of disk."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,video,onnx,shards]'
	@touch $@

.PHONY: need-python
need-python:
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11 or newer found: install one, or name it with make PYTHON=PATH"; exit 1; }

clean:  ## delete the environments and what the tools keep
	rm -rf .venv $(LOWEST) .mypy_cache .pytest_cache .ruff_cache .hypothesis dist
