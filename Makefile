# Two commands do everything: `make run` tries the service, `make test` proves it.
.DEFAULT_GOAL := help
PORT ?= 8000
PYTHON ?= python3
BIN := .venv/bin
# More workers than cores: a journey in the browser waits half of its time.
MORE = $(shell $(BIN)/python -c 'import os; print(2 + (os.cpu_count() or 1))')
# Or each of the many processes of the tests would compile the whole house for itself.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check fix pictures bench lock help

run: .venv/run.done  ## Serve the demo on http://127.0.0.1:8000 (PORT=… changes it)
	@$(BIN)/svar demo --port $(PORT)

test: .venv/test.done  ## Run the whole suite: SQLite, PostgreSQL, and a real browser
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m pytest --numprocesses auto -m "not uncounted" --cov --cov-report=term
	@$(BIN)/python -m pytest --numprocesses $(MORE) --dist worksteal -m uncounted

check: .venv/test.done  ## Format, lint, types, import contracts, generated files current
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy --num-workers auto
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.generated --check

fix: .venv/test.done  ## Format, mend what lint can mend, write generated files anew
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/python -m tests.generated

pictures: .venv/test.done  ## Take the pictures of docs/ anew
	@$(BIN)/python -m tests.browser.pictures

bench: .venv/test.done  ## Measure speed, as ratios against limits measured in the same run
	@$(BIN)/python -m pytest tests/benchmarks --override-ini=addopts= -s

lock:  ## Pin every dependency anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  pyproject.toml --group build -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	  pyproject.toml --group build --group dev -o requirements-dev.lock

help:  ## Show this
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.venv/python.done:
	@echo "Setting up .venv …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Svar needs Python 3.11 or newer; PYTHON=/path/to/python3 names one."; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/run.done: requirements.lock pyproject.toml | .venv/python.done
	@echo "Installing what Svar needs (some 20 seconds, the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/test.done: requirements-dev.lock pyproject.toml | .venv/run.done
	@echo "Installing what its tests need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@
