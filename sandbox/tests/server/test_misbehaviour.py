"""Each fault over a real socket, and whether the platform carried the call out."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from hotline_sandbox.server.control import SandboxControl
from hotline_sandbox.server.faults import VARIANTS
from sandbox.tests.server.sandbox_client import Client, good_row

ROW = good_row("callinfo")
SUCCESS = {"code": 0, "msg": "成功", "data": {"issuc": "1"}}


def last(sandbox: SandboxControl) -> tuple[Any, ...]:
    call = sandbox.history()[-1]
    return call["fault"], call["status"], call["code"], call["accepted"]


def test_hang_never_answers(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "hang"}])
    with client.wire() as wire:
        wire.send(client.report("callinfo", ROW))
        wire.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            wire.socket.recv(1)
    assert last(sandbox) == ("hang", None, None, False)
    assert sandbox.health()["status"] == "ok"


@pytest.mark.parametrize("fault", [{"kind": "delay", "seconds": 0.3}, {"kind": "latency", "ms": 300, "jitter_ms": 5}])
def test_a_late_answer_is_whole_and_stored(client: Client, sandbox: SandboxControl, fault: dict[str, object]) -> None:
    sandbox.set_faults([fault])
    begin = time.monotonic()
    assert client.call("callinfo", ROW).json == SUCCESS
    assert time.monotonic() - begin >= 0.3
    assert last(sandbox) == (fault["kind"], 200, 0, True)


def test_late_answers_do_not_wait_for_each_other(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "latency", "ms": 500}])
    begin = time.monotonic()
    wires = [client.wire() for _ in range(40)]
    for wire in wires:
        wire.send(client.report("callinfo", ROW))
    for wire in wires:
        with wire:
            assert wire.answer().json == SUCCESS
    assert time.monotonic() - begin < 40 * 0.5 / 2


@pytest.mark.parametrize(("kind", "stored"), [("reset_before", False), ("reset_after", True)])
def test_a_reset_is_a_reset(client: Client, sandbox: SandboxControl, kind: str, stored: bool) -> None:
    sandbox.set_faults([{"kind": kind}])
    with client.wire() as wire, pytest.raises(ConnectionResetError):
        wire.send(client.report("callinfo", ROW))
        wire.rest()
    assert last(sandbox) == (kind, None, None, stored)
    assert sandbox.counts()["callinfo"]["distinct"] == int(stored)


@pytest.mark.parametrize(
    ("fault", "status", "retry_after"),
    [
        ({"kind": "status", "status": 503}, 503, None),
        ({"kind": "status", "status": 429, "retry_after": 3}, 429, "3"),
        (
            {"kind": "status", "status": 599, "retry_after": "Wed, 25 Nov 2026 00:00:00 GMT"},
            599,
            "Wed, 25 Nov 2026 00:00:00 GMT",
        ),
        ({"kind": "unauthorized"}, 401, None),
    ],
)
def test_http_statuses(
    client: Client, sandbox: SandboxControl, fault: dict[str, object], status: int, retry_after: str | None
) -> None:
    sandbox.set_faults([fault])
    answered = client.call("callinfo", ROW)
    assert (answered.status, answered.headers.get("retry-after")) == (status, retry_after)
    assert last(sandbox) == (fault["kind"], status, str(status), False)


def test_html_and_empty_come_with_http_200(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "html", "count": 1}, {"kind": "empty"}])
    page = client.call("callinfo", ROW)
    assert (page.status, page.headers["content-type"]) == (200, "text/html;charset=UTF-8")
    assert page.body.startswith(b"<!DOCTYPE html>")
    nothing = client.call("callinfo", ROW)
    assert (nothing.status, nothing.body) == (200, b"")
    assert sandbox.counts()["callinfo"]["accepted"] == 0


def test_truncated_promises_more_than_it_sends(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "truncated"}])
    with client.wire() as wire:
        wire.send(client.report("callinfo", ROW))
        head, _, body = wire.rest().partition(b"\r\n\r\n")
    promised = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
    assert 0 < len(body) < promised
    assert last(sandbox) == ("truncated", 200, None, True)


@pytest.mark.parametrize("variant", VARIANTS)
def test_malformed_answers(client: Client, sandbox: SandboxControl, variant: str) -> None:
    sandbox.set_faults([{"kind": "malformed", "variant": variant}])
    body = client.call("callinfo", ROW).body
    expected: dict[str, object] = {
        "null": body == b"null",
        "list": body == b"[]",
        "cut": '{"code":0,"msg":"成功","data":{"issuc":"1"}}'.encode().startswith(body) and body,
        "bom": body.startswith(b"\xef\xbb\xbf{") and json.loads(body.decode("utf-8-sig")) == SUCCESS,
        "two_documents": body.count(b'"code"') == 2 and b"}{" in body,
        "nan": body.startswith(b'{"code":NaN'),
        "duplicate_keys": body.count(b'"code"') == body.count(b'"issuc"') == 2 and b"}{" not in body,
    }
    assert expected[variant]
    assert last(sandbox) == ("malformed", 200, None, False)


def test_malformed_lets_the_seed_choose(client: Client, sandbox: SandboxControl) -> None:
    def some() -> list[bytes]:
        sandbox.set_faults([{"kind": "malformed"}])
        return [client.call("callinfo", ROW).body for _ in range(20)]

    first = some()
    assert first == some()
    assert len(set(first)) > 3


def test_charset_is_gbk_labelled_utf8(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "charset"}])
    answered = client.call("callinfo", ROW)
    assert answered.headers["content-type"] == "application/json;charset=UTF-8"
    with pytest.raises(UnicodeDecodeError):
        answered.body.decode("utf-8")
    assert json.loads(answered.body.decode("gbk")) == SUCCESS
    assert last(sandbox) == ("charset", 200, None, True)


@pytest.mark.parametrize(("issuc", "data"), [(None, None), ("0", {"issuc": "0"}), ("1", {"issuc": "1"})])
def test_code(client: Client, sandbox: SandboxControl, issuc: str | None, data: object) -> None:
    sandbox.set_faults([{"kind": "code", "code": 500, "msg": "忙", **({"issuc": issuc} if issuc else {})}])
    assert client.call("callinfo", ROW).json == {"code": 500, "msg": "忙", "data": data}
    assert last(sandbox) == ("code", 500 - 300, 500, False)


@pytest.mark.parametrize("kind", [{"kind": "code"}, {"kind": "status", "status": 400}])
def test_a_platform_that_echoes_leaks_header_and_values(
    client: Client, sandbox: SandboxControl, kind: dict[str, object]
) -> None:
    sandbox.set_faults([{**kind, "echo": True}])
    message = client.call("callinfo", {**ROW, "callno": "13800138000\ud83d"}).json["msg"]
    assert "13800138000\ud83d" in message
    assert "sandbox&sandbox-token&" in message


@pytest.mark.parametrize(("name", "code"), [("callinfo", 0), ("putTsBusiRegInfoData", "0000")])
def test_issuc_0_under_a_success_code(client: Client, sandbox: SandboxControl, name: str, code: object) -> None:
    sandbox.set_faults([{"kind": "issuc"}])
    assert client.call(name, good_row(name)).json == {"code": code, "msg": "成功", "data": {"issuc": "0"}}
    assert last(sandbox) == ("issuc", 200, code, False)


def test_drip_sends_a_byte_at_a_time_and_leaves_the_connection_usable(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "drip", "seconds": 0.01, "count": 1}])
    begin = time.monotonic()
    with client.wire() as wire:
        wire.send(client.report("callinfo", ROW))
        answered = wire.answer()
        assert answered.json == SUCCESS
        assert time.monotonic() - begin >= 0.01 * len(answered.body)
        wire.send(client.report("callinfo", ROW))
        assert wire.answer().json == SUCCESS
    assert sandbox.history()[0]["accepted"]


def test_redirect_shows_in_the_history_who_follows_it(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "redirect", "location": "/elsewhere"}])
    answered = client.call("callinfo", ROW)
    assert (answered.status, answered.headers["location"], answered.body) == (302, "/elsewhere", b"")
    assert last(sandbox) == ("redirect", 302, None, False)
    client.exchange(client.request("/elsewhere", b"{}"))
    assert [(call["interface"], call["status"]) for call in sandbox.history()] == [("callinfo", 302), (None, 404)]


def test_huge_has_no_end_and_does_not_stop_others(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "huge", "count": 1}])
    with client.wire() as wire:
        wire.send(client.report("callinfo", ROW))
        taken = 0
        while taken < 3_000_000:
            taken += len(wire.socket.recv(65536))
        assert client.call("callinfo", ROW).json == SUCCESS
    assert sandbox.history()[0]["fault"] == "huge"


def test_garbage_is_no_http(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "garbage"}])
    with client.wire() as wire:
        wire.send(client.report("callinfo", ROW))
        assert len(data := wire.rest()) == 512
    assert not data.startswith(b"HTTP")
    assert last(sandbox) == ("garbage", None, None, False)


def test_stored_overrides_the_kind(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "status", "status": 500, "stored": True}])
    client.call("callinfo", ROW)
    assert last(sandbox) == ("status", 500, "500", True)
    sandbox.set_faults([{"kind": "latency", "ms": 1, "stored": False}])
    client.call("callinfo", {**ROW, "callid": "440203other"})
    assert sandbox.counts()["callinfo"]["accepted"] == 1


def test_a_fault_does_not_store_what_breaks_a_rule(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "truncated"}])
    with client.wire() as wire:
        wire.send(client.report("callinfo", {**ROW, "callno": ""}))
        wire.rest()
    assert not sandbox.history()[0]["accepted"]


def test_a_wrong_signature_uses_up_no_fault(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "empty", "count": 1}])
    assert client.call("callinfo", ROW, day="20261123").status == 401
    assert client.call("callinfo", ROW).body == b""
