"""`python -m hotline_bridge.sandbox`: the sandbox without the rest of the command line."""

from __future__ import annotations

import argparse
import os
import sys

from pydantic import ValidationError

from hotline_bridge.sandbox.server import serve
from hotline_bridge.sandbox.settings import DEFAULT_APP_ID, DEFAULT_TOKEN, TOKEN_VARIABLE, SandboxSettings


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m hotline_bridge.sandbox",
        description="Plays the national 12315 platform over HTTP: enforces the contract, and misbehaves when told to.",
        epilog=f"The token is read from {TOKEN_VARIABLE} (default: {DEFAULT_TOKEN!r}). "
        "The control API is under /_sandbox/ on the same port.",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port; 0 chooses a free one (default: 0)")
    parser.add_argument("--app-id", help=f"AppId that clients send (default: {DEFAULT_APP_ID!r})")
    parser.add_argument("--auth-header", help="header that carries AppId&Token&MD5 (default: Authorization)")
    parser.add_argument("--seed", type=int, help="seed of the faults (default: 0)")
    parser.add_argument("--latency-ms", type=float, help="latency of every answer (default: 0)")
    parser.add_argument(
        "--on-repeat", choices=["accept", "refuse"], help="a key that is stored already (default: accept)"
    )
    parser.add_argument("--max-body-bytes", type=int, help="largest request body (default: 4 MiB)")
    return parser


def main() -> None:
    """Read the options and the token, then serve until a signal ends it."""
    parser = _parser()
    options = vars(parser.parse_args())
    if token := os.environ.get(TOKEN_VARIABLE):
        options["token"] = token
    try:
        settings = SandboxSettings.model_validate(options)
    except ValidationError as error:
        parser.error("; ".join(f"{finding['loc'][0]}: {finding['msg']}" for finding in error.errors()))
    try:
        serve(settings)
    except OSError as error:
        sys.exit(f"sandbox: cannot listen on {settings.host}:{settings.port}: {error.strerror}; choose another --port")


if __name__ == "__main__":
    main()
