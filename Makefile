# make run   installs what is missing and starts everything
# make test  runs every check and test
VENV ?= .venv
PYTHON ?= python3
PY = $(VENV)/bin/python
STAMP = $(VENV)/.installed
PACKAGES = app admin api campaigns clickstream core crm knowledge_base portal recommender
TEST_STAMP = $(VENV)/.installed-test

.PHONY: install run test bench lint messages migration assets lock clean

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@echo "Installing packages into $(VENV) ..."
	@$(PY) -m pip install --quiet --no-compile --disable-pip-version-check -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@# Compiled once, on all processors: every start is twice as quick, also where Python is told to write no bytecode.
	@# It never stops the installation: some packages carry templates that are no Python, and what is not compiled still runs.
	@$(PY) -m compileall -q -j 0 $(VENV)/lib $(PACKAGES) >/dev/null 2>&1 || true
	@touch $@

$(TEST_STAMP): requirements-test.lock $(STAMP)
	@$(PY) -m pip install --quiet --no-compile --disable-pip-version-check -r requirements-test.lock
	@touch $@

run: install
	@exec $(VENV)/bin/rapport up

test: $(TEST_STAMP)
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" sh tests/run.sh

lint: $(TEST_STAMP)
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/mypy && $(VENV)/bin/lint-imports

bench: $(TEST_STAMP)
	@$(PY) -m benchmarks

messages: install
	@$(PY) -m core.i18n.extract

migration: install
	@$(VENV)/bin/alembic revision --autogenerate -m "$(m)"

assets:
	cd assets && npm ci && npm run build

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --no-header --no-annotate -q -o requirements.lock
	uv pip compile pyproject.toml --extra test --universal --python-version 3.11 --no-header --no-annotate -q -o requirements-test.lock

clean:
	rm -rf $(VENV) var build *.egg-info
