# Everything a person runs, on a machine with Python >= 3.11 and Node >= 20 and nothing else prepared.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ADDRESS ?= 127.0.0.1
# Tests in three processes, a file in one of them: most wait more than they work. LANES= runs them in one.
# Not beside network tests: an interface that comes or goes breaks off whatever a browser is loading.
LANES ?= -n 3 --dist loadfile
CATALOGUES := $(wildcard classroom/locale/*/*.po)

.PHONY: run test check unit client browser setup bench bench-media bench-lossy bench-recording clean

run: setup
	exec $(BIN)/python -m classroom serve --demo $(ARGS)

test: check unit client browser

setup: $(VENV)/.done node_modules/.done static/vendor/.done static/vendor/i18n/.done

$(VENV)/.done: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Sabak needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev,postgresql]'
	@touch $@

node_modules/.done: package.json package-lock.json
	@node -e 'if (+process.versions.node.split(".")[0] < 20) { console.error("Sabak needs Node 20 or newer"); process.exit(1) }'
	npm ci --no-audit --no-fund --silent
	@touch $@

static/vendor/.done: node_modules/.done static/vendor.mjs static/icons.json
	node static/vendor.mjs
	@touch $@

static/vendor/i18n/.done: $(VENV)/.done static/vendor/.done $(CATALOGUES)
	$(BIN)/python -m classroom.i18n static/vendor/i18n
	@touch $@

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	npx --no-install tsc --noEmit -p jsconfig.json

unit: setup
	$(BIN)/python -m pytest $(LANES) -m 'not browser and not alone' $(ARGS)

client: setup
	node --test $$(find tests/web_client -name '*.test.js' | sort)

browser: setup
	$(BIN)/python -m pytest $(LANES) -m 'browser and not alone and not network' $(ARGS)
	$(BIN)/python -m pytest -m 'alone or (browser and network)' $(ARGS)

bench: setup
	$(BIN)/python -m tests.benchmarks.classroom
	$(BIN)/python -m tests.benchmarks.browser

# The tables of ARCHITECTURE.md, within nine minutes; root gives them network namespaces, and so figures that count.
bench-media: setup
	$(BIN)/python -m tests.benchmarks.media $(ARGS)
	$(BIN)/python -m tests.benchmarks.lossy

# Of these the one of bad lines: needs root (namespaces) and ffmpeg.
bench-lossy: setup
	$(BIN)/python -m tests.benchmarks.lossy $(ARGS)

# What recording costs, how soon it can be watched, how quickly films are made: tables, within seven minutes. Root
# gives the last one its bad line.
bench-recording: setup
	$(BIN)/python -m tests.benchmarks.capture
	$(BIN)/python -m tests.benchmarks.recorder
	$(BIN)/python -m tests.benchmarks.recording $(ARGS)

clean:
	rm -rf $(VENV) node_modules static/vendor build *.egg-info
