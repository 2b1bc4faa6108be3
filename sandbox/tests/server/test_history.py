"""What the sandbox remembers, over its control API."""

from __future__ import annotations

import hashlib
import tracemalloc

import pytest

from hotline_sandbox.server.admin import Admin
from hotline_sandbox.server.control import SandboxControl, SandboxError
from hotline_sandbox.server.faults import Fault
from hotline_sandbox.server.history import History
from hotline_sandbox.server.platform import Platform, Request
from hotline_sandbox.server.settings import SandboxSettings
from sandbox.tests.server.sandbox_client import Client, body_of, good_row

ROW = good_row("callinfo")
ORDERS = ["putTsBusiRegInfoData", "putJbBusiRegInfoData", "putZxBusiRegInfoData"]


def test_every_call_is_remembered(client: Client, sandbox: SandboxControl) -> None:
    bad = {**ROW, "callno": ""}
    client.call("callinfo", ROW)
    client.call("callinfo", bad)
    client.call("putZxBusiRegInfoData", good_row("putZxBusiRegInfoData"), day="20261123")
    first, second, third = sandbox.history(bodies=True)
    assert first.pop("received_at", "").startswith("2026-11-24T12:00:")  # type: ignore[misc]
    assert first == {
        "seq": 1, "interface": "callinfo", "key": ROW["callid"], "status": 200, "code": 0, "accepted": True,
        "rows": None, "fault": None, "body_sha256": hashlib.sha256(body_of("callinfo", ROW)).hexdigest(),
        "body": body_of("callinfo", ROW).decode(),
    }  # fmt: skip
    assert (second["seq"], second["code"], second["accepted"], second["body"]) == (2, "1001", False, None)
    assert second["body_sha256"] == hashlib.sha256(body_of("callinfo", bad)).hexdigest()
    assert (third["status"], third["interface"], third["key"], third["accepted"]) == (401, None, None, False)
    assert sandbox.history()[0]["body"] is None


def test_history_is_read_on_from_a_number_and_by_interface(client: Client, sandbox: SandboxControl) -> None:
    for name in ("callinfo", "recordinfo", "callinfo"):
        client.call(name, good_row(name))
    assert [call["seq"] for call in sandbox.history(after=1)] == [2, 3]
    assert [call["seq"] for call in sandbox.history(interface="callinfo")] == [1, 3]
    assert sandbox.history(after=3) == []
    assert sandbox.history(after=99) == []


def test_counts_add_up(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "reset_before", "key": "440203lost"}])
    client.call("callinfo", ROW)
    client.call("callinfo", {**ROW, "callno": "another"})
    client.call("callinfo", {**ROW, "callid": "440203new"})
    client.call("callinfo", {**ROW, "callno": ""})
    with pytest.raises(ConnectionError):
        client.call("callinfo", {**ROW, "callid": "440203lost"})
    client.call("putZxBusiRegInfoData", {}, day="20261123")
    assert sandbox.counts() == {
        "callinfo": {"calls": 5, "accepted": 3, "distinct": 2, "repeated": 1, "refused": 1, "faulted": 1},
        "unknown": {"calls": 1, "accepted": 0, "distinct": 0, "repeated": 0, "refused": 1, "faulted": 0},
    }


def test_pages_of_the_history_join_without_gap_or_overlap() -> None:
    history = History()
    for number in range(25):
        history.record(
            received=0.0, interface="a" if number % 3 else "b", key=str(number), status=200, code=0,
            accepted=True, refused=False, fault=None, body=b"%d" % number,
        )  # fmt: skip
    seen, after = [], 0
    while page := history.page(after=after, limit=4, interface="a", bodies=True):
        seen += [(call["key"], call["body"]) for call in page]
        after = page[-1]["seq"]
    assert seen == [(str(number), str(number)) for number in range(25) if number % 3]


def test_half_a_million_calls_fit_in_memory() -> None:
    """20,000 calls are measured; what one costs beyond its key and body must stay small."""
    history = History()
    bodies = [b"%0300d" % number for number in range(20_000)]
    keys = [str(number) for number in range(20_000)]
    tracemalloc.start()
    for key, body in zip(keys, bodies, strict=True):
        history.record(
            received=0.0,
            interface="callinfo",
            key=key,
            status=200,
            code=0,
            accepted=True,
            refused=False,
            fault=None,
            body=body,
        )
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown / 20_000 < 150


def counted(client: Client, begin: object, end: object) -> object:
    return client.call("numcaseinfo", {"beginregtime": begin, "endregtime": end}).json


def test_numcaseinfo_counts_orders_by_registration_with_both_ends(client: Client) -> None:
    for place, name in enumerate(ORDERS):
        for number in range(place + 1):
            client.call(
                name, {**good_row(name), "regino": f"{place}-{number}", "registime": f"2026-11-0{number + 1} 08:00:00"}
            )
    expected = {"numcaseinfo1": "1", "numcaseinfo2": "2", "numcaseinfo3": "3"}
    assert counted(client, "20261101080000", "20261103080000") == {"code": 0, "msg": "成功", "data": expected}
    none = {"numcaseinfo1": "0", "numcaseinfo2": "1", "numcaseinfo3": "1"}
    assert counted(client, 20261101080001, 20261103075959)["data"] == none  # type: ignore[index]


def test_numcaseinfo_counts_an_updated_order_once_by_its_newest_time(client: Client) -> None:
    for day in ("01", "05"):
        client.call(ORDERS[0], {**good_row(ORDERS[0]), "regino": "same", "registime": f"2026-11-{day} 08:00:00"})
    assert counted(client, "20261101000000", "20261102000000")["data"]["numcaseinfo1"] == "0"  # type: ignore[index]
    assert counted(client, "20261105000000", "20261106000000")["data"]["numcaseinfo1"] == "1"  # type: ignore[index]


@pytest.mark.parametrize(
    ("begin", "end", "code"),
    [
        ("20261101000000", "20261116000000", 0),
        ("20261101000000", "20261116000001", "1004"),
        ("20261102000000", "20261101000000", "1004"),
        ("20261101000000", "", "1001"),
        ("2026-11-01 00:00:00", "20261102000000", "1001"),
    ],
)
def test_numcaseinfo_refuses_windows_over_fifteen_days(client: Client, begin: str, end: str, code: object) -> None:
    assert counted(client, begin, end)["code"] == code  # type: ignore[index]


@pytest.mark.parametrize(
    ("method", "name", "value", "complaint"),
    [
        ("POST", "faults", [{"kind": "hang"}, {"kind": "explode"}], "1.kind: Input should be 'hang'"),
        ("POST", "faults", {"kind": "hang"}, "Input should be a valid array"),
        ("POST", "clock", {"offset": 1}, "offset_s: Field required"),
        ("GET", "history?after=x", None, "after: Input should be a valid integer"),
        ("GET", "history?limit=100000", None, "limit: Input should be less than or equal to 10000"),
        ("GET", "nothing", None, "the control API knows only: DELETE faults, GET counts"),
        ("PUT", "faults", [], "the control API knows only"),
    ],
)
def test_wrong_control_requests_are_explained(
    sandbox: SandboxControl, method: str, name: str, value: object, complaint: str
) -> None:
    with pytest.raises(SandboxError) as caught:
        sandbox._ask(method, name, value)
    assert complaint in str(caught.value)


def test_the_control_api_is_for_this_machine_only() -> None:
    request = Request(b"GET", b"/_sandbox/health", b"", None, b"", has_length=False, keep_alive=True)
    admin = Admin(Platform(SandboxSettings()))
    assert admin.handle(request, is_local=True).status == 200
    assert admin.handle(request, is_local=False).status == 403


def test_faults_are_replaced_and_cleared(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([Fault(kind="status", status=500)])
    sandbox.set_faults([Fault(kind="status", status=503, count=1)])
    assert [client.call("callinfo", ROW).status for _ in range(2)] == [503, 200]
    sandbox.set_faults([Fault(kind="empty")])
    sandbox.clear_faults()
    assert client.call("callinfo", ROW).json["code"] == 0


def test_reset_forgets_everything(client: Client, sandbox: SandboxControl) -> None:
    client.call("callinfo", ROW)
    sandbox.set_faults([{"kind": "hang"}])
    sandbox.reset()
    assert sandbox.health() == {"status": "ok", "calls": 0, "clock_offset_s": 0.0}
    assert sandbox.counts() == {}
    assert sandbox.history() == []
