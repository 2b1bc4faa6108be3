#!/bin/sh
# Installs Chromium and a Chinese font for the browser tests, where both can be: as root on Debian or Ubuntu. Else the
# tests that need a browser say that there is none.
set -eu

if command -v chromium >/dev/null && [ -n "$(fc-list :lang=zh 2>/dev/null)" ]; then exit 0; fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    printf 'browser: no Chromium with a Chinese font here, and only root can install them\n' >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
install() {
    apt-get update -qq &&
        apt-get install -y -qq --no-install-recommends chromium fontconfig fonts-wqy-microhei >/dev/null
}
printf 'browser: installing Chromium and a Chinese font for the browser tests\n'
install || install # mirrors have moments
