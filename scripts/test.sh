#!/bin/sh
# The whole suite on SQLite, then whatever touches a database again on PostgreSQL. The journeys drive a browser once.
# Further arguments go to pytest: `sh scripts/test.sh tests/ledger -x`.
set -u
cd "$(dirname "$0")/.."
pytest=".venv/bin/python -m pytest -n ${TEST_PROCESSES:-2} --dist loadfile -q"
status=0

echo "== Tests on SQLite"
env -u DATABASE_URL $pytest -m "not slow and not fuzz" "$@" || status=1

echo "== Tests on PostgreSQL"
.venv/bin/python scripts/with_postgresql.py $pytest -m "database and not slow and not fuzz and not journey and not wheel and not spark" "$@" || status=1

[ "$status" = 0 ] && echo "== All tests passed on both databases." || echo "== Some tests failed; see above." >&2
exit "$status"
