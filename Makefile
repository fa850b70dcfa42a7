# Verbs of this project. Set-up is inside them: Python 3.11 or later, make and a package index are enough.
PYTHON ?= python3.11
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help run test soak check dev fmt bench-publish bench-dedup docs lock clean

help:  ## these verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed; install Python 3.11, or say make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --compile -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

run: $(READY)  ## the demonstration: a made-up institution through everything, to the embedded Hub
	$(BIN)/biglam demo

test: $(READY)  ## the tests, without the slow ones
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not slow and not browser"

soak: $(READY)  ## kills the real command sixty times, at any moment, and compares what it ends with
	$(BIN)/python -m biglam_pipeline_tests.journey.soak --kills 60 --seed 1

check: $(READY)  ## exactly what CI runs
	bash .ci/run

dev: $(READY)  ## the Dagster UI on loopback, with the real and the demo sources
	$(BIN)/biglam dev

fmt: $(READY)  ## formats the code and mends what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench-publish: $(READY)  ## bytes that a re-harvest sends, beside the usual layouts
	$(BIN)/python -m benchmarks.publish

bench-dedup: $(READY)  ## near doubles found and missed, and the time it takes, beside other tools
	$(BIN)/python -m benchmarks.dedup

docs: $(READY)  ## writes the generated pages of docs/ and the JSON schema again
	$(BIN)/python -m biglam_pipeline.reference

lock: $(READY)  ## writes requirements.lock again: pins and hashes, no index address
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra dev pyproject.toml -o requirements.lock

clean:  ## takes away the environment and everything the demonstration made
	rm -rf .venv .biglam .pytest_cache .mypy_cache .ruff_cache .hypothesis
