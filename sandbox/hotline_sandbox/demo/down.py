"""`make down`: ends what `make up` started, also where `make up` itself was killed and could not."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from hotline_sandbox.demo.holder import holder
from hotline_sandbox.demo.marked import end_processes
from hotline_sandbox.demo.postgres import stop_postgres
from hotline_sandbox.demo.up import FOLDER

_PATIENCE_S = 90


def main() -> None:
    """End it; the data stay. Ends with 1 where something cannot be ended."""
    parser = argparse.ArgumentParser(prog="make down", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="folder of the `make up` to end")
    folder: Path = parser.parse_args().folder.resolve()
    try:
        was_running = down(folder)
    except RuntimeError as error:
        sys.exit(f"make down: {error}")
    sys.stdout.write("stopped 已停止\n" if was_running else "nothing was running 没有在运行\n")


def down(folder: Path) -> bool:
    """Ends every process of a `make up`, in order where it still runs, else one by one. Returns whether there were any.

    Raises:
        RuntimeError: The folder belongs to another user, or PostgreSQL does not stop.
    """
    if (number := holder(folder)) is not None:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGTERM)
        deadline = time.monotonic() + _PATIENCE_S
        while holder(folder) == number:
            if time.monotonic() > deadline:
                os.kill(number, signal.SIGKILL)
            time.sleep(0.1)
    ended = end_processes(folder)
    server_ran = stop_postgres(folder / "postgres")
    return number is not None or ended > 0 or server_ran


if __name__ == "__main__":
    main()
