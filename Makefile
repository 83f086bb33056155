# make demo    see it work, with a built-in cluster
# make test    run everything that this computer can
PYTHON ?= python3
PORT ?= 8765
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: help demo run test test-fast lint types proofs bench cluster-up cluster-down requirements messages icons screenshots clean
.DEFAULT_GOAL := help

help:
	@echo "make demo          make the environment, start the demo cluster and the dashboard (PORT=$(PORT))"
	@echo "make run           the same with your kubeconfig's current context"
	@echo "make test          lint, types and all tests that this computer can run; names what it skips"
	@echo "make test-fast     tests without cluster, browser and hostile values"
	@echo "make lint          format and lint rules        make types         mypy --strict"
	@echo "make cluster-up    a real one-node Kubernetes for work by hand; make cluster-down stops it"
	@echo "make proofs        logs on the real cluster at full size: minutes"
	@echo "make bench         measurements                 make screenshots   pictures of the pages"
	@echo "make requirements  compile requirements.txt     make messages      collect and compile texts"

demo: environment
	@$(RUN) -m dashboard demo --port $(PORT) --no-browser

run: environment
	@$(RUN) -m dashboard --port $(PORT)

test: environment-dev
	@$(RUN) scripts/check.py

test-fast: environment-dev
	@$(RUN) scripts/check.py --fast

lint: environment-dev
	@$(RUN) scripts/check.py --only lint

types: environment-dev
	@$(RUN) scripts/check.py --only types

proofs: environment-dev
	@SIDECARS_LONG_PROOFS=1 $(RUN) -m pytest -q tests/logs/real

bench: environment-dev
	@$(RUN) -m bench

cluster-up: environment-dev
	@$(RUN) -m tests.cluster up

cluster-down: environment-dev
	@$(RUN) -m tests.cluster down

requirements: environment-dev
	@$(RUN) -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 requirements.in -o requirements.txt
	@$(RUN) -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 requirements-dev.in -o requirements-dev.txt

messages: environment-dev
	@$(RUN) scripts/messages.py

icons: environment-dev
	@$(RUN) scripts/icons.py

screenshots: environment-dev
	@$(RUN) scripts/screenshots.py

clean:
	rm -rf $(VENV) build test-results screenshots .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: environment environment-dev
environment:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON); Python 3.11 or newer is needed: make demo PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(PYTHON) scripts/environment.py $(VENV) requirements.txt

environment-dev:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON); Python 3.11 or newer is needed: make test PYTHON=/path/to/python3.11" >&2; exit 2; }
	@$(PYTHON) scripts/environment.py $(VENV) requirements-dev.txt
