"""`make chaos SEED=1 RUNS=200`: the campaign from one seed on, and its result in docs/chaos.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.docking.create import create_docking
from hotline_bridge.store.migrate import migrate_local
from hotline_sandbox.demo.airflow import PROJECT
from hotline_sandbox.demo.postgres import throwaway_postgres
from hotline_sandbox.server.control import running_sandbox
from tests.chaos.campaign import Campaign
from tests.clean_stores import CleanStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.campaign import Outcome

PAGE = PROJECT / "docs" / "chaos.md"
console = Console(highlight=False)


@contextmanager
def prepared() -> Iterator[Campaign]:
    """A campaign on a PostgreSQL and a platform of its own."""
    with throwaway_postgres() as server, running_sandbox() as platform, tempfile.TemporaryDirectory() as folder:
        for name in ("docking_template", "local_template"):
            server.create_database(name)
        create_docking(server.conninfo("docking_template"), for_trial=True)
        migrate_local(server.conninfo("local_template"))
        stores = (CleanStore(server, f"{name}_template") for name in ("docking", "local"))
        yield Campaign(*stores, platform, Path(folder))


def row(outcomes: list[Outcome], at: datetime) -> str:
    """What a campaign has shown, as a row of the page."""
    injected = sum((outcome.injected for outcome in outcomes), Counter[str]())
    told = ", ".join(f"{count} {kind}" for kind, count in injected.most_common())
    failed = [str(outcome.seed) for outcome in outcomes if outcome.problems]
    seeds = f"{outcomes[0].seed} to {outcomes[-1].seed}"
    return f"| {at:%Y-%m-%d %H:%M} | {seeds} | {len(outcomes)} | {told} | {', '.join(failed) or 'none'} |"


def main() -> None:
    """Run the seeds; ends with 1 where any of them did not end as a run in peace."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the first")
    parser.add_argument("--runs", type=int, default=10, help="how many, one seed each")
    parser.add_argument("--write", action="store_true", help="add the result to docs/chaos.md")
    asked = parser.parse_args()
    outcomes: list[Outcome] = []
    began = datetime.now(SHANGHAI)
    with prepared() as campaign:
        try:
            for seed in range(asked.seed, asked.seed + asked.runs):
                outcomes.append(campaign.run(seed))
                tell(outcomes[-1])
        except KeyboardInterrupt:
            console.print("stopped")
    if outcomes:
        console.print(row(outcomes, began))
    if outcomes and asked.write:
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(f"{text.rstrip()}\n{row(outcomes, began)}\n", encoding="utf-8")
    sys.exit(any(outcome.problems for outcome in outcomes))


def tell(outcome: Outcome) -> None:
    """A line of a run, and where it failed, what repeats it."""
    befell = ", ".join(f"{count} {kind}" for kind, count in sorted(outcome.injected.items()))
    console.print(f"seed {outcome.seed}: {outcome.seconds:.1f} s, {befell or 'nothing'}", soft_wrap=True)
    for problem in outcome.problems:
        console.print(f"  [red]{problem}[/]", soft_wrap=True)
    if outcome.problems:
        console.print(f"  again: make chaos SEED={outcome.seed} RUNS=1")


if __name__ == "__main__":
    main()
