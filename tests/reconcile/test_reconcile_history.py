"""Whatever is lost on either side, in any order and between runs: it is found, repaired, and sent once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from hotline_bridge.contract.reader import interfaces_of
from tests.examples import examples
from tests.fixtures import Stores
from tests.orders.order_bridge import KINDS
from tests.reconcile.city import DAYS, City

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl

TABLES = dict(zip(KINDS, ("complaint", "report", "consultation"), strict=True))
PLACES = st.tuples(st.sampled_from(KINDS), st.sampled_from(DAYS))
_EMPTY = """
DO $$
DECLARE found regclass;
BEGIN
    FOR found IN SELECT c.oid FROM pg_class AS c WHERE relkind = 'r' AND relnamespace = to_regnamespace('{schema}')
        AND relname NOT IN ('alembic_version', 'person_secret')
    LOOP
        EXECUTE format('DELETE FROM %s', found);
    END LOOP;
END $$
"""


class Losses(RuleBasedStateMachine):
    """Orders come by telephone and by the network; rows are lost here and there; runs repair."""

    city: City

    @initialize()
    def begin(self) -> None:
        for conninfo, schema in ((self.city.stores.docking, "docking"), (self.city.stores.local, "hotline")):
            with psycopg.connect(conninfo, autocommit=True) as store:
                store.execute(_EMPTY.format(schema=schema).encode())
        self.city.sandbox.reset()
        self.number = 0
        self.taken: dict[str, tuple[str, object]] = {}
        self.network: dict[str, tuple[str, object]] = {}
        self.sent_again: Counter[str] = Counter()
        self.lost_for_good: set[str] = set()
        self.city.carry()

    def _new(self) -> str:
        self.number += 1
        return f"R{self.number:03}"

    @rule(place=PLACES, clock=st.sampled_from(["00:00:00", "10:00:00", "23:59:59"]))
    def telephone(self, place: tuple[str, object], clock: str) -> None:
        regino = self._new()
        self.city.take(regino, place[1], clock, kind=place[0])  # type: ignore[arg-type]  # a date
        self.taken[regino] = place
        self.city.carry()

    @rule(place=PLACES)
    def comes_by_network(self, place: tuple[str, object]) -> None:
        regino = self._new()
        self.city.network(regino, place[1], kind=place[0])  # type: ignore[arg-type]  # a date
        self.network[regino] = place

    @rule(data=st.data())
    def lose_here(self, data: st.DataObject) -> None:
        if known := sorted({*self.taken, *self.network}):
            regino = data.draw(st.sampled_from(known))
            kind, _ = {**self.taken, **self.network}[regino]
            self.city.lose_locally(regino, f"{TABLES[kind]}_case")

    @rule(data=st.data())
    def lose_there(self, data: st.DataObject) -> None:
        there = self._there()
        if known := sorted(there & {*self.taken, *self.network}):
            regino = data.draw(st.sampled_from(known))
            self.city.sandbox.world.remove(regino)
            if regino in self.network:
                del self.network[regino]
            elif self.sent_again[regino]:
                self.lost_for_good.add(regino)
            else:
                self.sent_again[regino] = 1

    @rule()
    def walk(self) -> None:
        self.city.again()
        self.city.collect()

    @rule()
    def reconcile(self) -> None:
        self.city.reconcile()

    @invariant()
    def nothing_is_sent_beyond_the_one_repair(self) -> None:
        if not hasattr(self, "taken"):
            return
        sent = Counter(
            str(record["key"]) for record in self.city.sandbox.history() if str(record["interface"]).startswith("put")
        )
        assert all(times <= 1 + self.sent_again[regino] for regino, times in sent.items())
        assert set(sent) <= set(self.taken)

    def teardown(self) -> None:
        """In the end the regular walk and two reconciliations settle everything that may be settled."""
        if not hasattr(self, "taken"):
            return
        for _ in range(2):
            self.walk()
            self.reconcile()
        self.walk()
        checks = self.city.reconcile()
        differing = {at: check.unexplained for at, check in checks.items() if check.state != "agreed"}
        expected: Counter[tuple[object, str]] = Counter()
        for regino in self.lost_for_good:
            kind, day = self.taken[regino]
            expected[day, TABLES[kind]] += 1
        assert differing == dict(expected)
        before = len(self.city.sandbox.history())
        again = self.city.reconcile()
        assert {at: check.unexplained for at, check in again.items() if check.state != "agreed"} == differing
        puts = [record for record in self.city.sandbox.history()[before:] if str(record["interface"]).startswith("put")]
        assert not puts
        assert self._there() == ({*self.taken} - self.lost_for_good) | {*self.network}
        self.nothing_is_sent_beyond_the_one_repair()

    def _there(self) -> set[str]:
        """Numbers of the orders that the platform shows."""
        return {
            str(row["regino"])
            for interface in interfaces_of("case")
            if interface.table != "returned_case"
            for row in self.city.sandbox.world.rows(interface.name)
        }


@pytest.fixture
def losses(postgres: Server, templates: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> City:
    for name, template in (("losses_docking", templates.docking), ("losses_local", templates.local)):
        postgres.create_database(name, template=template)
    stores = Stores(postgres.conninfo("losses_docking"), postgres.conninfo("losses_local"))
    return City(stores, platform, sandbox, interfaces_of("order"))


@pytest.mark.hypothesis
def test_any_losses_are_found_repaired_once_and_then_nothing_new(losses: City) -> None:
    machine = type("TheseLosses", (Losses,), {"city": replace(losses)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples(12),
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
