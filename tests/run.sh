#!/bin/sh
# Everything that `make test` checks. With the services of .ci/run the suite runs on SQLite and again on PostgreSQL.
set -eu
cd "$(dirname "$0")/.."
if [ "${CI:-}" = "true" ] && [ -z "${RAPPORT_TEST_POSTGRES_URL:-}" ]; then
    echo "CI=true, but RAPPORT_TEST_POSTGRES_URL is not set: an absent engine is a failure" >&2
    exit 1
fi
step() { echo "== $1"; shift; "$@"; }
step "ruff" ruff check .
step "format" ruff format --check .
step "types" mypy
if [ -z "${RAPPORT_TEST_POSTGRES_URL:-}" ]; then
    echo "== suite on PostgreSQL skipped: RAPPORT_TEST_POSTGRES_URL is not set"
fi
exec python -m tests.lanes "$@"
