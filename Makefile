# The commands of everyday work. `make help` lists them.
VENV := .venv
BIN := $(VENV)/bin
ONCE ?=
PYTEST_ARGS ?=
DIFFERENTIAL_ARGS ?=
CHAOS_ARGS ?=
BENCH_ARGS ?=
CONFINED ?=
FUZZ_ARGS ?=
ROUNDS ?= 1
CONTAINERS ?= podman
IMAGE ?= hosted-ce
IMAGE_ARGS ?=

ON_POSTGRESQL := tests/unit/store tests/unit/engine tests/unit/intake tests/api \
	tests/property/test_engine_model.py tests/property/test_engine_arrays.py tests/property/test_door_model.py

LAWS = tests/property $(shell grep -rl --include='test_*.py' '@given' tests/unit tests/api)

# What a process has compiled, the next one need not: tests start a CE or a command hundreds of times.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test lint types bytecode compiled labs reference unit e2e bench bench-api bench-commands bench-door bench-growth bench-memory bench-parts bench-sandbox bench-steady bench-store bench-verification differential chaos fuzz laws postgresql lock image vendored clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.installed ## the main job: a CE, a demo site over real SSH, twenty pilots (ONCE=1: then stop)
	@exec $(BIN)/hosted-ce demo $(if $(filter-out 0 no false,$(ONCE)),--once)

test: $(VENV)/.tested ## everything that CI checks, with real Slurm, sshd and HTCondor
	$(MAKE) --jobs --output-sync lint types compiled labs
	$(BIN)/pytest -n 4 --dist loadfile $(PYTEST_ARGS)

lint: $(VENV)/.tested ## style, and which package may import which
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-cache

types: $(VENV)/.tested ## mypy: ours by --strict, tests by fewer rules
	$(BIN)/mypy

reference: $(VENV)/.tested ## writes docs/reference and the route schema anew
	$(BIN)/python -m hosted_ce.reference
	$(BIN)/python -m hosted_ce.site.schema

# Accounts of labs read what they may not write here. Each worker would rewrite all tests for itself; what
# pytest does not like is told when the tests run.
compiled: bytecode
	-$(BIN)/pytest --collect-only -qq >/dev/null

# A service takes what is without docstrings if it is there: hosted_ce/cli/service.py.
bytecode: $(VENV)/.tested ## compiles modules, as an installation has them
	$(BIN)/python -m compileall -q bosco hosted_ce
	$(BIN)/python -OO -m compileall -q bosco hosted_ce $(VENV)/lib

labs:
	tests/install-system-packages.sh
	tests/install-condor-root.sh

unit: $(VENV)/.tested ## the fast tests only
	$(BIN)/pytest -n 2 --dist worksteal -m 'not e2e' --ignore tests/e2e $(PYTEST_ARGS)

e2e: $(VENV)/.tested ## the tests on real Slurm, sshd and HTCondor only (CONFINED=1: by keys that may only start the agent)
	tests/install-system-packages.sh
	tests/install-condor-root.sh
	HOSTED_CE_TESTS_CONFINED=$(CONFINED) $(BIN)/pytest tests/e2e tests/conformance $(PYTEST_ARGS)

postgresql: $(VENV)/.tested ## the tests of the store, the engine, the doors and the API, with all their databases on a real PostgreSQL
	$(BIN)/pytest -n 2 --dist worksteal --database postgresql $(ON_POSTGRESQL) $(PYTEST_ARGS)

bench: bytecode ## the same pilots through us and through today's Hosted CE, on one Slurm; 25 minutes (BENCH_ARGS='--help')
	tests/install-system-packages.sh
	tests/install-condor-root.sh
	$(BIN)/python -m tests.bench.versus $(BENCH_ARGS)

bench-parts: $(VENV)/.tested ## figures of single parts: arrival of pilots, routing, metrics, sums for charts
	$(BIN)/python -m tests.bench.intake
	$(BIN)/python -m tests.bench.routing
	$(BIN)/python -m tests.bench.exposition
	$(BIN)/python -m tests.bench.rollups

bench-memory: $(VENV)/.tested ## where the memory of a CE with nothing to do goes (BENCH_ARGS='PID PID': of processes that run)
	$(BIN)/python -m tests.bench.memory $(BENCH_ARGS)

differential: $(VENV)/.tested ## many random routes and pilots on HTCondor's router and ours (DIFFERENTIAL_ARGS='--batches 10000')
	tests/install-system-packages.sh
	$(BIN)/python -m tests.e2e.routing.campaign $(DIFFERENTIAL_ARGS)

chaos: $(VENV)/.tested ## breaks a whole CE in every way that we know, on real Slurm and sshd (CHAOS_ARGS='--rounds 3 slurm')
	tests/install-system-packages.sh
	$(BIN)/python -m tests.chaos $(CHAOS_ARGS)

fuzz: $(VENV)/.tested ## hostile inputs, guided by coverage (FUZZ_ARGS='--seconds 60 frames'; without a target: all)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	$(BIN)/python -m tests.fuzz $(FUZZ_ARGS)

laws: $(VENV)/.tested ## the laws with examples that they were not tried with; the tests have the same each time (ROUNDS=20)
	for round in $$(seq $(ROUNDS)); do \
	    $(BIN)/pytest -n 2 --dist worksteal --hypothesis-profile other-examples $(LAWS) $(PYTEST_ARGS) || exit; \
	done

bench-api: $(VENV)/.tested ## figures of the API with 1,000 to 100,000 pilots, while pilots come and go
	$(BIN)/python -m tests.bench.api

bench-door: $(VENV)/.tested ## figures of the factory's door: latency, rate, an idle tick with 2,000 pilots
	tests/install-system-packages.sh
	$(BIN)/python -m tests.bench.door

bench-growth: $(VENV)/.tested ## what 100 to 50,000 pilots cost the engine and its database; an hour of rounds (BENCH_ARGS='--database postgresql')
	$(BIN)/python -m tests.bench.growth $(BENCH_ARGS)

bench-commands: $(VENV)/.tested ## what 500 pilots cost a login node of Slurm, Grid Engine and HTCondor
	tests/install-system-packages.sh
	tests/install-condor-root.sh
	$(BIN)/python -m tests.bench.commands

bench-store: $(VENV)/.tested ## what the database costs with 10,000 and 100,000 pilots, on SQLite and on PostgreSQL
	tests/install-system-packages.sh
	$(BIN)/python -m tests.bench.store

bench-steady: $(VENV)/.tested ## a whole CE with 1,000 and 10,000 pilots, an hour each (BENCH_ARGS='--help')
	tests/install-system-packages.sh
	$(BIN)/python -m tests.bench.steady $(BENCH_ARGS)

bench-verification: $(VENV)/.tested ## what a verification of contributions costs with 100,000 runs
	$(BIN)/python -m tests.bench.verification

bench-sandbox: $(VENV)/.tested ## what a sandbox of 270 kB costs with a shared home and without, on a real Slurm
	tests/install-system-packages.sh
	$(BIN)/python -m tests.bench.sandbox

image: ## the container image, by podman or docker (CONTAINERS=docker IMAGE=name:tag IMAGE_ARGS='--build-arg BASE=...')
	$(CONTAINERS) build --file deploy/container/Containerfile --tag $(IMAGE) \
	    --build-arg VERSION=$(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml) \
	    --build-arg REVISION=$(shell git rev-parse HEAD) $(IMAGE_ARGS) .

lock: $(VENV)/.installed ## pins anew what the image is built of (deploy/lock), with checksums; needs PyPI
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[lock]'
	$(BIN)/python deploy/lock/renew.py

vendored: ## fetches the pages' JavaScript anew, as hosted_ce/api/static/vendor/vendored.json says; needs npm
	$(BIN)/python deploy/development/vendor.py

clean: ## removes the virtual environment, caches and build folder; never the state folder
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	deploy/development/make-venv.sh $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.tested: pyproject.toml $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@
