# make demo   everything a new user needs, then the site on 127.0.0.1
# make test   every test but browser and PostgreSQL
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
SERVE  ?= 1
export PYTHONPATH := src
# Keep compiled files even where the machine says not to: every process after the first starts in half the time.
export PYTHONDONTWRITEBYTECODE :=
STAMPS := $(VENV)/.stamps

.PHONY: help demo test browser test-postgres lint types contracts migrations messages translations bench docs pins clean setup setup-dev

help:
	@sed -n '1,2p' Makefile; echo "targets: demo test browser test-postgres lint types contracts migrations messages translations bench docs pins clean"

$(STAMPS)/venv:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Jingtu needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/base: $(STAMPS)/venv requirements/base.txt requirements/build.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt -r requirements/build.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/dev: $(STAMPS)/base requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(STAMPS)/docs: $(STAMPS)/venv requirements/docs.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	@touch $@

$(STAMPS)/front-end: $(STAMPS)/venv package-lock.json scripts/npm.sh
	sh scripts/npm.sh $(BIN) ci --ignore-scripts --no-audit --no-fund
	@touch $@

setup: $(STAMPS)/base $(STAMPS)/front-end
	@$(BIN)/python scripts/messages.py compile

setup-dev: setup $(STAMPS)/dev

demo: setup
	@$(BIN)/python -m jingtu.portal.cli.manage collectstatic --noinput --verbosity 0
	@$(BIN)/jingtu demo $(if $(filter 0,$(SERVE)),--no-serve) $(if $(VILLAGES),--villages) $(if $(PORT),--port $(PORT))

# SQLite remakes a table for each migrated field: the tables are made at once here; migrations run in test-postgres and browser.
test: setup-dev
	$(BIN)/python -m pytest -q -n 2 --dist worksteal --nomigrations -m "not browser"

# The tests of one file go on from one another: they stay in one process. The longest begins early.
browser: setup-dev
	sh scripts/chromium.sh
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m browser tests/browser

# Run once, on SQLite: what touches no database, and who gets in where (decision 0038).
SAME_ON_BOTH := $(addprefix --ignore=tests/,access architecture benchmarks catalogue engine properties)

test-postgres: setup-dev
	sh scripts/postgres.sh $(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not browser" $(SAME_ON_BOTH)

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup-dev
	$(BIN)/mypy

contracts: setup-dev
	$(BIN)/lint-imports --no-logo

migrations: setup-dev
	DJANGO_SETTINGS_MODULE=jingtu.portal.settings.test $(BIN)/python -m jingtu.portal.cli.manage makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=jingtu.portal.settings.test $(BIN)/python -m jingtu.portal.cli.manage check --fail-level WARNING

messages: setup-dev
	$(BIN)/python scripts/messages.py update
	$(BIN)/python scripts/messages.py compile

translations: setup-dev
	$(BIN)/python scripts/messages.py check

bench: setup-dev
	$(BIN)/python -m benchmarks $(BENCH)

docs: $(STAMPS)/docs
	$(BIN)/mkdocs build --strict --quiet

pins: setup-dev
	for name in base build dev docs node; do \
	  $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	    requirements/$$name.in -o requirements/$$name.txt; done

clean:
	rm -rf $(VENV) node_modules static_build site build out .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
