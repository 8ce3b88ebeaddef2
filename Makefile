# The two commands of the README are `make serve` and `make test`; each works alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help
# Programs that are started again and again would be compiled each time.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help serve test test-deep browser lint format docs docs-site docs-serve versions names new-rule fixes bench torture soak crash work drift effects ways audit clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "hakuna-mock needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv --clear $(VENV)

# An environment that was left half made has Python and no pip: it is made anew.
WITH_PIP = $(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)

$(VENV)/.runtime: pyproject.toml constraints.txt | $(BIN)/python
	@$(WITH_PIP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@$(WITH_PIP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.runtime

serve: $(VENV)/.runtime ## Run the mock server on 127.0.0.1:4258 (ARGS="--port 0 …" for more)
	@exec $(BIN)/hakuna-mock serve $(ARGS)

test: $(VENV)/.dev browser ## Run the whole test suite (ARGS="-k name" for a part)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

test-deep: $(VENV)/.dev browser ## Run properties, campaigns and kills at length (hours; ARGS="tests/fuzz" for a part)
	HYPOTHESIS_PROFILE=deep HAKUNA_CONVERSATIONS=20000 HAKUNA_REQUESTS=50000 \
	  $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

# Reports and pages are tested in Chromium; where it cannot be installed those tests are skipped.
# Its headless shell is the same engine at a third of the cost; not every distribution has it.
APT_INSTALL = apt-get install -y -qq firefox-esr fonts-liberation
browser:
	@{ { command -v chromium-headless-shell || command -v chromium; } && command -v firefox-esr; } >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get && apt-get update -qq && \
	  { $(APT_INSTALL) chromium-headless-shell || $(APT_INSTALL) chromium; }; } >/dev/null 2>&1 || \
	  echo 'Without Chromium and Firefox their tests are skipped (apt-get install chromium firefox-esr).'

lint: $(VENV)/.dev ## Check style, types and the borders between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.dev ## Write docs/reference anew from the code
	$(BIN)/python docs/generate

new-rule: $(VENV)/.dev ## Write the stubs of a rule (ID=gift-card-refund [FAMILY=customer])
	@$(BIN)/python .ci/new_rule.py '$(ID)' $(if $(FAMILY),--family '$(FAMILY)')

fixes: $(VENV)/.dev ## Follow the fixes of generated conversations and judge the result (ARGS=conversations)
	$(BIN)/python tests/support/followed_fixes.py $(ARGS)

bench: $(VENV)/.dev ## Measure speed beside a bare aiohttp handler (a few minutes; ARGS="--only start" for a part)
	$(BIN)/python benchmarks/bench.py $(ARGS)

torture: $(VENV)/.dev ## Measure what one client feels of hostile ones (about 6 minutes; ARGS="--list" names them)
	$(BIN)/python benchmarks/neighbour.py $(ARGS)

soak: $(VENV)/.dev ## Post a million events to one server and watch time and memory (about 10 minutes)
	$(BIN)/python benchmarks/soak.py $(ARGS)

crash: $(VENV)/.dev ## Kill servers and databases under load, 100 times each (about 15 minutes; ARGS="--kills 5 --only sqlite")
	$(BIN)/python benchmarks/crash.py $(ARGS)

work: $(VENV)/.dev ## Count anew how much work a request is, for the test that guards it
	$(BIN)/python benchmarks/work.py --write tests/house/work.json

drift: $(VENV)/.dev ## Audit the toy providers, and one for each rule (about 2 minutes)
	$(BIN)/python tests/support/toy_table.py
	$(BIN)/python tests/support/toy_table.py --rules

effects: $(VENV)/.dev ## Rebuild the worlds of 20,000 generated conversations from their logs
	HAKUNA_CONVERSATIONS=20000 $(BIN)/python -m pytest -q -n auto tests/contracts/worlds/test_effects.py

ways: $(VENV)/.dev ## Compare both ways to a reply over 50,000 generated requests
	HAKUNA_REQUESTS=50000 $(BIN)/python -m pytest -q tests/mock_server/http/test_plain_requests.py

versions: $(VENV)/.dev ## Smoke tests with the lowest and newest dependencies (PYTHONS="python3.12 …" for several)
	$(BIN)/python .ci/dependencies.py $(END) $(foreach one,$(PYTHONS),--python $(one))

names: $(VENV)/.dev ## Install the wheel beside other people's folders contracts/, fuzz/, mock_server/
	$(BIN)/python .ci/names.py

docs-site: ## Build the documentation as a site, into site/
	@test -x $(BIN)/python && $(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	$(BIN)/mkdocs build --strict

docs-serve: docs-site ## Show the documentation at http://127.0.0.1:8000, anew after each change
	$(BIN)/mkdocs serve

audit: ## Ask for known vulnerabilities of the pinned packages (needs a network to say anything)
	@$(PYTHON) .ci/audit.py

clean: ## Remove what was installed and built
	rm -rf $(VENV) .venv-audit dist build site *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
