# Verbs of this project. Set-up is inside them: a Python from 3.11 to 3.14, make and a package index are enough.
PYTHON ?= $(shell for one in python3.11 python3.12 python3.13 python3.14; do \
	$$one -c 'import ensurepip, venv' 2>/dev/null && echo $$one && break; done)
BIN := .venv/bin
READY := .venv/.ready
DEV_READY := .venv/.ready-dev
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
SECONDS ?= 600
# A file stays with one process, so that what it sets up is set up once; its conftest says which files come first.
# One more than there are cores: many tests wait, for a server, a signal or a lock.
FILE_BY_FILE := -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --dist loadfile --no-loadscope-reorder
# Every file is put with fsync: to wait for the disk was a quarter of a night. Fewer than 100 MB lie there at a time.
IN_MEMORY ?= $(shell test -w /dev/shm && test "$$(df -Pk /dev/shm | awk 'END {print $$4}')" -gt 1000000 && \
	echo TMPDIR=/dev/shm)
# Every core has its process: pools of threads inside each cost a tenth of the time, and win none.
ONE_THREAD := POLARS_MAX_THREADS=1 OMP_NUM_THREADS=1 ARROW_IO_THREADS=1

.DEFAULT_GOAL := help
.PHONY: help setup run test slow soak check fuzz dev fmt bench-publish bench-dedup bench-scale bench-listing bench-slices bench-memory bench-normalize bench-accounts bench-startup bench-harvest docs lock clean

help:  ## these verbs
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 25

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "There is no Python from 3.11 to 3.14 with its venv module here; install one" \
		"(Debian: apt-get install python3.11 python3.11-venv), or name one: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv .venv

# What runs. The demonstration and the UI need no more.
$(READY): requirements.lock pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes --compile -r requirements.lock
	$(INSTALL) --no-build-isolation -e .
	@touch $(READY)

# What develops, over it: the same pins, and more.
$(DEV_READY): requirements-dev.lock $(READY)
	$(INSTALL) --require-hashes --compile -r requirements-dev.lock
	@touch $(DEV_READY)

setup: $(DEV_READY)  ## everything into .venv: what runs, what develops, and the libraries of readers

run: $(READY)  ## the demonstration: a made-up institution through everything, to the embedded Hub
	$(BIN)/biglam demo

dev: $(READY)  ## the Dagster UI on loopback, with the real and the demo sources
	$(BIN)/biglam dev

test: $(DEV_READY)  ## each claim once, in a few minutes; the same every time
	PYTHONHASHSEED=0 $(ONE_THREAD) $(IN_MEMORY) $(BIN)/python -m pytest $(FILE_BY_FILE) --hypothesis-profile=fewer \
		-m "not slow and not soak and not browser"

# Theirs are large files, so they lie on the disk.
slow: $(DEV_READY)  ## the claims again in other circumstances, all examples of properties, and the browser; a quarter of an hour
	PYTHONHASHSEED=0 $(ONE_THREAD) $(BIN)/python -m pytest $(FILE_BY_FILE) \
		-m "(slow or browser or hypothesis) and not soak"

check: $(DEV_READY)  ## exactly what CI runs
	bash .ci/run

soak: $(DEV_READY)  ## damage and kills at every place there is, of the real command sixty times, of a harvest two hundred
	PYTHONHASHSEED=0 $(BIN)/python -m pytest -n auto --dist load -m soak
	$(BIN)/python -m biglam_pipeline_tests.journey.soak --kills 60 --seed 1
	$(BIN)/python -m biglam_pipeline_tests.journey.soak_harvest --kills 100 --seed 1

fuzz: $(DEV_READY)  ## explores at random what the tests hold of all input, for SECONDS (600)
	$(BIN)/python -m biglam_pipeline_tests.fuzz $(SECONDS)

fmt: $(DEV_READY)  ## formats the code and mends what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench-publish: $(DEV_READY)  ## bytes that a re-harvest sends, beside the usual layouts
	$(BIN)/python -m benchmarks.publish

bench-dedup: $(DEV_READY)  ## near-duplicates found and missed, and the time it takes, beside other tools
	$(BIN)/python -m benchmarks.dedup

bench-startup: $(DEV_READY)  ## CPU seconds of the command line, of a night with nothing new, of 1,000 sources
	$(BIN)/python -m benchmarks.startup

bench-scale: $(DEV_READY)  ## memory and time of deciding and laying a quarter to four million rows
	$(BIN)/python -m benchmarks.scale

bench-listing: $(DEV_READY)  ## memory and time that an object of a long listing costs, stage by stage
	$(BIN)/python -m benchmarks.listing

bench-slices: $(DEV_READY)  ## two processes beside one, memory by size, bytes that a small change re-reads
	$(BIN)/python -m benchmarks.slices

bench-memory: $(DEV_READY)  ## memory of one process that reads larger and larger files
	$(BIN)/python -m benchmarks.memory

bench-normalize: $(DEV_READY)  ## processor time of reading, beside lxml and polars on the same bytes
	$(BIN)/python -m benchmarks.normalize

bench-accounts: $(DEV_READY)  ## processor time of the second count, of that of reading
	$(BIN)/python -m benchmarks.accounts

bench-harvest: $(DEV_READY)  ## an OAI-PMH server harvested, beside other clients; memory at a million records
	$(BIN)/python -m benchmarks.harvest

docs: $(READY)  ## writes the generated pages of docs/ and the JSON schema again
	$(BIN)/python -m biglam_pipeline.cli.documentation
	$(BIN)/python -m biglam_pipeline_tests.faults
	$(BIN)/python -m biglam_pipeline_tests.real_formats

lock: $(DEV_READY)  ## writes both locks again: pins and hashes, no index address
	$(COMPILE) --extra install pyproject.toml -o requirements.lock
	$(COMPILE) --all-extras -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:  ## takes away the environment and everything the demonstration made
	rm -rf .venv .biglam .pytest_cache .mypy_cache .ruff_cache .hypothesis
