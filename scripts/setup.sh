#!/bin/sh
# Make .venv and fill it from the lock: `setup.sh run` for the product, `setup.sh dev` for its tests as well.
set -eu
cd "$(dirname "$0")/.."
: "${PYTHON:=python3}"
command -v "$PYTHON" >/dev/null || { echo "Python 3.11 or newer is needed; none was found as '$PYTHON'." >&2; exit 1; }
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Python 3.11 or newer is needed; '$PYTHON' is $("$PYTHON" --version)." >&2; exit 1; }

if [ ! -x .venv-tools/bin/uv ]; then
  "$PYTHON" -m venv .venv-tools
  .venv-tools/bin/python -m pip install --quiet --disable-pip-version-check 'uv==0.13.9'
fi
uv=.venv-tools/bin/uv
[ -x .venv/bin/python ] || $uv venv --quiet --python "$PYTHON" .venv

case "$1" in
  run) [ -f .venv/.set-up-dev ] && lock=requirements-dev.lock || lock=requirements.lock; compile= ;;
  dev) lock=requirements-dev.lock; compile=--compile-bytecode ;;  # the tests start many processes
esac
$uv pip sync --quiet --python .venv/bin/python --require-hashes $compile "$lock"
# The editable install builds the style sheets and scripts through hatch_build.py.
$uv pip install --quiet --python .venv/bin/python --no-deps --editable .
[ "$1" = run ] || sh scripts/browser.sh
