"""A few seeds of the campaign (`make chaos`); the many run by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.chaos.campaign import Campaign
from tests.chaos.flows import FLOWS
from tests.chaos.plans import STEPS, plan

if TYPE_CHECKING:
    from pathlib import Path

    from hotline_sandbox.server.control import SandboxControl
    from tests.clean_stores import CleanStore


@pytest.mark.timeout(900)
def test_whatever_befalls_the_whole_system_it_ends_as_in_peace(
    clean_docking: CleanStore, clean_local: CleanStore, sandbox: SandboxControl, tmp_path: Path
) -> None:
    campaign = Campaign(clean_docking, clean_local, sandbox, tmp_path)
    outcomes = [campaign.run(seed) for seed in (2, 5)]
    assert [problem for outcome in outcomes for problem in outcome.problems] == []
    assert sum(outcome.injected["SIGKILL"] for outcome in outcomes) > 0


def test_a_seed_says_all_and_all_is_reached_by_some_seed() -> None:
    assert plan(7) == plan(7) != plan(8)
    acts = [act for seed in range(1000) for fate in plan(seed) for act in fate.acts]
    assert {act.flow for act in acts} == FLOWS.keys()
    killed = {(act.flow, act.step) for act in acts if act.step}
    assert killed == {(flow, step) for flow, steps in STEPS.items() for step in steps}
