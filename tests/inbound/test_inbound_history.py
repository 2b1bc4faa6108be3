"""Collecting under random histories: in the end the local store is what the platform shows, and its past.

See architecture: replace by order. The judge is the platform's own world: what it shows now, and every feedback that it
has ever shown.
"""

from __future__ import annotations

import os
from collections import Counter
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from hotline_bridge.failpoints import INBOUND_FAILPOINTS
from hotline_bridge.inbound.rows import read_rows
from tests import warm
from tests.examples import examples
from tests.inbound.inbound_bridge import COMPLAINTS, FEEDBACK, REPAIR, STEPS, Inbound, by_order, moment, order, shown
from tests.invariants import breaches

if TYPE_CHECKING:
    from hotline_sandbox.server.world.orders import Shown

ORDERS = {"A": 10, "B": 10, "C": 11, "D": 4000}
"""Orders and when they are registered; two share a second, and a third is next to them."""
NUMBERS = st.sampled_from(sorted(ORDERS))
REMARKS = st.lists(st.sampled_from(["一", "二", "三", "四", "五", "六", "BAD"]), min_size=1, max_size=3)
EACH = st.lists(REMARKS, min_size=4, max_size=4)
WITHIN = st.sampled_from([None, None, (0, 10), (10, 11), (11, 5000), (0, 5000), (3999, 4000)])
LOSING = [{"kind": "reset_after"}, {"kind": "truncated"}, {"kind": "empty", "stored": True}]
HARMLESS = [{"kind": "status", "status": 503}, {"kind": "html"}, {"kind": "data", "form": "object"}]
ODD = [{"kind": "repeated_row"}, {"kind": "outside", "rows": 2}]
FAULTS = st.sampled_from([None, None, None, *LOSING, *HARMLESS, *ODD])
SCRIPT = Path(__file__).with_name("inbound_run_once.py")


def steps(remarks: list[str]) -> list[Shown]:
    return [shown(STEPS, remark="x" * 3001 if remark == "BAD" else remark) for remark in remarks]


def feedback(agents: list[str]) -> list[Shown]:
    return [shown(FEEDBACK, agent="x" * 51 if agent == "BAD" else agent) for agent in agents]


class World(RuleBasedStateMachine):
    """Steps, which are replaced, and feedback, which is drained, of few orders with few contents."""

    inbound: ClassVar[Inbound]

    met: ClassVar[Counter[str]] = Counter()
    """What the histories came by: a test of nothing would be green too."""

    @initialize(first=EACH, answered=EACH, last=EACH)
    def begin(self, first: list[list[str]], answered: list[list[str]], last: list[list[str]]) -> None:
        self.inbound.sandbox.clear_faults()
        self.inbound.sandbox.reset()
        self.inbound.empty("landing", "collection_window", "quarantined_answer", "interaction_log", STEPS.table)
        self.inbound.empty(f"{STEPS.table}_history", FEEDBACK.table)
        self.there: set[str] = set()
        self.last = dict(zip(ORDERS, last, strict=True))
        """Steps that each order has in the end."""
        self.fed: dict[str, set[bytes]] = {}
        """Good feedback ever shown, by order, that a run could have seen."""
        self.held: dict[str, set[bytes]] = {}
        """Contents that were current at some time after a run, by order."""
        for number, remarks, agents in zip(ORDERS, first, answered, strict=True):
            self.an_order_is_put(number, remarks, agents)
        self.inbound.collect()

    # What the platform does

    @rule(number=NUMBERS, remarks=REMARKS, agents=REMARKS)
    def an_order_is_put(self, number: str, remarks: list[str], agents: list[str]) -> None:
        self.inbound.sandbox.world.put(
            order(number, ORDERS[number], shown(COMPLAINTS), *steps(remarks), *feedback(agents))
        )
        self.there.add(number)

    @rule(changes=st.dictionaries(NUMBERS, REMARKS | st.just([]), min_size=1), collected=st.booleans())
    def steps_change(self, changes: dict[str, list[str]], collected: bool) -> None:
        for number, remarks in changes.items():
            if number in self.there:
                self.inbound.sandbox.world.replace(number, str(STEPS.table), *steps(remarks))
            else:
                self.an_order_is_put(number, remarks, [])
        if collected:
            self.inbound.again()
            self.inbound.collect()

    @rule(number=NUMBERS, agent=st.sampled_from(["四", "五", "BAD"]))
    def feedback_comes(self, number: str, agent: str) -> None:
        if number in self.there:
            self.inbound.sandbox.world.add(number, *feedback([agent]))

    @rule(number=NUMBERS)
    def an_order_vanishes(self, number: str) -> None:
        if number in self.there:
            self.inbound.sandbox.world.remove(number)
            self.there.discard(number)

    # What the bridge and the network do

    @rule(within=WITHIN, fault=FAULTS, due=st.booleans())
    def a_run(self, within: tuple[int, int] | None, fault: dict[str, object] | None, due: bool) -> None:
        if due:
            self.inbound.again()
        self.inbound.sandbox.set_faults([fault] if fault else [])
        self.inbound.collect(within)
        self.inbound.sandbox.clear_faults()

    @rule(fault=FAULTS)
    def a_drain(self, fault: dict[str, object] | None) -> None:
        self.inbound.sandbox.set_faults([fault] if fault else [])
        self.inbound.drain()
        self.inbound.sandbox.clear_faults()

    @rule(within=WITHIN)
    def runs_at_once(self, within: tuple[int, int] | None) -> None:
        self.inbound.again()
        acts = [lambda: self.inbound.collect(within), self.inbound.collect, self.inbound.drain, self.inbound.drain]
        runs = [Thread(target=act) for act in acts]
        for run in runs:
            run.start()
        for run in runs:
            run.join()

    @rule()
    def the_time_is_up_at_once(self) -> None:
        self.inbound.collect(budget_s=0.0)

    @rule(begin=st.integers(0, 5000))
    def a_window_is_deleted_by_hand(self, begin: int) -> None:
        self.inbound.local(
            "DELETE FROM hotline.collection_window WHERE row_id IN (SELECT row_id FROM hotline.collection_window"
            " WHERE ends > %s ORDER BY begins LIMIT 1)",
            moment(begin),
        )

    # What always holds

    @invariant()
    def what_was_current_is_current_or_history(self) -> None:
        now, past = self.inbound.hashes(STEPS), self.inbound.hashes(STEPS, "_history")
        for number, contents in self.held.items():
            assert contents <= now.get(number, set()) | past.get(number, set())
        for number, contents in now.items():
            self.held.setdefault(number, set()).update(contents)

    @invariant()
    def feedback_never_leaves(self) -> None:
        local = self.inbound.hashes(FEEDBACK)
        for number, contents in self.fed.items():
            assert contents <= local.get(number, set())
        self.fed = local

    @invariant()
    def every_answer_is_kept_as_it_came(self) -> None:
        rows = self.inbound.local("SELECT answer = ''::bytea OR sha256(answer) <> answer_sha256 FROM hotline.landing")
        assert not any(wrong for (wrong,) in rows)

    def teardown(self) -> None:
        """After a whole pass without faults the local store is what the platform shows."""
        if not hasattr(self, "there"):  # begin() did not run
            return
        self.inbound.sandbox.clear_faults()
        self.steps_change({number: self.last[number] for number in sorted(self.there)}, collected=True)
        for _ in range(2):
            self.inbound.drain()
            self.inbound.again()
            self.inbound.collect()
        self.the_local_store_is_the_platform()

    def the_local_store_is_the_platform(self) -> None:
        self.met["replaced"] += len(self.inbound.hashes(STEPS, "_history"))
        self.met["fixed"] += len(self.inbound.quarantined("replaced"))
        self.met["bad"] += len(self.inbound.quarantined())
        world = self.inbound.sandbox.world
        local, shown_now = self.inbound.hashes(STEPS), world.rows(STEPS.name)
        bad = read_rows(STEPS, shown_now).bad
        unsure = {str(row["key"]) for row in bad}
        for number, contents in by_order(STEPS, shown_now).items():
            if number in unsure:
                assert contents <= local[number], number
            else:
                assert contents == local[number], number
        # An order that is no longer shown, or of which nothing is, is reported and kept.
        missing = self.inbound.missing(STEPS)
        gone = local.keys() - {str(row["bh"]) for row in shown_now}
        assert gone <= missing <= gone | unsure
        self.met["missing"] += len(missing)

        assert world.rows(FEEDBACK.name) == []
        drained = self.inbound.hashes(FEEDBACK)
        for number, contents in by_order(REPAIR, world.rows(REPAIR.name)).items():
            assert contents <= drained[number]

        for interface in (STEPS, REPAIR):
            wrong = read_rows(interface, world.rows(interface.name)).bad
            expected = {(row["key"], row["content_hash"]) for row in wrong}
            open_rows = {
                (key, rf"\x{content}")
                for key, content in self.inbound.local(
                    "SELECT key, encode(content_hash, 'hex') FROM hotline.quarantined_answer"
                    " WHERE state = 'open' AND interface = %s",
                    interface.name,
                )
            }
            assert expected <= open_rows
            # Of an order that is not shown any more nothing says that it was fixed.
            told = {row[str(interface.key)] for row in world.rows(interface.name)}
            assert {row for row in open_rows if row[0] in told} == expected
        for interface in (STEPS, REPAIR):
            windows = self.inbound.windows(interface)
            assert windows[0][0] == 0
            assert all(before[1] == after[0] for before, after in pairwise(windows))


@pytest.mark.hypothesis
@pytest.mark.timeout(600)
def test_local_is_platform_after_any_history(inbound: Inbound) -> None:
    World.inbound = inbound.of(STEPS, FEEDBACK, REPAIR).with_settings(timeout_s=2.0, tries=1, breaker_failures=1000)
    profile = settings(
        max_examples=examples(80),
        stateful_step_count=12,
        deadline=None,
        phases=[Phase.generate],
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(World, settings=profile)
    assert all(World.met[what] >= 5 for what in ("replaced", "fixed", "bad", "missing")), World.met


# Killed at each step, in a process of its own


def run_once(inbound: Inbound, die_at: str | None = None) -> int:
    names = {"LOCAL": inbound.stores.local, "PLATFORM": inbound.sandbox.base_url, "COLLECT_FROM": moment(0).isoformat()}
    return warm.run(SCRIPT, environment={**os.environ, **names}, step=die_at)


@pytest.mark.slow
@pytest.mark.parametrize("step", INBOUND_FAILPOINTS)
def test_killed_at_a_step_the_next_run_ends_the_same(inbound: Inbound, step: str) -> None:
    inbound = inbound.of(COMPLAINTS, STEPS, FEEDBACK, REPAIR)
    world = inbound.sandbox.world
    world.put(
        *(
            order(f"R{number:04}", number * 7, shown(COMPLAINTS), *steps(["一", "二"]), *feedback(["四"]))
            for number in range(700)
        ),
        order("B", 9, shown(COMPLAINTS, proname="x" * 71), *steps(["BAD", "一"]), *feedback(["BAD"])),
    )
    assert run_once(inbound, die_at=step) == -9
    assert run_once(inbound) == 0
    assert breaches(inbound.stores, inbound.sandbox) == []
    for interface in (COMPLAINTS, STEPS, FEEDBACK):
        shown_by = REPAIR if interface is FEEDBACK else interface
        assert inbound.hashes(interface) == by_order(shown_by, world.rows(shown_by.name))
    assert world.rows(FEEDBACK.name) == []
    assert {reasons[0] for _, reasons, _ in inbound.quarantined()} == {
        "proname:length",
        "remark:length",
        "agent:length",
    }
    assert inbound.local("SELECT count(*) FROM hotline.complaint_handling_history") == [(0,)]
    for interface in (COMPLAINTS, STEPS, REPAIR):
        assert {state for *_, state in inbound.windows(interface)} == {"settled"}
