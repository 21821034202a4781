# The commands of the project. Everything runs in .venv, made from the pinned lock.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The interpreter behind the one that is found: an activated .venv is removed before it is made anew.
PYTHON ?= $(shell readlink -f "$$(command -v python3.11 || command -v python3)")
BIN := .venv/bin
STAMP := .venv/installed
# The lock is complete, so nothing is resolved: every file is named with its hash.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps

# A variable's text as it was given, for the shell: ids and folders hold $ and quotes, too.
given = '$(subst ','\'',$(value $(1)))'

export DAGSTER_HOME := $(CURDIR)
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help install demo test dev simulator bench forget backup restore upgrade migrate-events docs lock

help: ## show the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

install: $(STAMP) ## make .venv with everything demo, dev and test need

$(STAMP): requirements.lock pyproject.toml
	@echo "Installing into .venv (the first time takes a minute or two) …"
	@"$(PYTHON)" -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name one with make PYTHON=…")'
	@rm -rf .venv && "$(PYTHON)" -m venv .venv
	@$(PIP) --requirement <(grep -A99 '^uv==' requirements.lock | sed '/[^\\]$$/q')
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --no-deps --requirement requirements.lock \
	    || { echo "uv cannot reach the package registry; pip takes a few minutes …"; $(PIP) --requirement requirements.lock; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . 2>/dev/null
	@$(BIN)/python -m journey_assets.compiling
	@touch $(STAMP)

demo: $(STAMP) ## the whole line against the vendor simulator
	@python -m journey_assets.demo

test: $(STAMP) ## lint, types and all tests
	@ruff check .
	@ruff format --check .
	@# On a busy machine mypy's workers may not come up in time (exit 2): then it does without.
	@mypy || { [ $$? -eq 2 ] && mypy --num-workers 0; }
	@lint-imports
	@pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder -rs

dev: $(STAMP) ## Dagster UI on 127.0.0.1:3000 over the demo's instance
	@dagster dev --host 127.0.0.1 --port 3000

simulator: $(STAMP) ## the vendor simulator alone, on fixed loopback ports
	@python -m journey_assets.simulator

bench: $(STAMP) ## the benchmarks: ratios against peers measured in the same run
	@python benchmarks/run.py

forget: $(STAMP) ## remove a person everywhere and keep them out: make forget ID=user_id:42
	@python -m journey_assets.forget $(call given,ID)

backup: $(STAMP) ## copy database, reports, quota, hash key and instance while runs go on; TO=folder
	@python -m journey_assets.backup make $(if $(value TO),--to $(call given,TO))

restore: $(STAMP) ## put a copy in its place: make restore FROM=folder; OVERWRITE=1 puts aside what is there
	@python -m journey_assets.backup restore $(if $(value FROM),$(call given,FROM)) $(if $(filter 1,$(OVERWRITE)),--overwrite)

upgrade: $(STAMP) ## bring the database to the present schema version; SET_ASIDE=schema.table renames one first
	@python -m journey_assets.upgrade $(if $(value SET_ASIDE),--set-aside $(call given,SET_ASIDE))

migrate-events: $(STAMP) ## move the events of the database into JOURNEY_EVENT_STORE; BACK=1 moves them back
	@python -m journey_assets.migrate $(if $(filter 1,$(BACK)),--back)

docs: $(STAMP) ## write docs/tables.md, the settings table and .env.example from the declarations
	@python -m journey_assets.docs

lock: ## resolve the dependencies anew, with hashes and without index addresses
	@"$(PYTHON)" -m venv .venv-lock && .venv-lock/bin/python -m pip install --quiet uv
	@.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header --group test pyproject.toml --output-file requirements.lock
	@rm -rf .venv-lock
