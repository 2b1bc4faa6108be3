#!/bin/sh
# Makes .venv with everything that the other commands need; does nothing when nothing changed. Called by make.
#
#   PYTHON=/path/to/python3.12   the interpreter to use (3.11 to 3.13)
#   HOTLINE_NO_UV=1              install with pip, without uv
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/setup.stamp
venv_python=.venv/bin/python

say() { printf 'setup: %s\n' "$*"; }
die() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

# What .venv was made for (it works neither in another folder nor under another interpreter) and what was put into it.
made_for() {
    pwd
    "$venv_python" -V 2>&1
}
fingerprint() {
    made_for
    cat requirements.in requirements.txt requirements-dev.txt pyproject.toml sandbox/pyproject.toml
}

in_range() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1
}

choose_python() {
    if [ -n "${PYTHON:-}" ]; then
        in_range "$PYTHON" || die "PYTHON=$PYTHON is not a working Python 3.11, 3.12 or 3.13: name another one."
        python=$PYTHON
        return
    fi
    for python in python3 python3.13 python3.12 python3.11; do
        if in_range "$python"; then return; fi
    done
    die "Python 3.11, 3.12 or 3.13 is needed and none was found: install one (Debian 12 and 13, Ubuntu 24.04: apt-get install python3 python3-venv) or name one with PYTHON=/path/to/python3."
}

# Debian keeps ensurepip in a package of its own, without which no environment with pip can be made.
need_venv_module() {
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then return; fi
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        die "$python cannot make environments: install its venv module (Debian, Ubuntu: apt-get install $package) and run this again."
    fi
    say "$python lacks its venv module: installing $package"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$package" >/dev/null
}

make_venv() {
    choose_python
    need_venv_module
    say "making .venv with $("$python" -V) ($(command -v "$python"))"
    "$python" -m venv --clear .venv
}

# Each step ends the chain by itself: set -e does not reach into a function that is tested.
install_with_uv() {
    export UV_PYTHON_DOWNLOADS=never
    export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}" # closed networks often have a proxy with a certificate of its own
    sed -n '/^uv==/,/[^\\]$/p' requirements-dev.txt >.venv/uv.txt
    "$venv_python" -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r .venv/uv.txt || return 1
    say "installing the packages with uv and compiling them (about half a minute)"
    .venv/bin/uv pip install --compile-bytecode --require-hashes -p "$venv_python" -r requirements.txt -r requirements-dev.txt || return 1
    .venv/bin/uv pip install --quiet --no-deps -p "$venv_python" -e . -e sandbox
}

install_with_pip() {
    say "installing the packages with pip (two to five minutes)"
    "$venv_python" -m pip install --disable-pip-version-check --progress-bar off --require-hashes -r requirements.txt -r requirements-dev.txt
    "$venv_python" -m pip install --quiet --disable-pip-version-check --no-deps -e . -e sandbox
}

if [ -n "${PYTHON:-}" ] && [ "$("$PYTHON" -V 2>&1)" != "$("$venv_python" -V 2>&1)" ]; then
    make_venv
elif [ ! -f "$stamp" ] || [ "$(head -n 2 "$stamp")" != "$(made_for)" ]; then # none, half of one, or moved
    make_venv
elif fingerprint | cmp -s - "$stamp"; then
    exit 0
fi
rm -f "$stamp" # until all is installed again
if [ -n "${HOTLINE_NO_UV:-}" ]; then
    install_with_pip
elif ! install_with_uv; then
    say "uv cannot be had or failed (see above): falling back to pip"
    install_with_pip
fi
fingerprint >"$stamp"
say "done: .venv is ready"
