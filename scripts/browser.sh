#!/bin/sh
# The journeys drive a real Chromium: use the one that is there, else fetch one.
set -eu
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null && exit 0
done
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
  apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
.venv/bin/playwright install chromium || {
  echo "No Chromium was found and none could be fetched; install one (for example: apt-get install chromium)." >&2; exit 1; }
