#!/bin/sh
# Installs Chromium and a Chinese font for the browser tests, what of them is missing and where both can be: as root on
# Debian. Ubuntu has no such package, but the runners of forges have a Chromium. Without one its tests are skipped.
set -eu

missing=
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing=chromium
[ -n "$(fc-list :lang=zh 2>/dev/null)" ] || missing="$missing fontconfig fonts-wqy-microhei"
if [ -z "$missing" ]; then exit 0; fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    printf 'browser: missing here, and only root can install it: %s\n' "$missing" >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
install() {
    # shellcheck disable=SC2086  (several packages)
    apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
printf 'browser: installing %s\n' "$missing"
install || install # mirrors have moments
