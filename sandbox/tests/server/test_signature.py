"""Vectors computed by hand: `printf '%s' '20261124-{...}' | md5sum`."""

from __future__ import annotations

import pytest

from hotline_sandbox.server.signature import SignatureCheck

CHECK = SignatureCheck("app", "secret")
CHINESE = '{"callid":"440203A1","note":"你好"}'.encode()


@pytest.mark.parametrize(
    ("day", "body", "digest"),
    [
        (b"20261124", CHINESE, b"900fea6b370619b69398a00a08b0bf7f"),
        (b"20261125", CHINESE, b"dea75552dbb8185a35f232d173077fe5"),
        (b"20261124", b"{}", b"08e610cb946df1f050fb7502b8df1be9"),
        (b"20261124", b"\xff\x00\xfe", b"39435ccabb3bfc149146c836bea58dbb"),
        (b"20261124", b"", b"ec8ff931bc65dc66bc60d5dd7a039827"),
    ],
)
def test_accepts_the_vectors_in_either_case(day: bytes, body: bytes, digest: bytes) -> None:
    assert CHECK.accepts(b"app&secret&" + digest, body, day)
    assert CHECK.accepts(b"app&secret&" + digest.upper(), body, day)


@pytest.mark.parametrize(
    "header",
    [
        None,
        b"",
        b"app&secret",
        b"app&secret&",
        b"app&secret&08e610cb946df1f050fb7502b8df1be",
        b"app&secret&08e610cb946df1f050fb7502b8df1be90",
        b"app&secret&18e610cb946df1f050fb7502b8df1be9",
        b"app&secret&ec8ff931bc65dc66bc60d5dd7a039827",
        b"app & secret & 08e610cb946df1f050fb7502b8df1be9",
        b"APP&secret&08e610cb946df1f050fb7502b8df1be9",
        b"app&Secret&08e610cb946df1f050fb7502b8df1be9",
        b"secret&app&08e610cb946df1f050fb7502b8df1be9",
        b"app&secret08e610cb946df1f050fb7502b8df1be9",
        b"08e610cb946df1f050fb7502b8df1be9",
        b"Bearer app&secret&08e610cb946df1f050fb7502b8df1be9",
        b"app&secret&\xff\xfe",
    ],
)
def test_refuses_anything_else_over_a_body(header: bytes | None) -> None:
    assert not CHECK.accepts(header, b"{}", b"20261124")


@pytest.mark.parametrize("day", [b"20261123", b"20261125"])
def test_refuses_yesterday_and_tomorrow(day: bytes) -> None:
    assert not CHECK.accepts(b"app&secret&08e610cb946df1f050fb7502b8df1be9", b"{}", day)


def test_only_a_request_without_body_may_leave_the_md5_out() -> None:
    assert CHECK.accepts(b"app&secret", b"", b"20261124")
    assert not CHECK.accepts(b"app&secret", b" ", b"20261124")
    assert not CHECK.accepts(b"app&secret&", b"", b"20261124")
    assert not CHECK.accepts(b"app&secret&dea75552dbb8185a35f232d173077fe5", b"", b"20261124")
