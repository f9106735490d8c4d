#!/bin/sh
# Write both locks anew: versions and hashes, no host names, for every platform.
set -eu
cd "$(dirname "$0")/.."
.venv-tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock
.venv-tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group dev pyproject.toml -o requirements-dev.lock
