# make train: set up .venv and train on drawn facades.   make test: set up .venv and run the tests.

EPOCHS ?= 60
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: train test lint clean

train: $(READY)
	@echo "Training on drawn facades for $(EPOCHS) epochs. 60 take about a quarter of an hour on two CPU cores"
	@echo "with AVX512-BF16, twice that without; after its first steps the run says how long it takes here."
	$(BIN)/python train.py trainer.max_epochs=$(EPOCHS)

test: lint
	$(BIN)/python -m pytest

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Made again whenever pyproject.toml changes; the stamp is set only when everything is installed.
$(READY): pyproject.toml
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11 or newer found: install one, or name it with make PYTHON=PATH"; exit 1; }
	@echo "Setting up .venv with PyTorch and the rest: a few minutes, and some GB of disk."
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
