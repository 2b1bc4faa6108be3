"""The invented orders: exact, repeatable, true to the specification, and shaped like the measured replies."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from hotline_bridge.cli.main import app
from hotline_sandbox.sample.bursts import BURSTS, plan_bursts
from hotline_sandbox.sample.case_dirt import changes_of
from hotline_sandbox.sample.case_kinds import KINDS
from hotline_sandbox.sample.case_life import LONGEST_DAYS, NEVER
from hotline_sandbox.sample.case_world import CaseWorld, InventedOrder
from hotline_sandbox.sample.moments import DAY_S, as_date, as_digits, as_minutes, as_timestamp, wall_seconds
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.sample.world_file import write_world
from hotline_sandbox.server.control import running_sandbox
from hotline_sandbox.server.rules import compile_fields
from hotline_sandbox.server.world.orders import Order
from hotline_sandbox.shown import REGISTERED, interfaces_showing
from tests.examples import examples

pytestmark = pytest.mark.slow

END = datetime(2026, 11, 24, 12, tzinfo=SHANGHAI)
LAST = wall_seconds(END)


@pytest.fixture(scope="module")
def orders() -> list[InventedOrder]:
    return list(CaseWorld(cases=20_000, days=120, seed=3, end=END, second_burst=600).orders())


def answers(order: InventedOrder) -> list[int]:
    """How long after the order appeared each answer came, in seconds."""
    appeared = order.rows[0].begin
    return [row.begin - appeared for row in order.rows if row.table == "case_feedback"]


def read(path: Path) -> list[dict[str, Any]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in data.splitlines()]


def whole(line: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """A row of a file with what the platform fills in."""
    interface = interfaces_showing()[shown["table"]][0]
    at = wall_seconds(datetime.strptime(line["registered"], "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI))
    times = {
        field.name: as_minutes(at) if field.kind == "text" else as_timestamp(at)
        for field in interface.response
        if field.name == REGISTERED
    }
    return {str(interface.key): line["regino"], **times, **shown["row"]}


def test_there_are_exactly_so_many_in_order_of_registration(orders: list[InventedOrder]) -> None:
    assert len(orders) == len({order.regino for order in orders}) == 20_000
    assert all(one.registered <= other.registered for one, other in pairwise(orders))
    assert orders[0].registered >= LAST - 120 * DAY_S
    assert orders[-1].registered <= LAST
    assert {len(order.regino) for order in orders} == {22}


def test_replies_come_as_late_as_measured(orders: list[InventedOrder]) -> None:
    first = [answered[0] / DAY_S for order in orders if (answered := answers(order))]
    assert 10 < median(first) < 12
    assert 60 < quantiles(first, n=20)[-1] < 74
    share = {days: sum(lag > days for lag in first) / len(first) for days in (7, 15, 90)}
    assert share == {
        7: pytest.approx(0.648, abs=0.02),
        15: pytest.approx(0.385, abs=0.02),
        90: pytest.approx(0.029, abs=0.008),
    }
    assert 300 < max(first) <= LONGEST_DAYS


def test_things_happen_after_the_answer_too(orders: list[InventedOrder]) -> None:
    after: Counter[str] = Counter()
    for order in orders:
        if answered := answers(order):
            last = order.rows[0].begin + answered[0]
            after.update({row.table for row in order.rows if row.begin > last})
    assert after["case_urge"] > 100
    assert after["case_extension"] > 100
    assert after["complaint_feedback"] > 500
    assert max(len(answers(order)) for order in orders) >= 4


def test_rows_change_vanish_and_come_late(orders: list[InventedOrder]) -> None:
    cases = [[row for row in order.rows if row.table == order.case] for order in orders]
    assert sum(len(rows) == 2 and rows[0].end == rows[1].begin for rows in cases) > 200
    assert sum(all(row.end < NEVER for row in order.rows) for order in orders) > 5
    assert sum(order.rows[0].begin > order.registered for order in orders) > 100
    assert all(row.begin < row.end for order in orders for row in order.rows)
    assert all(row.begin >= order.registered for order in orders for row in order.rows)
    assert sum(row.begin > LAST for order in orders for row in order.rows) > 1_000


def test_an_extension_moves_the_deadline_of_the_routing(orders: list[InventedOrder]) -> None:
    moved = 0
    for order in orders:
        for extension in (row for row in order.rows if row.table == "case_extension"):
            new = [row for row in order.rows if row.table == "case_routing" and row.begin == extension.begin]
            moved += len(new)
            assert {row.row["deadline"] for row in new} <= {extension.row["yqdate"]}
    assert moved > 1_000


def test_kinds_weekdays_and_hours_have_their_shares(orders: list[InventedOrder]) -> None:
    burst = sum(orders for orders, _ in BURSTS) + 600
    kinds = Counter(order.case for order in orders)
    kinds["complaint_case"] -= burst
    for kind in KINDS:
        assert kinds[kind.case] / (20_000 - burst) == pytest.approx(kind.share, abs=0.02)
    ordinary = [order.registered for order in orders if order.case != "complaint_case"]
    days = Counter((at // DAY_S + 3) % 7 for at in ordinary)  # 1970-01-01 was a Thursday
    assert days[0] > 1.5 * days[6]
    hours = Counter(at % DAY_S // 3_600 for at in ordinary)
    assert hours[10] > 20 * hours[3]


@pytest.mark.parametrize("second_burst", [0, 600])
def test_bursts_stand_alone_in_their_windows(orders: list[InventedOrder], second_burst: int) -> None:
    world = CaseWorld(cases=20_000, days=120, seed=3, end=END, second_burst=second_burst)
    wanted = [(orders, length) for orders, length in [(600, 1), *BURSTS][0 if second_burst else 1 :]]
    assert [(burst.orders, burst.end - burst.begin + 1) for burst in world.bursts] == wanted
    if second_burst:
        for burst in world.bursts:
            found = [order for order in orders if burst.begin <= order.registered <= burst.end]
            assert len(found) == burst.orders
            assert {order.case for order in found} == {"complaint_case"}


@given(
    begin=st.integers(0, 10**9), days=st.integers(0, 400), most=st.integers(0, 5_000), second_burst=st.integers(0, 700)
)
@settings(max_examples=examples(200), deadline=None)
def test_bursts_lie_in_the_span_apart_from_each_other(begin: int, days: int, most: int, second_burst: int) -> None:
    end = begin + days * DAY_S
    bursts = plan_bursts(begin, end, most, second_burst)
    assert sum(burst.orders for burst in bursts) <= most
    assert all(begin <= burst.begin <= burst.end <= end for burst in bursts)
    assert all(one.end < other.begin for one, other in pairwise(bursts))
    for burst in bursts:
        times = list(burst.times())
        assert len(times) == burst.orders
        assert burst.begin <= min(times) <= max(times) <= burst.end


@given(moment=st.datetimes(datetime(1992, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001  (hypothesis adds the zone)
@settings(deadline=None)
def test_wall_clock_seconds_are_written_as_the_clock_shows(moment: datetime) -> None:
    wall = wall_seconds(moment.replace(tzinfo=SHANGHAI))
    assert as_digits(wall) == f"{moment:%Y%m%d%H%M%S}"
    assert as_timestamp(wall) == f"{moment:%Y-%m-%d %H:%M:%S}"
    assert as_minutes(wall) == f"{moment:%Y-%m-%d %H:%M}"
    assert as_date(wall) == f"{moment:%Y-%m-%d}"


def test_texts_look_like_the_measured_messages(orders: list[InventedOrder]) -> None:
    texts = [str(order.rows[0].row["complacontent"]) for order in orders]
    assert sum(text[0] in "\r\n\t" for text in texts) / len(texts) > 0.95
    assert 0.04 < sum("\u00a0" in text for text in texts) / len(texts) < 0.13
    assert max(map(len, texts)) == 2_000
    assert 0.005 < sum(len(text) == 2_000 for text in texts) / len(texts) < 0.02


def test_every_clean_row_keeps_the_printed_rules(tmp_path: Path) -> None:
    write_world(tmp_path / "world.jsonl", cases=3_000, days=60, seed=5, end=END)
    checks = {
        table: [compile_fields(interface.response) for interface in interfaces]
        for table, interfaces in interfaces_showing().items()
    }
    respelled = {"Feetime": "feetime"}  # the one name that two interfaces of a table print differently
    seen: Counter[str] = Counter()
    for line in read(tmp_path / "world.jsonl"):
        for shown in line["rows"]:
            row = whole(line, shown)
            row |= {respelled[name]: value for name, value in row.items() if name in respelled}
            assert [check(row) for check in checks[shown["table"]]] == [[]] * len(checks[shown["table"]])
            seen[shown["table"]] += 1
    # Nothing is invented for interfaces that a deployment adds.
    assert set(seen) == {table for table, (first, *_) in interfaces_showing().items() if first.section.startswith("4.")}


def test_dirty_rows_break_exactly_the_rules_they_say(tmp_path: Path) -> None:
    counts = write_world(tmp_path / "world.jsonl", cases=4_000, days=60, seed=5, end=END, dirty=0.1)
    broken: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for line in read(tmp_path / "world.jsonl"):
        for shown in line["rows"]:
            check = compile_fields(interfaces_showing()[shown["table"]][0].response)
            found = tuple(sorted(f"{each.field}:{each.rule}" for each in check(whole(line, shown))))
            assert found == tuple(shown.get("breaks", ()))
            if found:
                broken[shown["table"], found] += 1
    assert broken == counts.dirty
    assert sum(broken.values()) / sum(counts.rows.values()) == pytest.approx(0.1, abs=0.01)
    numbers = {str(interfaces[0].key) for interfaces in interfaces_showing().values()}
    assert any(field.split(":")[0] in numbers for _, reasons in broken for field in reasons)


def test_dirt_covers_every_printed_rule_of_the_answers() -> None:
    rules = {rule for table in interfaces_showing() for change in changes_of(table) for rule in change.kind.breaks}
    assert rules == {"required", "length", "type", "code"}


@pytest.mark.parametrize("name", ["world.jsonl", "world.jsonl.gz"])
def test_the_same_arguments_make_the_same_file(tmp_path: Path, name: str) -> None:
    written = []
    for seed in (1, 1, 2):
        counts = write_world(tmp_path / name, cases=500, days=30, seed=seed, end=END, dirty=0.05)
        written.append((counts, (tmp_path / name).read_bytes()))
    assert written[0] == written[1]
    assert {line["regino"] for line in read(tmp_path / name)}.isdisjoint(
        json.loads(line)["regino"]
        for line in (gzip.decompress(written[0][1]) if name.endswith("gz") else written[0][1]).splitlines()
    )


@given(cases=st.integers(1, 60), days=st.integers(1, 400), seed=st.integers(0, 2**40))
@settings(max_examples=examples(30), deadline=None)
def test_any_world_is_valid(cases: int, days: int, seed: int) -> None:
    made = list(CaseWorld(cases=cases, days=days, seed=seed, end=END).orders())
    assert len(made) == cases
    assert all(LAST - days * DAY_S <= order.registered <= LAST for order in made)
    assert made == list(CaseWorld(cases=cases, days=days, seed=seed, end=END).orders())


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"cases": 0}, "must be positive"),
        ({"days": 0}, "must be positive"),
        ({"second_burst": 51}, "half of the cases at most"),
        ({"second_burst": -1}, "must not be negative"),
        ({"end": datetime(2026, 1, 1)}, "no time zone"),  # noqa: DTZ001  (that is the mistake)
        ({"dirty": 1.5}, "dirty must be a share"),
    ],
)
def test_wrong_arguments_are_explained(tmp_path: Path, arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        write_world(tmp_path / "world", **{"cases": 100, "days": 10, "end": END, **arguments})


def test_the_command_writes_a_world_that_the_sandbox_takes(tmp_path: Path) -> None:
    path = tmp_path / "world.jsonl.gz"
    options = ["--cases=400", "--days=20", "--until=2026-11-24T12:00:00", "--seed=9"]
    done = CliRunner().invoke(app, ["sample", f"--world={path}", *options])
    assert done.exit_code == 0
    assert f"400 orders, 0 dirty rows, written to {path}" in done.stdout
    lines = [Order.model_validate(line) for line in read(path)]
    expected: defaultdict[str, int] = defaultdict(int)
    now = int(f"{END + timedelta(days=30):%Y%m%d%H%M%S}")
    for line in lines:
        for shown in line.rows:
            expected[shown.table] += (shown.begin or line.registered) <= now < shown.end
    with running_sandbox(world=path) as control:
        control.world.set_clock(END + timedelta(days=30))
        counts = control.world.counts()
    assert counts == {
        interface.name: expected[table]
        for table, interfaces in interfaces_showing().items()
        for interface in interfaces
    }
    assert sum(counts.values()) > 2_000


def test_the_command_explains_what_it_cannot_write(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["sample", f"--world={tmp_path}/none/world", "--cases=1"])
    assert done.exit_code == 2
    assert "No such file or directory" in done.output
