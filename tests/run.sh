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
# Tests with real processes share a noisy machine with each other: what fails is run once more, alone and said
# aloud. What fails twice fails.
suite() {
    name="$1"; shift
    if step "suite on $name" python -m pytest -o cache_dir=".pytest_cache/$name" "$@"; then return 0; fi
    step "what failed on $name, once more" python -m pytest -o cache_dir=".pytest_cache/$name" --last-failed --last-failed-no-failures none "$@"
}
unset RAPPORT_TEST_DATABASE_URL || true
suite SQLite "$@"
if [ -n "${RAPPORT_TEST_POSTGRES_URL:-}" ]; then
    export RAPPORT_TEST_DATABASE_URL="${RAPPORT_TEST_POSTGRES_URL%/*}/rapport_suite"
    suite PostgreSQL -m "not no_database or browser_run" "$@"
else
    echo "== suite on PostgreSQL skipped: RAPPORT_TEST_POSTGRES_URL is not set"
fi
