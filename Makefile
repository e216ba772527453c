# `make run` and `make test` need only Python >= 3.11, a C compiler, PyPI and npm; the rest they set up here.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1

KERNEL_SOURCES := $(wildcard src/vedette/kernels/*.pyx src/vedette/kernels/*.pxd src/vedette/kernels/*.h) src/vedette/kernels/meson.build meson.build meson.options
UI_SOURCES := $(shell find ui -type f -not -path 'ui/node_modules/*' 2>/dev/null)

MAKEFLAGS += --no-print-directory

.PHONY: help setup setup-dev run test test-fast lint format bench wheel clean system-packages

help:
	@echo "make run        the whole stack with the demo, in a browser at http://127.0.0.1:3000"
	@echo "make test       every test        make test-fast  the quick ones"
	@echo "make lint       ruff, mypy, layers make bench      side by side with the originals found here"

setup: build/stamps/venv build/stamps/kernels build/stamps/ui

setup-dev: setup build/stamps/venv-dev

build/stamps/venv: pyproject.toml tools/setup_venv.py
	@mkdir -p build/stamps
	$(PYTHON) tools/setup_venv.py $(VENV)
	@touch $@

# What tests and checks need besides.
build/stamps/venv-dev: build/stamps/venv
	$(PYTHON) tools/setup_venv.py --dev $(VENV)
	@touch $@

build/stamps/kernels: build/stamps/venv $(KERNEL_SOURCES)
	$(PY) tools/build_kernels.py
	@touch $@

build/stamps/ui: build/stamps/venv $(UI_SOURCES) tools/build_ui.py
	$(PY) tools/build_ui.py --source ui --output src/vedette/dashboards/static
	@touch $@

# The originals and a browser: oracles of the tests. Without apt the tests that need them skip and say so.
system-packages: build/stamps/apt
build/stamps/apt: tools/system_packages.sh
	@mkdir -p build/stamps
	@bash tools/system_packages.sh
	@touch $@

run: setup
	$(PY) -m vedette up --demo $(ARGS)

test: setup-dev system-packages
	$(PY) -m pytest $(ARGS)

test-fast: setup-dev
	$(PY) -m pytest -n 2 -m "not slow and not e2e and not differential" $(ARGS)

lint: build/stamps/venv-dev build/stamps/kernels
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports

format: build/stamps/venv-dev
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: setup-dev system-packages
	$(PY) -m benchmarks $(ARGS)

wheel: build/stamps/venv
	$(PY) -m pip wheel --no-deps -w dist .

clean:
	rm -rf build dist $(VENV) ui/node_modules src/vedette/dashboards/static src/vedette/kernels/*.so
