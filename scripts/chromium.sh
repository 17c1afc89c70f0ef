#!/bin/sh
# Browser tests need Chromium and a Chinese font: from the system's packages, when they are not there yet.
set -eu
if command -v chromium >/dev/null 2>&1 && fc-list :lang=zh 2>/dev/null | grep -q .; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    command -v chromium >/dev/null 2>&1 && exit 0
    echo "Install Chromium and a Chinese font with your system's packages, or set CHROMIUM_PATH." >&2
    exit 1
fi
as_root=""
[ "$(id -u)" -eq 0 ] || as_root="sudo -n"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
