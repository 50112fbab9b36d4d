# Two commands do everything: `make run` and `make test`. They need Python 3.11 and make.
SHELL := /bin/sh
PYTHON ?= python3.11
BIN := .venv/bin
# Where `make dagster` listens.
PORT ?= 3000
export IPW_HOME ?= $(CURDIR)

.PHONY: run test torture lint dagster generate manifest setup lock clean

run: setup
	@test -d "$(IPW_HOME)/raw/inbox/simulated" || $(BIN)/ipw simulate --patents 20000 --seed 1
	@$(BIN)/ipw run
	@$(BIN)/ipw scorecard
	@echo "Next: $(BIN)/ipw scorecard NAT-FYP15   another plan"
	@echo "      $(BIN)/ipw query \"select indicator_id, message from fct_finding where status = 'open'\""
	@echo "      $(BIN)/ipw high-value --at 2025-12-31 --simulated   on the simulated register"
	@echo "      $(BIN)/ipw run --live             ask the World Bank too"
	@echo "      make dagster                     the graph, schedules and runs"

test: setup .venv/duckdb-1.4/installed
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# The faults many times over, at other random moments and with other bytes each time; says how many.
torture: setup .venv/duckdb-1.4/installed
	@tally=$$(mktemp) && IPW_TORTURE=1 IPW_TALLY=$$tally $(BIN)/python -m pytest -n 2 --dist loadfile \
	  tests/faults; result=$$?; $(BIN)/python tests/faults/tally.py $$tally; rm $$tally; exit $$result

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models dbt_project/tests
	@$(BIN)/ipw contracts diff
	@$(BIN)/ipw generate --check
	@$(BIN)/python .ci/audit.py

dagster: manifest
	@DAGSTER_HOME=$(abspath $(IPW_HOME))/.dagster $(BIN)/dagster dev -w workspace.yaml -p $(PORT)

generate: setup
	@$(BIN)/ipw generate

manifest: setup
	@$(BIN)/ipw manifest

# Installed once for each content of the lock file.
setup: .venv/installed

.venv/installed: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed (set PYTHON=…)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing what requirements.lock names (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# The DuckDB that analysts' tools still carry: tests open the published file with it.
.venv/duckdb-1.4/installed: tests/duckdb-1.4.lock | setup
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade \
	  --target .venv/duckdb-1.4 --requirement $<
	@touch $@

# Pins again what pyproject.toml names; for maintainers, on a machine with a registry.
lock:
	@rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/python -m pip install --quiet --upgrade setuptools
	@.venv-lock/bin/python -m pip install --quiet ".[dev]"
	@{ echo "# Every package that is installed, pinned. Made by \`make lock\`."; \
	  .venv-lock/bin/python -m pip freeze --exclude ip-warehouse --all | grep -v '^pip==' | grep '=='; } > requirements.lock
	@rm -rf .venv-lock

clean:
	@rm -rf .venv .venv-lock *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@rm -rf dbt_project/target dbt_project/logs .dagster warehouse/builds warehouse/landed warehouse/dbt warehouse/logs warehouse/retired warehouse/current
	@echo "left in place: raw/ (bytes and receipts)"
