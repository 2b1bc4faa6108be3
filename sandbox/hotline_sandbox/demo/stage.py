"""What the parts of `make demo` share: the servers, what was asked for, and how a step is told."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console

from hotline_bridge.docking.create import create_docking
from hotline_bridge.store.migrate import migrate_local
from hotline_bridge.time_limits.load import load_reference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hotline_sandbox.city.orders import City
    from hotline_sandbox.demo.airflow import AirflowHome
    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl

console = Console(soft_wrap=True)
console.width = max(console.width, 120)


@dataclass(frozen=True, slots=True)
class Scale:
    """How much there is of everything."""

    rows: int
    """Docking rows over the four logs."""
    orders: int
    """Docking rows over the three kinds of order."""
    cases: int
    """Orders that the platform has from elsewhere."""
    days: int
    """Over which these were registered."""
    dirty: float
    """Share of all rows that break a printed rule."""
    seed: int


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the parts of the demo act. A part gives a sentence for whatever is not as it must be."""

    server: Server
    platform: SandboxControl
    home: AirflowHome
    folder: Path
    """For logs."""
    scale: Scale
    cities: list[City] = field(default_factory=list)
    """12345 with the orders that went by the form, once they did."""

    @property
    def docking(self) -> str:
        """The docking store's connection string, as its superuser."""
        return self.server.conninfo("docking")

    @property
    def local(self) -> str:
        """The local store's connection string, as its superuser."""
        return self.server.conninfo("local")

    def hotline(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command `hotline` on these stores; its own words, and none of Airflow's."""
        words_alone = {"COLUMNS": str(console.width), "AIRFLOW__LOGGING__LOGGING_LEVEL": "CRITICAL"}
        return subprocess.run(  # noqa: S603  (our own command)
            [sys.executable, "-m", "hotline_bridge.cli.main", *arguments],
            env={**self.home.environment, **words_alone},
            capture_output=True,
            text=True,
            check=False,
        )


def make_stores(server: Server, account: str, password: str, *, for_trial: bool) -> None:
    """Make the docking and the local store, or bring those that are there up to date; the account owns them.

    Args:
        server: Of both.
        account: Their owner.
        password: Its password from now on.
        for_trial: Whether invented rows may be written into the docking store.
    """
    server.create_role(account, password)
    for name in ("docking", "local"):
        server.create_database(name, owner=account)
    create_docking(server.conninfo("docking", account, password), for_trial=for_trial)
    migrate_local(server.conninfo("local", account, password))
    load_reference(server.conninfo("local", account, password))


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say what is being done while it is, and how long it took; also where nobody watches a terminal."""
    started = time.monotonic()
    if not console.is_terminal:
        console.print(f"… {name}")
    with console.status(name):
        yield
    console.print(f"[green]✓[/] {name} [dim]{time.monotonic() - started:.1f} s[/]")
