#!/bin/sh
# Deletes what the demo, the tests and the tools leave behind; .venv stays. Called by make.
set -eu
cd "$(dirname "$0")/.."

# Where root calls and the project is closed to others, a server's data lie outside (see hotline_sandbox.demo.account).
if [ -d .demo ]; then
    find .demo -type l -name elsewhere | while IFS= read -r link; do
        case $(readlink "$link") in
            /var/tmp/hotline-bridge-*) rm -rf "$(readlink "$link")" ;;
        esac
    done
fi
rm -rf .demo .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
find . -path ./.venv -prune -o -path ./.git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +
