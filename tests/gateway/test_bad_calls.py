"""Wrong headers and bodies: each is answered in the envelope with its code, and changes nothing (4.2.2)."""

from __future__ import annotations

import gzip
import hashlib
import json
import select
import socket
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest

from hotline_bridge.gateway.clients import Client, Given, revoke, rotate_token, token_hash
from hotline_bridge.gateway.envelope import Code, TurnedAway, as_answer
from hotline_bridge.gateway.settings import GatewaySettings
from hotline_bridge.gateway.signature import check_signature
from hotline_bridge.platform_client.request import sign
from hotline_bridge.store.database import connect
from tests.gateway.conftest import ROOMY, Caller, feed_back, new_client, running_gateway

if TYPE_CHECKING:
    import httpx

A = "44020020261201000001"
BODY = json.dumps({"regino": A}).encode()
NOON = datetime(2026, 12, 1, 4, tzinfo=UTC)
CLIENT = Client(1, "12345", "app", ("440200",), 1, (), (token_hash("old"), token_hash("new")))


def code_of(values: list[bytes], body: bytes, at: datetime = NOON) -> Code:
    try:
        assert check_signature({"app": CLIENT}, values, body, at) is CLIENT
    except TurnedAway as away:
        return away.code
    return Code.DONE


def header(shown: str = "new", body: bytes = BODY, at: datetime = NOON, app_id: str = "app") -> bytes:
    return sign(app_id, shown, body, at).encode()


def md5(text: bytes) -> bytes:
    return hashlib.md5(text, usedforsecurity=False).hexdigest().encode()


@pytest.mark.parametrize(
    ("values", "body", "code"),
    [
        ([header()], BODY, Code.DONE),
        ([header("old")], BODY, Code.DONE),
        ([header().upper().replace(b"APP&NEW", b"app&new")], BODY, Code.DONE),
        ([b"app&new"], b"", Code.DONE),
        ([b"app&new&" + md5(b"20261201-")], b"", Code.DONE),
        ([], BODY, Code.NO_SIGNATURE),
        ([b""], BODY, Code.MALFORMED_SIGNATURE),
        ([b"app&new"], BODY, Code.MALFORMED_SIGNATURE),
        ([b"app&new&"], b"", Code.MALFORMED_SIGNATURE),
        ([header() + b"&x"], BODY, Code.MALFORMED_SIGNATURE),
        ([header(), header()], BODY, Code.MALFORMED_SIGNATURE),
        ([b"Bearer app"], BODY, Code.MALFORMED_SIGNATURE),
        ([header(app_id="APP")], BODY, Code.UNKNOWN_CALLER),
        ([header("NEW")], BODY, Code.UNKNOWN_CALLER),
        ([header(app_id="äpp").decode().encode("latin-1")], BODY, Code.UNKNOWN_CALLER),
        ([b"\xff&\xfe&" + md5(b"")], BODY, Code.UNKNOWN_CALLER),
        ([b"\t " + header() + b" \t"], BODY, Code.DONE),
        ([header(at=NOON - timedelta(days=1))], BODY, Code.WRONG_DIGEST),
        ([header(at=NOON + timedelta(days=1))], BODY, Code.WRONG_DIGEST),
        ([header()], BODY + b" ", Code.WRONG_DIGEST),
        ([header(body=BODY.decode().encode("utf-16"))], BODY, Code.WRONG_DIGEST),
        ([b"app&new&" + md5(BODY)], BODY, Code.WRONG_DIGEST),
    ],
)
def test_a_signature(values: list[bytes], body: bytes, code: Code) -> None:
    assert code_of(values, body) is code


@pytest.mark.parametrize("day", [-1, 1])
def test_the_neighbouring_day_is_taken_around_midnight_alone(day: int) -> None:
    midnight = datetime(2026, 11, 30, 16, tzinfo=UTC)
    at = midnight + timedelta(minutes=4) if day < 0 else midnight - timedelta(minutes=4)
    far = midnight + timedelta(minutes=6) if day < 0 else midnight - timedelta(minutes=6)
    signed = [header(at=at + timedelta(days=day))]
    assert (code_of(signed, BODY, at), code_of(signed, BODY, far)) == (Code.DONE, Code.WRONG_DIGEST)
    assert code_of([header(at=at + timedelta(days=2 * day))], BODY, at) is Code.WRONG_DIGEST


def envelope(answer: httpx.Response) -> tuple[int, int, object]:
    body = answer.json()
    assert set(body) == {"code", "msg", "data"}
    assert body["msg"]
    return answer.status_code, body["code"], body["data"]


def test_bodies(caller: Caller, local_store: str) -> None:
    feed_back(local_store, A)
    [kept] = caller.fetch()
    refused = {"issuc": "0"}
    for body, code in {
        b"": Code.WRONG_FIELD,
        b"{}": Code.WRONG_FIELD,
        b'{"regino":" ,\xef\xbc\x8c "}': Code.WRONG_FIELD,
        b'{"regino":1}': Code.WRONG_FIELD,
        b'{"regino":["%b"]}' % A.encode(): Code.WRONG_FIELD,
        b'{"regino":"%b\\u0000"}' % A.encode(): Code.WRONG_FIELD,
        b'{"regino":"%b,\\ud800"}' % A.encode(): Code.WRONG_FIELD,
        b'{"regino":"%b","regino":"x"}' % A.encode(): Code.NOT_JSON,
        b'[{"regino":"%b"}]' % A.encode(): Code.NOT_JSON,
        b"[" * 20_000: Code.NOT_JSON,
        b'{"regino":NaN}': Code.NOT_JSON,
        '{"regino":"业务编号"}'.encode("gbk"): Code.NOT_JSON,
        '{"regino":"业"}'.encode("utf-16"): Code.NOT_JSON,
        b"regino=%b" % A.encode(): Code.NOT_JSON,
        b'{"regino":"%b"' % A.encode(): Code.NOT_JSON,
        b" " * (ROOMY.max_body_bytes + 1): Code.TOO_LARGE,
    }.items():
        assert envelope(caller.ask("callbackcasefeedback", body)) == (code.status, code.number, refused), body[:40]
    for body in (b'{"beginregtime":"20260230000000"}', b'{"endregtime":"1"}', b'{"beginregtime":true}'):
        assert envelope(caller.ask("casefeedback", body))[1] == Code.WRONG_FIELD.number
    turned = b'{"beginregtime":20261202000000,"endregtime":20261201000000}'
    assert "晚于" in caller.ask("casefeedback", turned).json()["msg"]
    packed = caller.ask("casefeedback", gzip.compress(BODY), headers={"content-encoding": "gzip"})
    assert envelope(packed) == (415, Code.ENCODED.number, None)
    assert caller.fetch() == [kept]


def test_a_body_with_a_byte_order_mark(caller: Caller, local_store: str) -> None:
    feed_back(local_store, A)
    assert len(caller.ask("casefeedback", b"\xef\xbb\xbf" + BODY).json()["data"]) == 1


def test_acknowledgement_of_unknown_foreign_and_many(caller: Caller, local_store: str) -> None:
    other = Caller(caller.address, new_client(local_store, "other", "440100"), caller.http)
    feed_back(local_store, A)
    assert len(caller.fetch()) == 1
    answers = {other.acknowledge(A)["msg"], other.acknowledge("nonsense")["msg"]}
    assert len(answers) == 1, "a foreign number is told from an unknown one"
    assert len(caller.fetch()) == 1
    numbers = [f"44020020261201{number:06d}" for number in range(10_000)]
    assert A in numbers
    caller.acknowledge(*numbers)
    assert caller.fetch() == []
    caller.acknowledge(A)  # a replayed call


def test_paths_and_methods(caller: Caller) -> None:
    for path in ("/", "/api/case/TODOCASEFEEDBACK", "/docs", "/api/case/todocasefeedback/", "/%00"):
        assert envelope(caller.http.post(f"{caller.address}{path}"))[:2] == (404, Code.NOT_FOUND.number), path
    for method in ("GET", "HEAD", "DELETE", "OPTIONS"):
        answer = caller.http.request(method, f"{caller.address}/api/case/todocasefeedback")
        assert answer.status_code == 405
    assert caller.http.get(f"{caller.address}/health").json()["code"] == 0
    assert caller.http.get(f"{caller.address}/ready").json()["code"] == 0
    assert "server" not in caller.http.get(f"{caller.address}/health").headers


def test_calls_of_no_interface_are_answered_in_the_envelope_and_counted(local_store: str, http: httpx.Client) -> None:
    with running_gateway(local_store) as address:
        for path in ("/a", "/b"):
            assert http.post(f"{address}{path}").status_code == 404
        assert http.get(f"{address}/api/case/casefeedback").status_code == 405
        for broken in (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n"):
            head, _, body = raw(address, broken).partition(b"\r\n\r\n")
            assert (head[:12], json.loads(body)["code"]) == (b"HTTP/1.1 400", Code.NOT_HTTP.number)
        endless = b"GET /health HTTP/1.1\r\n" + b"X: y\r\n" * 200_000
        assert raw(address, endless).partition(b"\r\n\r\n")[2] in (b"", as_answer(TurnedAway(Code.TOO_LARGE)).body)
    with psycopg.connect(local_store) as session:
        logged = session.execute(
            'SELECT interface, code, message FROM hotline.interaction_log ORDER BY code COLLATE "C"'
        ).fetchall()
    counts = {"40003": 2, "40401": 2, "40501": 1, "41301": 1}
    assert logged == [("gateway/astray", code, f"{calls} calls") for code, calls in counts.items()]


def test_a_token_is_rotated_and_revoked(local_store: str, http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline_bridge.gateway.store._KNOWN_FOR_S", 0.0)
    given = new_client(local_store, "12345")
    with running_gateway(local_store) as address, connect(local_store) as local:
        first = Caller(address, given, http)
        second = Caller(address, rotate_token(local, "12345", timedelta(hours=1)), http)
        assert (first.fetch(), second.fetch()) == ([], [])
        third = Caller(address, rotate_token(local, "12345", timedelta(hours=1)), http)
        assert envelope(first.ask("todocasefeedback"))[1] == Code.UNKNOWN_CALLER.number
        assert (second.fetch(), third.fetch()) == ([], [])
        revoke(local, "12345", old_token_only=True)
        assert envelope(second.ask("todocasefeedback"))[1] == Code.UNKNOWN_CALLER.number
        assert third.fetch() == []
        revoke(local, "12345")
        assert envelope(third.ask("todocasefeedback"))[1] == Code.UNKNOWN_CALLER.number
        [(tokens,)] = local.execute("SELECT string_agg(t::text, '') FROM hotline.gateway_token AS t").fetchall()
        assert given.token not in tokens


def test_limits_of_rate_and_of_failures(local_store: str, http: httpx.Client) -> None:
    settings = GatewaySettings(calls_per_s=0.001, calls_burst=3, failed_per_minute=2, max_body_bytes=100)
    given = new_client(local_store, "12345")
    with running_gateway(local_store, settings) as address:
        caller = Caller(address, given, http)
        wrong = [caller.ask("todocasefeedback", header="x&y") for _ in range(4)]
        assert [one.status_code for one in wrong] == [401, 401, 429, 429]
        assert int(wrong[-1].headers["retry-after"]) > 0
        # Who is right is not locked out by who is wrong from the same address.
        assert [caller.ask("todocasefeedback").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    with psycopg.connect(local_store) as session:
        logged = session.execute("SELECT key, code, outcome FROM hotline.interaction_log ORDER BY row_id").fetchall()
    refused = ("", "40103", "turned_away")
    many = ("12345", "42901", "turned_away")
    assert logged == [
        refused,
        refused,
        ("", "42901", "turned_away"),
        *[("12345", "0", "served")] * 3,
        many,
    ]


def test_calls_that_nobody_signed_are_limited_whatever_they_hold(local_store: str, http: httpx.Client) -> None:
    settings = GatewaySettings(failed_per_minute=3, max_body_bytes=100)
    with running_gateway(local_store, settings) as address:
        caller = Caller(address, Given("", "", ""), http)
        packed = {"header": "x&y", "headers": {"content-encoding": "gzip"}}
        raw(address, b"POST /api/case/casefeedback HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{", leaves=True)
        answers = [caller.ask("casefeedback", b" " * 101, header="x&y")]
        answers += [caller.ask("casefeedback", **packed) for _ in range(5)]
    assert {one.status_code for one in answers[-3:]} == {429}
    with psycopg.connect(local_store) as session:
        logged = session.execute("SELECT code FROM hotline.interaction_log ORDER BY code").fetchall()
    assert logged == [("40801",), ("41301",), ("41501",), ("42901",)]


def test_what_nobody_signs_is_limited_by_address(local_store: str, http: httpx.Client) -> None:
    proxied = GatewaySettings(unsigned_per_s=0.001, unsigned_burst=2, trusted_proxies=("127.0.0.0/8",))
    given = new_client(local_store, "12345")
    with running_gateway(local_store, proxied) as address:

        def ask(path: str, seen_as: str) -> int:
            return http.get(f"{address}{path}", headers={"x-forwarded-for": seen_as}).status_code

        assert [ask(path, "10.0.0.1") for path in ("/openapi.json", "/none", "/ready", "/openapi.json")] == [
            *(200, 404),
            *(429, 429),
        ]
        # Who comes by the same proxy from elsewhere, or signs, is served all the same; so is what costs nothing.
        assert [ask("/ready", "1.1.1.1, 10.0.0.2"), ask("/health", "10.0.0.1")] == [200, 200]
        signed = {"x-forwarded-for": "10.0.0.1"}
        assert Caller(address, given, http).ask("todocasefeedback", headers=signed).status_code == 200
    with running_gateway(local_store, replace(proxied, trusted_proxies=())) as address:
        assert [ask("/none", f"10.0.0.{number}") for number in range(3)] == [404, 404, 429]


def test_connections_of_a_proxy_are_its_own_to_limit(local_store: str, http: httpx.Client) -> None:
    settings = GatewaySettings(connections_per_address=1, trusted_proxies=("127.0.0.1",))
    with running_gateway(local_store, settings) as address:
        held = [opened(address, b"POST /") for _ in range(3)]
        assert http.get(f"{address}/health").status_code == 200
        for connection in held:
            connection.close()


def test_a_body_that_comes_after_its_answer(local_store: str) -> None:
    """It is passed over to the byte, and waited for no longer than any other."""
    head = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n"
    body = b"--\r\nUpgrade: h2c\r\n\r\n".ljust(40)
    last = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with running_gateway(local_store, GatewaySettings(body_within_s=0.5)) as address:
        answer = raw(address, head, body + last)
        assert (answer.count(b"HTTP/1.1 404"), answer.count(b"HTTP/1.1 200")) == (1, 1)
        connection = opened(address, head)
        assert b" 404 " in connection.recv(65_536)
        assert ends(connection, 10_000), "a body that never comes keeps its connection"


def test_every_call_is_logged_without_what_it_held(caller: Caller, local_store: str) -> None:
    feed_back(local_store, A, content="张三丰的电话 13812345678")
    caller.fetch()
    caller.query(regino=A)
    caller.acknowledge(A)
    caller.ask("casefeedback", BODY, header="x")
    with psycopg.connect(local_store) as session:
        rows = session.execute(
            "SELECT interface, key, outcome, http_status, code, message FROM hotline.interaction_log ORDER BY row_id"
        ).fetchall()
        [(everything,)] = session.execute("SELECT string_agg(l::text, '') FROM hotline.interaction_log AS l").fetchall()
    assert rows == [
        ("gateway/todocasefeedback", "12345", "served", 200, "0", "1 rows"),
        ("gateway/casefeedback", "12345", "served", 200, "0", "1 rows"),
        ("gateway/callbackcasefeedback", "12345", "served", 200, "0", "1 orders named, 1 had feedback, 1 rows cleared"),
        ("gateway/casefeedback", "", "turned_away", 401, "40102", ""),
    ]
    held = (A, "张三", "13812345678", caller.given.token, caller.given.app_id)
    assert not [word for word in held if word in everything]


def raw(address: str, data: bytes, then: bytes = b"", *, leaves: bool = False, ends_first: bool = False) -> bytes:
    """What comes back for these bytes, until the other side ends it.

    Args:
        address: Of the gateway.
        data: Sent at once.
        then: Sent as soon as the first answer comes.
        leaves: Nothing is waited for.
        ends_first: It is said at once that no more will be sent.
    """
    parts = urlsplit(address)
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=5) as connection:
        connection.sendall(data)
        if ends_first:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while not leaves and (part := connection.recv(65_536)):
                answer += part
                if then:
                    connection.sendall(then)
                then = b""
        except ConnectionResetError:
            pass
        return answer


def test_slow_callers(local_store: str, http: httpx.Client) -> None:
    """Slow headers, a slow body and a reader that stands still end in time; meanwhile others are answered at once."""
    settings = GatewaySettings(body_within_s=0.5, read_within_s=0.5, calls_per_s=1e6)
    caller_of = new_client(local_store, "12345")
    feed_back(local_store, *[f"4402002026120100{number:04d}" for number in range(500)], content="长" * 4000)
    with running_gateway(local_store, settings) as address:
        caller = Caller(address, caller_of, http)
        assert raw(address, b"POST /api/case/todocase") == b""
        head = b"POST /api/case/casefeedback HTTP/1.1\r\nHost: x\r\n"
        assert b" 408 " in raw(address, head + b"Content-Length: 9\r\n\r\n{")
        assert b" 408 " in raw(address, head + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")
        asked = sign(caller_of.app_id, caller_of.token, b"", datetime.now(UTC)).encode()
        head = b"POST /api/case/todocasefeedback HTTP/1.1\r\nHost: x\r\nAuthorization: %b\r\n\r\n" % asked
        still = [opened(address, head, buffer=4096) for _ in range(3)]
        assert len(caller.fetch()) == 500
        assert all(ends(connection, 10_000) for connection in still), "a reader that stands still is kept"
        assert len(caller.fetch()) == 500


@pytest.mark.parametrize("then", [b"", b"Connection: close\r\n"])
def test_a_reader_that_stands_still_before_a_small_answer(local_store: str, then: bytes) -> None:
    given = new_client(local_store, "12345")
    feed_back(local_store, *[f"4402002026120100{number:04d}" for number in range(5)], content="长" * 4000)
    head = b"POST /api/case/todocasefeedback HTTP/1.1\r\nHost: x\r\n"
    signed = f"Authorization: {given.app_id}&{given.token}\r\n\r\n".encode()
    with running_gateway(local_store, GatewaySettings(read_within_s=0.5), send_buffer=4096) as address:
        assert ends(opened(address, head + then + signed, buffer=4096), 10_000)


def test_connections_of_one_address(local_store: str, http: httpx.Client) -> None:
    given = new_client(local_store, "12345")
    with running_gateway(local_store, GatewaySettings(connections_per_address=5)) as address:
        caller = Caller(address, given, http)
        assert caller.fetch() == []
        held = [opened(address, b"POST /") for _ in range(4)]
        more = [opened(address, b"POST /") for _ in range(3)]
        assert all(ends(connection, 3_000) for connection in more)
        assert caller.fetch() == []
        for connection in held:
            connection.close()


def opened(address: str, data: bytes, *, buffer: int = 65_536) -> socket.socket:
    parts = urlsplit(address)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    connection.connect((str(parts.hostname), int(parts.port or 0)))
    connection.sendall(data)
    return connection


def ends(connection: socket.socket, within_ms: int) -> bool:
    """Whether the other side gives it up; nothing is read of what it sent."""
    waiting = select.poll()
    waiting.register(connection, select.POLLHUP | select.POLLERR)
    has_ended = bool(waiting.poll(within_ms))
    connection.close()
    return has_ended


def test_ways_to_send_a_body(caller: Caller) -> None:
    """Chunked, asked for with 100-continue, two calls in one packet, and nothing after it."""
    signed = (
        b"Host: x\r\nAuthorization: %b\r\n"
        % sign(caller.given.app_id, caller.given.token, BODY, datetime.now(UTC)).encode()
    )
    line = b"POST /api/case/casefeedback HTTP/1.1\r\n" + signed
    size = b"%x" % len(BODY)
    chunked = (
        line + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\n" + BODY + b"\r\n0\r\n\r\n"
    )
    assert b'"code":0' in raw(caller.address, chunked)
    length = b"Content-Length: %d\r\n" % len(BODY)
    continued = raw(caller.address, line + length + b"Connection: close\r\nExpect: 100-continue\r\n\r\n" + BODY)
    assert continued.startswith(b"HTTP/1.1 100")
    assert b'"code":0' in continued
    one = line + length + b"\r\n" + BODY
    last = line + length + b"Connection: close\r\n\r\n" + BODY
    assert raw(caller.address, one + last).count(b'"code":0') == 2
    assert b'"code":0' in raw(caller.address, one, ends_first=True)
    both = line + length + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert b'"code":0' not in raw(caller.address, both)


def test_a_store_that_is_down(local_store: str, http: httpx.Client) -> None:
    given = new_client(local_store, "12345")
    with running_gateway(local_store) as address:
        caller = Caller(address, given, http)
        assert caller.fetch() == []
        with psycopg.connect(local_store, autocommit=True) as session:
            session.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert caller.fetch() == [], "sessions that were ended are not opened again"
            session.execute("ALTER TABLE hotline.feedback_offer RENAME TO gone")
            try:
                assert envelope(caller.ask("todocasefeedback"))[:2] == (503, Code.STORE_DOWN.number)
                assert envelope(caller.ask("callbackcasefeedback", BODY))[2] == {"issuc": "0"}
            finally:
                session.execute("ALTER TABLE hotline.gone RENAME TO feedback_offer")
        assert caller.fetch() == []


def test_a_client_whose_calls_wait_starves_no_other(local_store: str, http: httpx.Client) -> None:
    given, other = new_client(local_store, "12345"), new_client(local_store, "other", "440100")
    feed_back(local_store, A)
    with running_gateway(local_store, GatewaySettings()) as address, psycopg.connect(local_store) as holding:
        caller = Caller(address, given, http)
        assert len(caller.fetch()) == 1
        holding.execute("SELECT FROM hotline.gateway_client WHERE name = '12345' FOR UPDATE")
        with ThreadPoolExecutor(20) as pool:
            waiting = [pool.submit(caller.ask, "callbackcasefeedback", BODY) for _ in range(20)]
            turned = [call for _, call in zip(range(16), as_completed(waiting, 20), strict=False)]
            served = [Caller(address, other, http).fetch() for _ in range(3)]
            holding.commit()
        assert served == [[]] * 3
    done = [call.result().status_code for call in waiting]
    assert (done.count(200), done.count(429)) == (4, 16)
    assert "同时进行的调用过多" in turned[0].result().json()["msg"]
