SHELL := /bin/sh
.DEFAULT_GOAL := help
BIN := .venv/bin
# What one process has compiled the others read: the tests start hundreds of them.
unexport PYTHONDONTWRITEBYTECODE
# Demo, tests and benchmarks serve one city, whatever the shell's installation does.
unexport HOTLINE_CITIES HOTLINE_CITY

# One folder, without workers: make test PYTEST_ARGS="-n 0 -x tests/contract"
PYTEST_ARGS ?=
DEMO_ARGS ?=
BENCH_ARGS ?=
NAME ?=
UP_ARGS ?=
LONG_ARGS ?=
SEED ?= 1
RUNS ?= 10
CHAOS_ARGS ?=
CONTAINERS_ARGS ?=
RELIABILITY_ARGS ?= -n 4

.PHONY: help setup demo several up down test test-long reliability chaos coverage containers sbom check lint lint-python lint-sql audit bench screenshots docs migration lock clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make .venv with everything (the others call it; PYTHON=... chooses the interpreter)
	@sh scripts/setup.sh

demo: setup ## Run the main job on a database, a platform and an Airflow of its own, and check that nothing was lost
	$(BIN)/python -m hotline_sandbox.demo.run $(DEMO_ARGS)

several: setup ## Run the demo's world on several processes and kill each of them in the middle of its work; a quarter of an hour
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r requirements-celery.txt
	$(BIN)/python -m hotline_sandbox.demo.several

up: setup ## Run the whole system with Airflow's UI, on a database and a platform of its own, until Ctrl-C
	$(BIN)/python -m hotline_sandbox.demo.up $(UP_ARGS)

down: setup ## Stop what `make up` started
	$(BIN)/python -m hotline_sandbox.demo.down $(UP_ARGS)

# Four workers for two cores, as tests wait for services and timeouts.
test: setup ## Run all tests
	$(BIN)/pytest -n 4 $(PYTEST_ARGS)

test-long: setup ## Run what `make test` leaves out, many minutes each: campaigns of faults, and properties with thirty times the examples
	HOTLINE_EXAMPLES=3 $(BIN)/pytest -n 0 --timeout 3600 -m "long or hypothesis" $(LONG_ARGS)

reliability: setup ## Run the tests of each fault, the long ones too, and write how they ended into docs/reliability.md
	$(BIN)/python -m development.reliability $(RELIABILITY_ARGS)

chaos: setup ## Kill and spoil at random while the whole system runs, and compare with a run in peace: make chaos SEED=1 RUNS=200
	$(BIN)/python -m tests.chaos --seed $(SEED) --runs $(RUNS) $(CHAOS_ARGS)

coverage: setup ## Run all tests and show which lines of the bridge they run, without those in processes of their own; 90 % at least
	$(BIN)/pytest -n 4 $(PYTEST_ARGS) --cov --cov-report=term:skip-covered

check: lint ## Lint and the fast tests: run it before each commit
	$(BIN)/pytest -n 3 -m "not slow and not long" $(PYTEST_ARGS)

lint: setup ## Style, format, types, imports and SQL
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	@$(MAKE) --no-print-directory -j 3 lint-python lint-sql audit

lint-python:
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
lint-sql:
	$(BIN)/sqlfluff lint --processes 1 include/sql

audit: setup ## Look through the code (bandit), and ask for known vulnerabilities of what is pinned (pip-audit)
	$(BIN)/python -m development.audit

containers: setup ## Build the images, run docker-compose.yaml with its demo, and show that it does the main job; by hand
	@$(BIN)/python -m development.containers $(CONTAINERS_ARGS)

sbom: setup ## Write sbom.json: what the image installs, as CycloneDX
	$(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --output-reproducible -o sbom.json

bench: setup ## Measure speed and memory against what one would use instead
	PYTHONPATH=. $(BIN)/python -m bench $(BENCH_ARGS)

screenshots: setup ## Take the pictures of docs/screenshots anew, in a browser test
	@sh scripts/browser.sh
	HOTLINE_SCREENSHOTS=$(CURDIR)/docs/screenshots $(BIN)/pytest tests/ui/test_browser.py

docs: setup ## Write the generated pages: dictionaries, and questions with the answers of an invented city
	$(BIN)/python -m development.pages
	$(BIN)/python -m development.analysts

migration: setup ## Write the tables of new interfaces as a migration, and try it: make migration NAME=weather
	$(BIN)/python -m development.migration $(NAME)

lock: setup ## Pin every version with its hashes in requirements*.txt; what is pinned stays where it still fits
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header requirements-dev.in -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-strip-extras requirements-celery.in -o requirements-celery.txt

clean: ## Delete what the demo, the tests and the tools left behind (.venv stays)
	@sh scripts/clean.sh
