#!/bin/bash
# Runs every test. Arguments go to go test. On SQLite always, and on
# PostgreSQL, which is started here in a folder of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup-tests.sh

# Some folders hold only test data, and some machines have few cores: two
# packages at a time keep the browser and the databases out of each other's way.
run=(go test -p 2 -timeout 12m "$@" ./...)

if scripts/with-postgres.sh --check; then
	exec scripts/with-postgres.sh "${run[@]}"
fi
if [ "${CI:-}" = true ]; then
	echo "test: PostgreSQL is missing, and CI=true: this is a failure." >&2
	exit 1
fi
echo "test: PostgreSQL is missing: its tests are skipped." >&2
exec "${run[@]}"
