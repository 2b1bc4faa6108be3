"""`hotline collect`: the inbound flows without Airflow, on real stores and a platform with a world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from hotline_bridge.cli.main import app
from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import StopRun
from hotline_bridge.inbound.moments import digits, readable
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests.inbound.inbound_bridge import COMPLAINTS, DRAINS, FEEDBACK, QUERIES, START, STEPS, Inbound, order, shown
from tests.outbound.test_leaks import postgres_connection

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Interface
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores


@pytest.fixture
def inbound(
    monkeypatch: pytest.MonkeyPatch, stores: Stores, platform: PlatformSettings, sandbox: SandboxControl
) -> Inbound:
    """Connections in the environment, as the command finds them."""
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", postgres_connection(stores.local))
    connection = platform_connection(
        sandbox.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN, collect_from=readable(START).replace(" ", "T"), tries=1
    )
    monkeypatch.setenv("AIRFLOW_CONN_PLATFORM_12315", connection)
    return Inbound(stores, platform, sandbox, (COMPLAINTS, STEPS, FEEDBACK))


def hotline(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["collect", *arguments], catch_exceptions=False)
    return done.exit_code, done.output


def asked(inbound: Inbound) -> set[str]:
    return {str(call["interface"]) for call in inbound.sandbox.history()}


def test_everything_that_is_due(inbound: Inbound) -> None:
    inbound.sandbox.world.put(*(order(f"R{n}", n, shown(COMPLAINTS), shown(STEPS), shown(FEEDBACK)) for n in range(9)))
    code, output = hotline()
    assert code == 0
    assert len(asked(inbound)) == len(QUERIES) + len(DRAINS) + 1, "and one acknowledgement"
    for interface in inbound.interfaces:
        assert len(inbound.hashes(interface)) == 9
        assert interface.name in output
    code, output = hotline("case")
    assert code == 0
    calls = len(inbound.sandbox.history())
    assert hotline("case", "--interface", COMPLAINTS.name)[0] == 0
    assert len(inbound.sandbox.history()) - calls <= 1, "only the seconds since"


def test_one_interface_and_one_window_due_or_not(inbound: Inbound) -> None:
    inbound.sandbox.world.put(order("IN", 100), order("OUT", 5000))
    window = ("--begin", readable(START).replace(" ", "T"), "--end", readable(START + 200).replace(" ", "T"))
    for _ in range(2):
        assert hotline("--interface", COMPLAINTS.name, *window)[0] == 0
    assert inbound.hashes(COMPLAINTS).keys() == {"IN"}
    calls = inbound.sandbox.history()
    assert {(str(call["interface"]), str(call["key"])) for call in calls} == {
        (COMPLAINTS.name, f"{digits(START)}-{digits(START + 200)}")
    }
    assert len(calls) == 2


def test_a_dry_run_says_what_would_be_visited_and_asks_nothing(inbound: Inbound) -> None:
    code, output = hotline("--dry-run")
    assert code == 0
    assert all(name in output for name in (COMPLAINTS.name, STEPS.name, "getCaseFeedbackTs"))
    assert "because" in output, "nothing was ever visited, so all of it is new"
    assert inbound.sandbox.history() == []
    assert inbound.local("SELECT 1 FROM hotline.collection_window") == []
    hotline("case")
    code, output = hotline("case", "--dry-run")
    assert code == 0
    calls = len(inbound.sandbox.history())
    code, output = hotline("case", "--dry-run", "--begin", "2026-01-01T00:00:00", "--end", "2026-02-01T00:00:00")
    assert (code, "31" in output, "asked" in output) == (0, True, True)
    assert len(inbound.sandbox.history()) == calls


def test_an_incomplete_second_ends_non_zero_until_it_is_complete(inbound: Inbound) -> None:
    inbound.sandbox.world.put(*(order(f"R{number}", 60) for number in range(600)))
    code, output = hotline("case")
    assert code == 1
    assert "未能全部取得" in output
    assert hotline("case")[0] == 1, "also while it is not due"
    assert hotline("process")[0] == 0
    inbound.sandbox.world.remove(*(f"R{number}" for number in range(200)))
    inbound.again()
    assert hotline("case")[0] == 0


def test_a_blocked_drain_ends_non_zero(inbound: Inbound) -> None:
    rows = (shown(FEEDBACK, odrno="", agent=f"员{number}") for number in range(500))
    inbound.sandbox.world.put(order("N", 60, *rows))
    code, output = hotline("--interface", FEEDBACK.name)
    assert code == 1
    assert "无法回执" in output


@pytest.mark.parametrize(("flow", "failing"), [("process", STEPS), ("feedback", FEEDBACK)])
def test_an_interface_that_fails_ends_non_zero_and_is_named(inbound: Inbound, flow: str, failing: Interface) -> None:
    inbound.sandbox.world.put(order("R1", 60, shown(STEPS), shown(FEEDBACK)))
    inbound.sandbox.set_faults([{"kind": "status", "status": 502, "interface": failing.name}])
    code, output = hotline(flow)
    assert code == 1
    assert f"{failing.label_zh}（{failing.name}）" in output
    assert "失败" in output
    assert "hotline check" in output
    others = [known for known in interfaces_of(flow) if known.kind in {"query", "drain"} and known is not failing]
    assert not any(f"{known.label_zh}（{known.name}）" in output for known in others)
    inbound.sandbox.clear_faults()
    inbound.again()
    assert hotline(flow)[0] == 0


def test_windows_that_wait_since_long_end_non_zero(inbound: Inbound) -> None:
    assert hotline("process")[0] == 0
    inbound.local(
        "INSERT INTO hotline.collection_window (interface, begins, ends, state, due_at, retry_at, due_because)"
        " VALUES (%s, '2026-01-01', '2026-01-02', 'failed', now() - interval '7 hours', now() + interval '5 minutes',"
        " 'failed')",
        STEPS.name,
    )
    code, output = hotline("process")
    assert code == 1
    assert f"{STEPS.label_zh}（{STEPS.name}）：1 个登记时间窗口超过时限没有取得完整应答" in output
    assert hotline("case")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["telephony"],
        ["--interface", "callinfo"],
        ["case", "--interface", STEPS.name],
        ["--interface", "x"],
    ],
)
def test_what_is_not_collected_is_refused(inbound: Inbound, arguments: list[str]) -> None:
    code, output = hotline(*arguments)
    assert code == typer.BadParameter("").exit_code
    assert "no flow" in output or "not collected here" in output
    assert inbound.sandbox.history() == []


@pytest.mark.parametrize(
    "window",
    [
        ["--begin", "2026-01-01"],
        ["--end", "2026-01-01"],
        ["--begin", "x", "--end", "y"],
        ["--begin", "2026-02-01", "--end", "2026-01-01"],
        ["--begin", "2026-01-01", "--end", "2026-01-01"],
        ["--begin", "2999-01-01", "--end", "2999-01-02"],
    ],
)
@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_window_that_is_none_is_refused(inbound: Inbound, window: list[str], more: list[str]) -> None:
    with pytest.raises(StopRun, match="begin"):
        hotline("case", *window, *more)
    with pytest.raises(StopRun, match="begin"):
        hotline("feedback", *window, *more)
    assert inbound.sandbox.history() == []
