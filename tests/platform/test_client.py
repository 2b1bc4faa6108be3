"""The client against raw sockets: what one try is, and what it makes of a broken peer (reliability F07 to F16)."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import random
import socket
import ssl
import time
import zlib
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hotline_bridge.contract.model import Interface
from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import Quarantined, Refused, StopRun, TryAgainLater
from hotline_bridge.platform_client.answers import Attempt, Outcome
from hotline_bridge.platform_client.client import PlatformClient
from hotline_bridge.platform_client.request import build_request, sign
from hotline_bridge.platform_client.settings import PlatformSettings
from tests.platform.raw_server import YES, Peer, Serve, http

BODY = b'{"callid":"4402001"}'


async def one_try(url: str, interface: Interface, body: bytes = BODY, **settings: object) -> Attempt:
    async with PlatformClient(PlatformSettings(url, "app", "token", **settings)) as client:  # type: ignore[arg-type]
        return await client.attempt(interface, body)


async def test_one_post_with_the_signature_of_the_moment(serve: Serve, callinfo: Interface) -> None:
    server = await serve(http())
    now = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    settings = PlatformSettings(f"{server.url}/base/", "app", "token", auth_header="X-Check")
    async with PlatformClient(settings, now=lambda: now) as client:
        attempt = await client.attempt(callinfo, BODY, 3)
    (request,) = server.requests
    assert request.path == "/base/api/call/callinfo"
    assert request.body == BODY
    assert request.headers["x-check"] == sign("app", "token", BODY, now)
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert request.headers["accept-encoding"] == "identity"
    assert "authorization" not in request.headers
    assert attempt == Attempt(
        "callinfo", 3, now, attempt.elapsed_ms, Outcome.DELIVERED, 200, "0", None, None, may_have_arrived=True
    )
    assert attempt.elapsed_ms > 0


async def test_without_body_the_header_has_no_check_code(serve: Serve) -> None:
    server = await serve(http(b'{"code": 0, "data": [{"Region": "7"}]}'))
    attempt = await one_try(server.url, contract()["todocasefeedback"], b"")
    assert server.requests[0].headers["authorization"] == "app&token"
    assert server.requests[0].body == b""
    assert list(attempt.data) == [{"Region": "7"}]  # type: ignore[call-overload]  # rows


async def test_connections_are_used_again_and_cookies_are_not_kept(serve: Serve, callinfo: Interface) -> None:
    server = await serve(http(YES, "200 OK", "Set-Cookie: session=1"))
    async with PlatformClient(PlatformSettings(server.url, "app", "token")) as client:
        for _ in range(3):
            assert (await client.attempt(callinfo, BODY)).outcome is Outcome.DELIVERED
    assert len({request.writer for request in server.requests}) == 1
    assert not any("cookie" in request.headers for request in server.requests)


async def test_at_most_max_concurrency_requests_are_in_flight(serve: Serve, callinfo: Interface) -> None:
    async def slowly(peer: Peer) -> None:
        await asyncio.sleep(0.02)
        await peer.send(http())

    server = await serve(slowly)
    settings = PlatformSettings(server.url, "app", "token", max_concurrency=3, timeout_s=5)
    async with PlatformClient(settings) as client:
        attempts = await asyncio.gather(*(client.attempt(callinfo, BODY) for _ in range(12)))
    assert server.most_at_once == 3
    assert {attempt.outcome for attempt in attempts} == {Outcome.DELIVERED}


async def test_waiting_for_a_free_place_is_not_part_of_the_deadline(serve: Serve, callinfo: Interface) -> None:
    async def slowly(peer: Peer) -> None:
        await asyncio.sleep(0.3)
        await peer.send(http())

    server = await serve(slowly)
    settings = PlatformSettings(server.url, "app", "token", max_concurrency=1, timeout_s=0.8)
    async with PlatformClient(settings) as client:
        attempts = await asyncio.gather(*(client.attempt(callinfo, BODY) for _ in range(4)))
    assert [attempt.outcome for attempt in attempts] == [Outcome.DELIVERED] * 4


async def hang(_peer: Peer) -> None:
    await asyncio.sleep(60)


async def drip(peer: Peer) -> None:
    """Each byte comes sooner than any timeout of a single read."""
    for byte in http(YES * 100):
        await peer.send(bytes([byte]))
        await asyncio.sleep(0.05)


async def drip_without_end(peer: Peer) -> None:
    await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await peer.send(b"1\r\n \r\n")
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("answering", [hang, drip, drip_without_end])
async def test_one_deadline_for_the_whole_try(serve: Serve, callinfo: Interface, answering: object) -> None:
    server = await serve(answering)
    began = time.monotonic()
    attempt = await one_try(server.url, callinfo, timeout_s=0.5)
    assert attempt.outcome is Outcome.NO_ANSWER
    assert attempt.may_have_arrived
    # Far below what the drip takes to its end; no tight bound, since the machine is shared.
    assert 0.4 < time.monotonic() - began < 10


async def reset(peer: Peer) -> None:
    peer.reset()


async def close(peer: Peer) -> None:
    peer.writer.close()


def cut(data: bytes) -> object:
    async def answering(peer: Peer) -> None:
        await peer.send(data)
        peer.writer.close()

    return answering


def cut_and_reset(data: bytes) -> object:
    async def answering(peer: Peer) -> None:
        await peer.send(data)
        await asyncio.sleep(0.05)
        peer.reset()

    return answering


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BROKEN = {
    "reset": reset,
    "closed": close,
    "half of the headers": cut(http()[:20]),
    "half of the body": cut(http()[:-20]),
    "reset within the body": cut_and_reset(http()[:-20]),
    "length greater than body": cut(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + YES),
    "chunk cut": cut(CHUNKED + b"ff\r\n" + YES),
    "last chunk missing": cut(CHUNKED + f"{len(YES):x}\r\n".encode() + YES + b"\r\n"),
    "chunk size no number": cut(CHUNKED + b"zz\r\n" + YES),
    "no HTTP": cut(b"220 smtp.example ESMTP\r\n"),
    "bad length": cut(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + YES),
    "two lengths": cut(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n" + YES),
    "endless header": cut(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000),
    "endless headers": cut(b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 50_000),
    "bytes": cut(bytes(range(256))),
}


@pytest.mark.parametrize("answering", BROKEN.values(), ids=BROKEN.keys())
async def test_a_broken_answer_is_no_answer(serve: Serve, callinfo: Interface, answering: object) -> None:
    server = await serve(answering)
    attempt = await one_try(server.url, callinfo, timeout_s=5)
    assert attempt.outcome is Outcome.NO_ANSWER
    assert attempt.may_have_arrived
    assert len(server.requests) == 1  # repeating is the business of `deliver`, not of the HTTP library


async def test_noise_never_raises_and_is_never_success(serve: Serve, callinfo: Interface) -> None:
    noise = random.Random(20261124)  # noqa: S311 (a test that repeats itself)

    def spoilt() -> bytes:
        data = bytearray(http(YES, "200 OK", "Content-Type: application/json", "Retry-After: 5"))
        for _ in range(noise.randint(1, 6)):
            data[noise.randrange(len(data) - len(YES))] = noise.randrange(256)
        return bytes(data[: noise.randint(1, len(data) - 1)])

    server = await serve(*(cut(spoilt()) for _ in range(300)))
    async with PlatformClient(PlatformSettings(server.url, "app", "token", timeout_s=5)) as client:
        outcomes = {(await client.attempt(callinfo, BODY)).outcome for _ in range(300)}
    assert Outcome.NO_ANSWER in outcomes
    assert Outcome.DELIVERED not in outcomes


async def endless(peer: Peer) -> None:
    await peer.send(CHUNKED)
    with contextlib.suppress(ConnectionError):
        while True:
            await peer.send(b"10000\r\n" + b" " * 65536 + b"\r\n")


@pytest.mark.parametrize(
    "answer",
    [
        http(YES + b" " * 10_000),
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + YES,
        endless,
    ],
    ids=["greater than the cap", "announced as 1 GB", "without end"],
)
async def test_the_size_of_an_answer_is_capped(serve: Serve, callinfo: Interface, answer: object) -> None:
    server = await serve(answer)
    attempt = await one_try(server.url, callinfo, max_answer_bytes=1000, timeout_s=10)
    assert (attempt.outcome, attempt.elapsed_ms < 9_000) == (Outcome.NO_ANSWER, True)


async def test_an_answer_of_exactly_the_cap_is_read(serve: Serve, callinfo: Interface) -> None:
    chunked = CHUNKED + f"{len(YES):x}\r\n".encode() + YES + b"\r\n0\r\n\r\n"
    server = await serve(http(), chunked)
    async with PlatformClient(PlatformSettings(server.url, "app", "token", max_answer_bytes=len(YES))) as client:
        assert [(await client.attempt(callinfo, BODY)).outcome for _ in range(2)] == [Outcome.DELIVERED] * 2


async def test_compressed_answers_are_not_unpacked(serve: Serve, callinfo: Interface) -> None:
    server = await serve(http(b"\x1f\x8b\x08\x00" + b"\x00" * 30, "200 OK", "Content-Encoding: gzip"))
    attempt = await one_try(server.url, callinfo)
    assert (attempt.outcome, attempt.http_status) == (Outcome.TRY_LATER, 200)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_not_followed_and_the_token_not_sent_on(
    serve: Serve, callinfo: Interface, status: str
) -> None:
    elsewhere = await serve(http())
    server = await serve(http(b"", status, f"Location: {elsewhere.url}/api/call/callinfo"))
    attempt = await one_try(server.url, callinfo)
    assert (attempt.outcome, attempt.may_have_arrived) == (Outcome.TRY_LATER, False)
    assert elsewhere.requests == []


async def test_retry_after_is_honoured_with_a_cap(serve: Serve, callinfo: Interface) -> None:
    now = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    waits = ("17", "1000000000", "Tue, 24 Nov 2026 02:01:00 GMT", "-1", "soon")
    server = await serve(*(http(b"", "429 Too Many", f"Retry-After: {wait}") for wait in waits), http(b"", "503 Busy"))
    async with PlatformClient(
        PlatformSettings(server.url, "app", "token", retry_after_cap_s=100), now=lambda: now
    ) as client:
        attempts = [await client.attempt(callinfo, BODY) for _ in range(6)]
    assert [attempt.retry_after_s for attempt in attempts] == [17.0, 100.0, 60.0, None, None, None]
    assert [attempt.may_have_arrived for attempt in attempts] == [False] * 5 + [True]


async def test_a_status_decides_even_when_its_body_is_cut(serve: Serve, callinfo: Interface) -> None:
    server = await serve(cut(b"HTTP/1.1 401 No\r\nContent-Length: 50\r\n\r\nx"))
    assert (await one_try(server.url, callinfo)).outcome is Outcome.UNAUTHORIZED


async def test_unreachable_is_told_apart_from_unanswered(callinfo: Interface) -> None:
    free = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port = free.sockets[0].getsockname()[1]
    free.close()
    await free.wait_closed()
    for url in (f"http://127.0.0.1:{port}", "http://no-such-host.invalid"):
        attempt = await one_try(url, callinfo)
        assert (attempt.outcome, attempt.may_have_arrived, attempt.http_status) == (Outcome.UNREACHABLE, False, None)
        assert "host, port and network" in str(attempt.message)


async def test_a_host_that_swallows_the_connection_is_unreachable(callinfo: Interface) -> None:
    # A listener whose backlog is full lets no further handshake through.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        host, port = listener.getsockname()
        fillers = [await open_or_none(host, port) for _ in range(3)]
        attempt = await one_try(f"http://{host}:{port}", callinfo, timeout_s=1.5)
        assert (attempt.outcome, attempt.may_have_arrived) == (Outcome.UNREACHABLE, False)
        for writer in filter(None, fillers):
            writer.close()


async def open_or_none(host: str, port: int) -> asyncio.StreamWriter | None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.3):
            return (await asyncio.open_connection(host, port))[1]
    return None


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's own certificate for 127.0.0.1, and the file that vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "platform")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "ca.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context, pem


async def test_tls_is_verified(serve: Serve, callinfo: Interface, tmp_path: Path) -> None:
    context, authority = certificate(tmp_path)
    server = await serve(http(), tls=context)
    stranger = await one_try(server.url, callinfo)
    assert (stranger.outcome, stranger.may_have_arrived) == (Outcome.UNREACHABLE, False)
    assert "the certificate is not trusted" in (stranger.message or "")
    assert server.requests == []
    assert (await one_try(server.url, callinfo, ca_file=str(authority))).outcome is Outcome.DELIVERED
    wrong_name = await one_try(server.url.replace("127.0.0.1", "localhost"), callinfo, ca_file=str(authority))
    assert wrong_name.outcome is Outcome.UNREACHABLE
    assert "the certificate is for another name" in (wrong_name.message or "")


async def test_https_to_a_port_that_speaks_none_says_so(callinfo: Interface) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(http(b"", "400 Bad Request"))

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        told = await one_try(f"https://127.0.0.1:{port}", callinfo)
    assert (told.outcome, told.may_have_arrived) == (Outcome.UNREACHABLE, False)
    assert "check scheme, port" in (told.message or "")


@pytest.mark.parametrize(
    "headers", [[f"Set-Cookie: SSO={'x' * 9_000}"], [f"X-Trace-{i}: {'y' * 200}" for i in range(150)]]
)
async def test_the_headers_of_a_gateway_are_read(serve: Serve, callinfo: Interface, headers: list[str]) -> None:
    server = await serve(http(YES, "200 OK", *headers))
    assert (await one_try(server.url, callinfo)).outcome is Outcome.DELIVERED


async def test_an_unusable_ca_file_stops_the_run(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.pem", tmp_path):
        with pytest.raises(StopRun, match="ca_file"):
            async with PlatformClient(PlatformSettings("https://h", "app", "token", ca_file=str(path))):
                pass


async def test_cancelling_passes_and_frees_the_place(serve: Serve, callinfo: Interface) -> None:
    arrived = asyncio.Event()

    async def swallow(peer: Peer) -> None:
        arrived.set()
        await hang(peer)

    server = await serve(swallow, http())
    async with PlatformClient(PlatformSettings(server.url, "app", "token", max_concurrency=1)) as client:
        task = asyncio.create_task(client.attempt(callinfo, BODY))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await client.attempt(callinfo, BODY)).outcome is Outcome.DELIVERED


async def test_a_remembered_yes_belongs_to_its_interface_and_status(serve: Serve) -> None:
    plain = b'{"code": "0000", "data": []}'
    server = await serve(http(), http(), http(YES, "500 Broken"), http(plain), http(plain))
    report, query = contract()["callinfo"], contract()["getTsCaseLzmx"]
    async with PlatformClient(PlatformSettings(server.url, "app", "token")) as client:
        attempts = [await client.attempt(each, BODY) for each in (report, report, report, query, report)]
    assert [attempt.outcome for attempt in attempts] == [
        *(Outcome.DELIVERED, Outcome.DELIVERED, Outcome.TRY_LATER, Outcome.DELIVERED, Outcome.TRY_LATER)
    ]


VALUES = {"callid": "44020017", "callno": "13800138000"}


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (http(b'{"code": "1001", "msg": "no"}'), Refused, r"callinfo 44020017: refused \(code 1001\): no; fix"),
        (http(b"", "401 No"), StopRun, "fix connection platform_12315"),
        (http(b"", "503 Busy", "Retry-After: 9"), TryAgainLater, "callinfo 44020017: HTTP 503"),
        (reset, TryAgainLater, "callinfo 44020017: no whole answer"),
    ],
)
async def test_a_single_call_raises_one_error_for_each_recovery(
    serve: Serve, callinfo: Interface, answer: object, error: type[Exception], words: str
) -> None:
    server = await serve(answer)
    async with PlatformClient(PlatformSettings(server.url, "app", "token")) as client:
        with pytest.raises(error, match=words) as caught:
            await client.call(callinfo, VALUES)
    assert "13800138000" not in str(caught.value)
    if error is TryAgainLater and answer is not reset:
        assert caught.value.retry_after_s == 9.0  # type: ignore[attr-defined]  # of that class


async def test_rows_of_two_equal_answers_are_not_shared(serve: Serve) -> None:
    server = await serve(http(b'{"code": "0000", "data": [{"bh": "1"}]}'))
    query = contract()["getTsCaseLzmx"]
    async with PlatformClient(PlatformSettings(server.url, "app", "token")) as client:
        first, second = [await client.attempt(query, BODY) for _ in range(2)]
    assert list(first.data) == list(second.data) == [{"bh": "1"}]  # type: ignore[call-overload]  # rows
    assert first.data is not second.data


async def test_a_single_call_returns_the_data(serve: Serve) -> None:
    server = await serve(http(b'{"code": "0000", "data": [{"bh": "1"}]}'))
    interface = contract()["getTsCaseLzmx"]
    async with PlatformClient(PlatformSettings(server.url, "app", "token")) as client:
        values = {field.name: "20261124000000" for field in interface.request}
        assert list((await client.call(interface, values)).data) == [{"bh": "1"}]  # type: ignore[call-overload]  # rows
        with pytest.raises(Quarantined):
            await client.call(contract()["callinfo"], {"callno": "\udc00"})
    assert server.requests[0].body == build_request(interface, values)


_PACKED = {
    "gzip": gzip.compress(YES),
    "x-gzip": gzip.compress(YES),
    "deflate": zlib.compress(YES),
    "Deflate": zlib.compress(YES, wbits=-15),
    "UTF-8": YES,
    "GZIP": YES,
}


@pytest.mark.parametrize("encoding", _PACKED)
async def test_an_answer_that_was_packed_unasked_is_read(serve: Serve, callinfo: Interface, encoding: str) -> None:
    server = await serve(http(_PACKED[encoding], "200 OK", f"Content-Encoding: {encoding}"))
    async with PlatformClient(PlatformSettings(server.url, "app", "token")) as client:
        assert (await client.attempt(callinfo, BODY)).outcome is Outcome.DELIVERED
    assert server.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (gzip.compress(YES)[:-4], Outcome.TRY_LATER),
        (gzip.compress(YES) + b"x", Outcome.TRY_LATER),
        (gzip.compress(b" " * 5_000_000 + YES), Outcome.NO_ANSWER),
    ],
    ids=["cut", "followed", "greater than the cap"],
)
async def test_a_packed_answer_that_is_not_whole_is_no_success(
    serve: Serve, callinfo: Interface, body: bytes, outcome: Outcome
) -> None:
    server = await serve(http(body, "200 OK", "Content-Encoding: gzip"))
    async with PlatformClient(PlatformSettings(server.url, "app", "token", max_answer_bytes=1_000_000)) as client:
        attempt = await client.attempt(callinfo, BODY)
    assert (attempt.outcome, attempt.may_have_arrived) == (outcome, True)


async def test_a_pause_until_a_date_is_counted_by_the_platforms_clock(serve: Serve, callinfo: Interface) -> None:
    headers = ("Date: Tue, 24 Nov 2026 00:00:00 GMT", "Retry-After: Tue, 24 Nov 2026 00:00:07 GMT")
    server = await serve(http(b"", "503 Busy", *headers))
    async with PlatformClient(PlatformSettings(server.url, "app", "token")) as client:
        assert (await client.attempt(callinfo, BODY)).retry_after_s == 7.0
