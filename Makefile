# Each target sets up what it needs; only Python ≥ 3.11 and make must be there.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test test-page screenshot bench lint messages clean install

demo: $(STAMP)
	$(BIN)/easel demo

test: $(STAMP)
	$(BIN)/pytest -n 3 --dist worksteal --cov --cov-report=term -q

# In a real browser: wants Chromium (Debian: apt install chromium fonts-noto-color-emoji), and skips where there is none.
test-page: $(STAMP)
	$(BIN)/pytest -n 2 -q tests/page

screenshot: $(STAMP)
	$(BIN)/python tests/page/screenshot.py docs

bench: $(STAMP)
	$(BIN)/python tests/bench $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The template of all translations, from the texts in the source.
messages: $(STAMP)
	$(BIN)/python tests/messages.py

install: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Easel needs Python 3.11 or newer: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info easel-demo .coverage .coverage.* .hypothesis .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
