"""The sandbox as an HTTP server: what a client may do to a connection without a fault in force."""

from __future__ import annotations

import json
import socket
import time
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.control import SandboxControl
from sandbox.tests.server.sandbox_client import REPORTS, Client, body_of, good_row
from tests.examples import examples


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_is_stored_and_answered_with_its_printed_success(client: Client, name: str) -> None:
    answered = client.call(name, good_row(name))
    assert answered.status == 200
    assert answered.headers["content-type"] == "application/json;charset=UTF-8"
    printed = contract()[name].success_example
    assert answered.json == (printed or {"code": 0, "msg": "成功", "data": {"issuc": "1"}})
    assert type(answered.json["code"]) is (str if name.startswith("put") else int)


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_is_refused_with_field_and_rule(client: Client, sandbox: SandboxControl, name: str) -> None:
    key = contract()[name].key or ""
    answered = client.call(name, {**good_row(name), key: ""})
    assert answered.status == 200
    assert answered.json == {"code": "1001", "msg": f"字段 {key}：必填项为空", "data": {"issuc": "0"}}
    assert sandbox.counts()[name]["accepted"] == 0


def test_a_connection_is_kept_alive(client: Client) -> None:
    with client.wire() as wire:
        for _ in range(3):
            wire.send(client.report("callinfo", good_row("callinfo")))
            assert wire.answer().json["code"] == 0


def test_pipelined_requests_are_answered_in_their_order(client: Client, sandbox: SandboxControl) -> None:
    sandbox.set_faults([{"kind": "delay", "seconds": 0.2, "count": 1}])
    with client.wire() as wire:
        slow = client.report("callinfo", good_row("callinfo"))
        quick = client.report("seatsignin", {**good_row("seatsignin"), "seatno": ""})
        order = client.report("putZxBusiRegInfoData", good_row("putZxBusiRegInfoData"))
        wire.send(slow + quick + order * 200)
        codes = []
        rest = wire.socket.makefile("rb")
        for _ in range(202):
            while (line := rest.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            codes.append(json.loads(rest.read(length))["code"])
    assert codes == [0, "1001"] + ["0000"] * 200


def test_a_request_may_arrive_byte_by_byte(client: Client) -> None:
    with client.wire() as wire:
        for byte in client.report("callinfo", good_row("callinfo")):
            wire.send(bytes([byte]))
        assert wire.answer().json["code"] == 0


@given(cuts=st.lists(st.integers(0, 3_000), max_size=8))
@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_where_the_stream_is_cut_does_not_matter(client: Client, cuts: list[int]) -> None:
    good, bad = client.report("callinfo", good_row("callinfo")), client.report("recordinfo", {})
    stream = good + bad + good.replace(b"Authorization", b"Connection: close\r\nAuthorization")
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    with client.wire() as wire:
        wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for begin, end in pairwise(edges):
            wire.send(stream[begin:end])
        answers = wire.rest()
    assert [part.split(b'"code":')[1][:6] for part in answers.split(b"HTTP/1.1 ")[1:]] == [
        b'0,"msg',
        b'"1001"',
        b'0,"msg',
    ]


def test_after_nonsense_the_earlier_request_is_not_blamed(client: Client, sandbox: SandboxControl) -> None:
    with client.wire() as wire:
        wire.send(client.report("callinfo", good_row("callinfo")) + b"\x00\x01 nonsense\r\n\r\n")
        wire.rest()
    assert [(call["interface"], call["status"]) for call in sandbox.history()] == [("callinfo", 200), (None, 400)]


@pytest.mark.parametrize("pause", [False, True])
def test_an_offer_to_upgrade_is_declined_and_the_request_answered(client: Client, pause: bool) -> None:
    offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
    head, _, body = client.report("callinfo", good_row("callinfo"), headers=offer).partition(b"\r\n\r\n")
    with client.wire() as wire:
        for _ in range(2):
            wire.send(head + b"\r\n\r\n")
            time.sleep(0.05 * pause)
            wire.send(body)
            assert wire.answer().json["code"] == 0


def test_a_chunked_body_is_signed_as_the_bytes_it_joins_to(client: Client) -> None:
    body = body_of("callinfo", good_row("callinfo"))
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:])) + b"0\r\n\r\n"
    head, _, _ = client.report(
        "callinfo", good_row("callinfo"), length=False, headers="Transfer-Encoding: chunked\r\n"
    ).partition(b"\r\n\r\n")
    assert client.exchange(head + b"\r\n\r\n" + chunks).json["code"] == 0


@pytest.mark.parametrize("version_and_header", ["HTTP/1.1\r\nConnection: close", "HTTP/1.0"])
def test_the_connection_is_closed_where_the_client_wants_it(client: Client, version_and_header: str) -> None:
    data = client.report("callinfo", good_row("callinfo")).replace(b"HTTP/1.1", version_and_header.encode(), 1)
    with client.wire() as wire:
        wire.send(data)
        answer = wire.rest()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nConnection: close\r\n" in answer


def test_a_client_that_waits_to_be_asked_for_its_body_is_asked(client: Client) -> None:
    data = client.report("callinfo", good_row("callinfo"), headers="Expect: 100-continue\r\n")
    head, _, body = data.partition(b"\r\n\r\n")
    with client.wire() as wire:
        wire.send(head + b"\r\n\r\n")
        assert wire.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.send(body)
        assert wire.answer().json["code"] == 0


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"POST /api/call/nothing HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 404),
        (b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 404),
        (b"GET /api/call/callinfo HTTP/1.1\r\n\r\n", 405),
        (b"PUT /api/dealcase/invokeCase HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 405),
        (b"POST /api/call/callinfo HTTP/1.1\r\n\r\n", 411),
        (b"POST /api/call/callinfo HTTP/1.1\r\nContent-Length: 100001\r\n\r\n", 413),
        (b"POST /api/call/callinfo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n186a1\r\n" + b"x" * 100_001, 413),
        (b"what is this?\r\n\r\n", 400),
        (b"CONNECT other:443 HTTP/1.1\r\n\r\n", 400),
        (b"POST /api/call/callinfo HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400),
        (b"POST /api/call/callinfo HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 401),
    ],
    ids=lambda value: str(value)[:45],
)
def test_refusals_of_http_are_envelopes(client: Client, sandbox: SandboxControl, data: bytes, status: int) -> None:
    answered = client.exchange(data)
    assert answered.status == status
    assert answered.json["code"] == str(status)
    assert answered.json["msg"]
    assert "date" in answered.headers
    assert [(call["status"], call["accepted"]) for call in sandbox.history()] == [(status, False)]


def test_a_405_says_what_is_allowed(client: Client) -> None:
    assert client.exchange(b"GET /api/call/callinfo HTTP/1.1\r\n\r\n").headers["allow"] == "POST"


def test_head_gets_no_body(client: Client) -> None:
    with client.wire() as wire:
        wire.send(b"HEAD /api/call/callinfo HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert wire.rest().endswith(b"\r\n\r\n")


def test_what_was_sent_before_an_oversized_request_is_still_answered(client: Client) -> None:
    good = client.report("callinfo", good_row("callinfo"))
    with client.wire() as wire:
        wire.send(good + b"POST /api/call/callinfo HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n" + b"x" * 50_000)
        answers = wire.rest()
    assert [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]] == [b"200", b"413"]


@pytest.mark.parametrize("header", ["authorization", "AUTHORIZATION"])
def test_header_names_have_no_case(client: Client, header: str) -> None:
    data = client.report("callinfo", good_row("callinfo")).replace(b"Authorization", header.encode())
    assert client.exchange(data).status == 200


@pytest.mark.parametrize("body", [b"null", b"{", b'{"callid":NaN}', b"\xef\xbb\xbf{}", b'{"callid":"\xc4\xe3"}', b""])
def test_malformed_json(client: Client, body: bytes) -> None:
    answered = client.exchange(client.request("/api/call/callinfo", body))
    assert (answered.status, answered.json["code"]) == (200, "1000")


@pytest.mark.parametrize(
    "body", [b"{}", b'{"method":"callinfo"}', b'{"method":["x"]}', b'{"method":"putTsBusiRegInfodata"}']
)
def test_unknown_method(client: Client, body: bytes) -> None:
    answered = client.exchange(client.request("/api/dealcase/invokeCase", body))
    assert (answered.status, answered.json["code"]) == (200, "1002")


def test_no_interface_of_the_contract_is_missing(client: Client, sandbox: SandboxControl) -> None:
    for item in contract().values():
        client.call(item.name, {})
    assert [call["interface"] for call in sandbox.history()] == list(contract())
    assert {call["code"] for call in sandbox.history()} == {0, "1001"}


def test_an_interface_without_request_needs_neither_body_nor_md5(client: Client) -> None:
    data = b"POST /api/case/todocasefeedback HTTP/1.1\r\nAuthorization: sandbox&sandbox-token\r\n\r\n"
    assert client.exchange(data).json == {"code": 0, "msg": "成功", "data": []}


@pytest.mark.parametrize(
    "value", [r'"\u0000"', r'"\ud83d"', r'"\\N"', '"NULL"', '"{{ 7*7 }}"', '"\'; DROP TABLE x;--"']
)
def test_odd_texts_are_ordinary_texts(client: Client, sandbox: SandboxControl, value: str) -> None:
    body = json.dumps({**good_row("callinfo"), "callno": "@"}).replace('"@"', value).encode()
    assert client.exchange(client.request("/api/call/callinfo", body)).json["code"] == 0
    assert sandbox.history(bodies=True)[0]["body"] == body.decode()


def test_the_date_header_is_that_of_the_shifted_clock(client: Client) -> None:
    assert client.call("callinfo", good_row("callinfo")).headers["date"].startswith("Tue, 24 Nov 2026 04:0")


def test_the_signature_follows_the_day_across_midnight(client: Client, sandbox: SandboxControl) -> None:
    row = good_row("callinfo")
    before_midnight, after_midnight = 1795535999, 1795536001  # 2026-11-24 23:59:59 and 2026-11-25 00:00:01 in Shanghai
    sandbox.set_clock_offset(after_midnight - time.time())
    assert client.call("callinfo", row, day="20261124").status == 401
    assert client.call("callinfo", row, day="20261125").status == 200
    sandbox.set_clock_offset(before_midnight - 30 - time.time())
    assert client.call("callinfo", row, day="20261125").status == 401
    assert client.call("callinfo", row, day="20261124").status == 200
