PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test test-slow benchmark weights clean system browser

SYSTEM := libgl1 libegl1 libgomp1 libx11-6 libxrender1 libxxf86vm1 libxfixes3 libxi6 libxkbcommon0 \
	libsm6 libice6

$(VENV)/ready: pyproject.toml
	command -v $(PYTHON) >/dev/null && $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -e .
	$(BIN)/python -c 'import bpy, open3d, os; os._exit(0)' 2>/dev/null || $(MAKE) system
	touch $@

# What the tests need besides: torch, pytest and others.
$(VENV)/dev: $(VENV)/ready
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	command -v chromium >/dev/null || command -v chromium-browser >/dev/null || $(MAKE) browser
	touch $@

# What the tests of `oddgen view` look at its page with; without it they are skipped.
browser:
	@{ command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq \
	  && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } \
	  || echo "No Chromium: the tests of oddgen view in a browser will be skipped."

# The libraries that Blender and Open3D load and a bare machine lacks.
system:
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends $(SYSTEM); \
	else \
	  echo "Blender and Open3D cannot load: some system libraries are missing. Install them and"; \
	  echo "run make again; on Debian or Ubuntu: sudo apt-get install $(SYSTEM)"; \
	  exit 1; \
	fi
	$(BIN)/python -c 'import bpy, open3d, os; os._exit(0)'

demo: $(VENV)/ready
	$(BIN)/oddgen generate --source builtin --seed 7 --scenes 4 --preset draft --out demo
	$(BIN)/oddgen gallery demo
	@echo "Pictures: $(CURDIR)/demo/gallery (open index.html)"

test: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

test-slow: $(VENV)/dev
	$(BIN)/pytest -m slow

benchmark: $(VENV)/ready
	$(BIN)/oddbench rendering

# The detector that comes along (docs/model-card.md). TOYS=folder and HDRI=folder: CC0 toys in
# Toys4K's layout and CC0 HDRIs, with which the shipped one was made; without them built-in shapes
# and lights alone. Hours on a small machine; a part that is done is left as it is.
MADE := weights
TOYS :=
HDRI :=
MAKE_SCENES := $(BIN)/oddgen generate --split seen --severity gross --preset draft --shared-defect 0.2
ASSETS := $(if $(TOYS),--source builtin+toys4k --assets $(TOYS),--source builtin --shapes 250) \
	$(if $(HDRI),--hdri $(HDRI))
WHOLE := $(addprefix --anomalies ,crack discoloured bend twist bump deform translate rotate scale \
	missing material dislodged)
OUTLINES := $(addprefix --anomalies ,bend twist bump deform translate rotate scale missing look_alike)
BUILTIN := --source builtin --shapes 250
weights: $(VENV)/dev
	$(MAKE_SCENES) $(BUILTIN) --seed 1 --views 5 --scenes 250 --out $(MADE)/builtin
	$(MAKE_SCENES) $(BUILTIN) $(OUTLINES) --seed 11 --objects 3-12 --labels-only --scenes 210 --out $(MADE)/labels
	$(MAKE_SCENES) $(ASSETS) $(WHOLE) --seed 21 --views 5 --scenes 500 --out $(MADE)/views
	$(BIN)/oddbench train-finder --data $(MADE)/views --labels $(MADE)/labels --labels $(MADE)/builtin \
	  --silhouette-steps 1400 --box-steps 3000 --look-steps 2200 --validation 0.08 --out $(MADE)/finder
	$(MAKE_SCENES) $(ASSETS) $(WHOLE) --seed 21 --views 5 --scenes 600 --out $(MADE)/judged
	$(BIN)/oddbench train-judge --data $(MADE)/judged --finder $(MADE)/finder --epochs 12 --out $(MADE)/judge
	mkdir -p model/weights
	cp $(MADE)/judge/detector.safetensors model/weights/detector.safetensors

clean:
	rm -rf $(VENV) demo
