# Two commands on a bare machine: `make run`, `make test`. The README tells the rest.
PYTHON ?= python3
IN_VENV = .venv/bin/python
SETUP = command -v $(PYTHON) >/dev/null || { echo "Install Python 3.11 or newer, on Debian: apt-get install python3"; exit 1; }; \
	$(PYTHON) bin/setup.py

.PHONY: help run test setup requirements audit

help:
	@echo "make run    try the demo trust in a browser      make test   prove that everything works"
	@echo "make setup  install, start nothing               make requirements   pin anew what pyproject.toml asks for"
	@echo "make audit  ask whether a library has a known weakness (needs the network, decision 0057)"

run: setup
	@$(IN_VENV) bin/run.py

test:
	@$(SETUP) test
	@$(IN_VENV) bin/test.py

setup:
	@$(SETUP) run

COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make requirements" pyproject.toml

requirements:
	@$(IN_VENV) -m pip install --quiet uv
	$(COMPILE) --output-file requirements/run.txt
	$(COMPILE) --group dev --constraint requirements/run.txt --output-file requirements/test.txt

audit:
	@$(SETUP) test
	@$(IN_VENV) bin/audit.py --answered
