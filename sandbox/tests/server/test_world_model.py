"""The world against a naive one, over random histories; and what no split of a window may change."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.clock import Clock
from hotline_sandbox.server.settings import SandboxSettings
from hotline_sandbox.server.world.acknowledge import AcknowledgeService
from hotline_sandbox.server.world.feed import Feed, RowOrder, take
from hotline_sandbox.server.world.orders import Order, Shown
from hotline_sandbox.server.world.rows import DrainService, QueryService
from hotline_sandbox.server.world.world import World
from sandbox.tests.server.world_client import at
from tests.examples import examples

TABLE, QUERY, DRAIN, ACKNOWLEDGE = (
    "complaint_feedback", "getCaseFeedbackTs", "getTodoCaseFeedbackTs", "putCallbackCaseFeedback",
)  # fmt: skip

NUMBERS = st.sampled_from([f"R{number}" for number in range(6)])


def moment(second: int) -> int:
    """So many seconds past eight."""
    return int(at(second))


SECONDS = st.integers(0, 90)
MOMENTS = SECONDS.map(moment)


def data(answer_body: bytes) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(answer_body)["data"]
    return found


@dataclass
class Held:
    """One row of the naive world."""

    text: str
    begin: int
    end: int
    acknowledged: bool = False

    def shown(self, now: int) -> bool:
        return self.begin <= now < self.end


class Histories(RuleBasedStateMachine):
    """Orders come, change, move and go; feedback appears, is fetched and acknowledged; the clock turns both ways."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(Clock(), "minutes")
        self.world.stands_at = moment(40)
        settings = SandboxSettings()
        self.query = QueryService(contract()[QUERY], self.world, settings)
        self.drain = DrainService(contract()[DRAIN], self.world, settings)
        self.acknowledgement = AcknowledgeService(contract()[ACKNOWLEDGE], self.world, 0)
        self.orders: dict[str, tuple[int, list[Held]]] = {}
        self.texts = 0

    def _shown(self, second: int, length: int) -> tuple[Shown, Held]:
        self.texts += 1
        begin, end = moment(second), moment(second + length)
        text = str(self.texts)
        row = {"odrno": "", "dealResult": text}
        return Shown(table=TABLE, row=row, begin=begin, end=end), Held(text, begin, end)

    @rule(regino=NUMBERS, registered=MOMENTS, begins=st.lists(SECONDS, max_size=3), length=st.integers(1, 60))
    def put(self, regino: str, registered: int, begins: list[int], length: int) -> None:
        made = [self._shown(begin, length) for begin in begins]
        self.world.put(Order(regino=regino, registered=registered, rows=[shown for shown, _ in made]))
        self.orders[regino] = (registered, [held for _, held in made])

    @precondition(lambda self: self.orders)
    @rule(pick=st.randoms(use_true_random=False), begin=SECONDS, length=st.integers(1, 60))
    def add(self, pick: random.Random, begin: int, length: int) -> None:
        regino = pick.choice(sorted(self.orders))
        shown, held = self._shown(begin, length)
        self.world._add(*self.world._known(regino), regino, [shown])
        self.orders[regino][1].append(held)

    @precondition(lambda self: self.orders)
    @rule(pick=st.randoms(use_true_random=False), registered=MOMENTS)
    def move(self, pick: random.Random, registered: int) -> None:
        regino = pick.choice(sorted(self.orders))
        self.world._register(regino, registered)
        self.orders[regino] = (registered, self.orders[regino][1])

    @precondition(lambda self: self.orders)
    @rule(pick=st.randoms(use_true_random=False))
    def remove(self, pick: random.Random) -> None:
        regino = pick.choice(sorted(self.orders))
        self.world._remove(regino)
        del self.orders[regino]

    @rule(reginos=st.lists(NUMBERS, min_size=1, max_size=4))
    def acknowledge(self, reginos: list[str]) -> None:
        self.acknowledgement.answer({"regino": ",".join(reginos)}, store=True)
        for regino in reginos:
            for held in self.orders.get(regino, (0, []))[1]:
                held.acknowledged |= held.shown(self.world.now())

    @rule(now=MOMENTS)
    def turn_the_clock(self, now: int) -> None:
        self.world.stands_at = now

    @rule(begin=MOMENTS, end=MOMENTS)
    def ask(self, begin: int, end: int) -> None:
        begin, end = sorted((begin, end))
        window = {"beginregtime": str(begin), "endregtime": str(end)}
        found = data(self.query.answer(window, store=True).body)
        assert sorted(str(row["dealResult"]) for row in found) == self._expected(
            held for registered, rows in self.orders.values() if begin <= registered <= end for held in rows
        )

    @invariant()
    def what_waits_is_what_was_not_acknowledged(self) -> None:
        found = [str(row["dealResult"]) for row in data(self.drain.answer({}, store=True).body)]
        everything = [held for _, rows in self.orders.values() for held in rows]
        assert sorted(found) == self._expected(held for held in everything if not held.acknowledged)
        begins = {held.text: held.begin for held in everything}
        assert [begins[text] for text in found] == sorted(begins[text] for text in found)

    def _expected(self, held: Iterator[Held]) -> list[str]:
        return sorted(each.text for each in held if each.shown(self.world.now()))


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=examples(60), stateful_step_count=40, deadline=None)


@pytest.mark.parametrize("window_end", ["inclusive", "exclusive"])
@given(
    registered=st.lists(SECONDS, max_size=60),
    cuts=st.sets(SECONDS, max_size=8),
    order=st.sampled_from(["registration", "reverse", "random"]),
)
@settings(max_examples=examples(80), deadline=None)
def test_any_partition_of_a_window_gives_each_row_once(
    window_end: str, registered: list[int], cuts: set[int], order: str
) -> None:
    world = World(Clock(), "minutes")
    world.stands_at = moment(100)
    for number, second in enumerate(registered):
        shown = Shown(table="complaint_case", row={})
        world.put(Order(regino=f"R{number}", registered=moment(second), rows=[shown]))
    read = SandboxSettings.model_validate({"window_end": window_end, "row_order": order})
    service = QueryService(contract()["getTsBusiCaseInfoData"], world, read)
    found: list[object] = []
    for begin, end in pairwise([-1, *sorted(cuts), 91]):
        last = end - 1 if window_end == "inclusive" else end
        window = {"beginregtime": at(begin), "endregtime": at(last)}
        found += [row["regino"] for row in data(service.answer(window, store=True).body)]
    assert sorted(map(str, found)) == sorted(f"R{number}" for number in range(len(registered)))


@given(rows=st.lists(st.integers(), unique=True, max_size=30), most=st.integers(1, 40), seed=st.integers())
@settings(deadline=None)
def test_what_is_taken_of_the_rows(rows: list[int], most: int, seed: int) -> None:
    def taken(order: RowOrder) -> list[int]:
        return take(iter(rows), most, order, random.Random(seed))  # noqa: S311  (a test's chance)

    assert taken("registration") == rows[:most]
    assert taken("reverse") == rows[::-1][:most]
    chosen = taken("random")
    assert len(chosen) == len(set(chosen)) == min(most, len(rows))
    assert set(chosen) <= set(rows)


def test_a_drain_of_very_many_rows_is_swept_now_and_then() -> None:
    """What was acknowledged must not be walked over at every fetch."""
    feed = Feed(drained=True)
    for order in range(20_000):
        feed.add(order, 20261124100000 + order, b"{}", 1, 99991231235959)
    fetches = 0
    while waiting := take(feed.waiting(2), 500, "registration", random.Random(0)):  # noqa: S311  (a test's chance)
        fetches += 1
        for number in waiting:
            feed.acknowledge(number, 20261124100000 + number, 2)
    assert fetches == 40
    assert len(feed._waiting) < 2_000


def test_rows_cost_little_memory() -> None:
    feed = Feed(drained=False)
    row = b"x" * 1_000
    tracemalloc.start()
    for order in range(20_000):
        feed.add(order, 20261124100000, row, 1, 99991231235959)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown / 20_000 < 150
    assert feed.joined(range(0, 20_000, 7_000)) == b",".join([row] * 3)
