PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-slow benchmark clean

$(VENV)/ready: pyproject.toml
	command -v $(PYTHON) >/dev/null && $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

demo: $(VENV)/ready
	$(BIN)/oddgen generate --source builtin --scenes 4 --preset draft --out demo
	$(BIN)/oddgen gallery demo
	@echo "Pictures: $(CURDIR)/demo/gallery (open index.html)"

test: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest

test-slow: $(VENV)/ready
	$(BIN)/pytest -m slow

benchmark: $(VENV)/ready
	$(BIN)/oddbench rendering

clean:
	rm -rf $(VENV) demo
