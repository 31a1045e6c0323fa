# The two commands that matter: `make run` and `make test`. Without make: `sh bin/run` and `sh bin/run test`.
.DEFAULT_GOAL := help
.PHONY: help run setup setup-dev test check faults screenshots messages format lock clean

VENV ?= .venv
export VENV
BIN = $(VENV)/bin
# Settings of the checks that must hold for production: everything set, nothing secret.
PRODUCTION = ENV_FILE= DEBUG=0 DEMO=0 SITE_URL=https://kawal.example.org TRUSTED_PROXY_COUNT=1 \
	SECRET_KEY=only-for-this-check-JTq7vVd3Yc5mWb2xRz8nLk4pHs6gFd1a-9eUoXiQ \
	HASH_KEY=only-for-this-check-2wPz7rTn4vKb9mXc1sLq8dHj6gYf3aEu FIELD_KEYS=Y2hlY2stb25seS1maWVsZC1rZXktMzItYnl0ZXMhISE= \
	REDIS_URL=redis://127.0.0.1:6379/15 EMAIL_URL=smtp://127.0.0.1:25 DATABASE_URL=sqlite:////tmp/kawal-check.sqlite3

help:
	@echo "make run          start Kawal on http://localhost:8000 (PORT=8001 for another port, DEMO=0 for an empty one)"
	@echo "make test         the whole suite (ARGS='tests/cases -q' for a part of it)"
	@echo "make check        lint, format, types, import contracts, templates, migrations, check --deploy"
	@echo "make faults       kill -9, broken servers and clock steps against the reminder engine"
	@echo "make screenshots  the pictures of the README"
	@echo "make setup        only the virtual environment"
	@echo "make messages     collect the texts to translate, and compile them"

run:
	@sh bin/run run

setup:
	@sh bin/run setup

setup-dev:
	@sh bin/run setup-dev

test:
	@sh bin/run test $(ARGS)

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --lint --quiet templates
	ENV_FILE= DEBUG=1 DATA_DIR=/tmp/kawal-check $(BIN)/mypy
	ENV_FILE= DEBUG=1 DATA_DIR=/tmp/kawal-check $(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) DATA_DIR=/tmp/kawal-check $(BIN)/python manage.py check --deploy --fail-level WARNING

faults: setup-dev
	$(BIN)/python bin/faults $(ARGS)

screenshots: setup-dev
	$(BIN)/python bin/screenshots.py $(ARGS)

messages: setup-dev
	ENV_FILE= DEBUG=1 DATA_DIR=/tmp/kawal-check $(BIN)/python manage.py makemessages -l id --no-obsolete --no-wrap --no-location \
		--ignore .venv --ignore node_modules --ignore staticfiles --ignore data
	ENV_FILE= DEBUG=1 DATA_DIR=/tmp/kawal-check $(BIN)/python manage.py compilemessages -l id --ignore .venv

format: setup-dev
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

lock: setup-dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes requirements-dev.in \
		-c requirements.txt -o requirements-dev.txt

clean:
	rm -rf .stamps staticfiles .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
