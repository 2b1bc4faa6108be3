"""`python -m hotline_sandbox.server`: the sandbox without the rest of the command line."""

from __future__ import annotations

import typer

from hotline_sandbox.server.command import sandbox

if __name__ == "__main__":
    typer.run(sandbox)
