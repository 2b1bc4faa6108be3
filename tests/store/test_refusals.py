"""Why a server lets nobody in: the cause, its remedy and its class, whatever language the server speaks."""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from psycopg.conninfo import make_conninfo

from hotline_bridge.errors import HotlineError, StopRun, TryAgainLater
from hotline_bridge.store.database import connect, connect_async

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hotline_sandbox.demo.postgres import Server

SECRET = "MARKED-password"
ROLES = (
    "ALTER ROLE may_not_log_in NOLOGIN",
    "ALTER ROLE full_house CONNECTION LIMIT 0",
    "ALTER DATABASE shut ALLOW_CONNECTIONS false",
    "REVOKE CONNECT ON DATABASE guarded FROM PUBLIC",
)


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that treats whoever comes like this; gives its port."""

    def serve() -> None:
        with suppress(OSError):  # shut down
            while True:
                peer, _ = server.accept()
                with peer, suppress(OSError, struct.error):
                    answer(peer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def told(conninfo: str, kind: type[HotlineError]) -> str:
    with pytest.raises(kind) as caught:
        connect(conninfo).close()
    assert type(caught.value) is kind
    assert "MARKED" not in str(caught.value)
    return str(caught.value)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for `elsewhere.invalid`, its key, and the certificate of who signed it (itself)."""
    folder = tmp_path_factory.mktemp("tls", numbered=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "elsewhere.invalid")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("elsewhere.invalid")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "server.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for file in ("server.key", "open.key"):
        (folder / file).write_bytes(private)
    (folder / "server.key").chmod(0o600)
    (folder / "open.key").chmod(0o644)
    return folder


@pytest.fixture(scope="module")
def encrypted(authority: Path) -> Iterator[str]:
    """A server that takes TLS, and nothing behind it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "server.crt", authority / "server.key")

    def answer(peer: socket.socket) -> None:
        peer.recv(8)
        peer.sendall(b"S")
        with suppress(OSError):
            context.wrap_socket(peer, server_side=True).close()

    with listening(answer) as port:
        yield make_conninfo(host="127.0.0.1", port=port, dbname="local", user="bridge", password=SECRET)


@pytest.fixture(scope="module")
def server(postgres: Server) -> Server:
    """Roles and databases that let nobody in, each for another reason."""
    for role in ("may_not_log_in", "full_house", "plain"):
        postgres.create_role(role, SECRET)
    for database in ("shut", "guarded"):
        postgres.create_database(database)
    with psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as dba:
        for statement in ROLES:
            dba.execute(statement.encode())
    return postgres


@pytest.mark.parametrize(
    ("user", "database", "kind", "words"),
    [
        (
            "nobody_here",
            "postgres",
            StopRun,
            "refuses the account nobody_here or its password; correct login or password",
        ),
        ("plain", "nowhere", StopRun, "database nowhere at .* does not exist on that server; correct schema"),
        ("plain", "shut", StopRun, 'admits nobody; .*ALTER DATABASE "shut" ALLOW_CONNECTIONS true'),
        ("plain", "guarded", StopRun, 'right to connect; .*GRANT CONNECT ON DATABASE "guarded" TO "plain"'),
        ("may_not_log_in", "postgres", StopRun, 'that may log in; .*ALTER ROLE "may_not_log_in" LOGIN'),
        (
            "full_house",
            "postgres",
            TryAgainLater,
            "no connection left for the account full_house; .*CONNECTION LIMIT of role",
        ),
    ],
)
def test_who_is_not_let_in_is_told_why(
    server: Server, user: str, database: str, kind: type[HotlineError], words: str
) -> None:
    assert re.search(words, told(server.conninfo(database, user, SECRET), kind))


@pytest.mark.parametrize(
    ("extras", "words"),
    [
        ({"sslmode": "verify-full"}, r"the file of sslrootcert, .*root.crt, cannot be read"),
        (
            {"sslmode": "verify-ca", "sslrootcert": "{0}/missing.crt"},
            "the file of sslrootcert, .*missing.crt, cannot be",
        ),
        (
            {"sslmode": "verify-full", "sslrootcert": "{0}/server.crt"},
            "is for another name than 127.0.0.1; set the host",
        ),
        (
            {"sslmode": "require", "sslcert": "{0}/server.crt", "sslkey": "{0}/open.key"},
            r"open.key, is open to others; run: chmod 6[04]0 ",
        ),
    ],
)
def test_tls_that_fails_names_the_file_or_the_certificate(
    encrypted: str, authority: Path, extras: dict[str, str], words: str
) -> None:
    said = {name: value.format(authority) for name, value in extras.items()}
    assert re.search(words, told(make_conninfo(encrypted, **said), StopRun))


def test_a_server_without_tls_is_told_as_such(postgres: Server) -> None:
    sentence = told(make_conninfo(postgres.conninfo("postgres"), sslmode="require"), StopRun)
    assert "offers no TLS, which sslmode of its connection asks for; let its DBA set ssl = on" in sentence


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """A server that has no TLS, and answers whoever begins a session with these bytes."""

    def serve(peer: socket.socket) -> None:
        while True:
            length, code = struct.unpack("!II", peer.recv(8))
            if code != 80877103:
                break
            peer.sendall(b"N")
        peer.recv(length - 8)
        peer.sendall(answer)

    with listening(serve) as port:
        yield make_conninfo(host="127.0.0.1", port=port, dbname="local", user="bridge", password=SECRET)


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def chinese(state: bytes, words: str) -> bytes:
    """A refusal as a server with lc_messages = zh_CN writes it; it knows no V of newer ones."""
    return message(b"E", b"S" + "致命错误".encode() + b"\0C" + state + b"\0M" + words.encode("gbk") + b"\0\0")


OPENGAUSS = message(b"R", struct.pack("!II", 10, 2) + b"3f" * 32 + b"9a8b7c6d" + struct.pack("!I", 2048))
"""Its request for a password (SHA256), under the number that PostgreSQL gives to SASL."""


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (chinese(b"28P01", "用户认证失败"), StopRun, "refuses the account bridge or its password"),
        (chinese(b"3D000", "没有"), StopRun, "does not exist on that server"),
        (chinese(b"57P03", "正在启动"), TryAgainLater, "starting, stopping or recovering"),
        (chinese(b"58030", "password authentication failed"), TryAgainLater, "SQLSTATE 58030"),
        (OPENGAUSS, StopRun, "openGauss, GaussDB, KingbaseES or the like; use PostgreSQL"),
        (message(b"R", struct.pack("!I", 7)), StopRun, "Kerberos"),
        (b"", TryAgainLater, "hangs up without a reason"),
    ],
    ids=["password", "database", "starting", "misleading words", "openGauss", "Kerberos", "nothing"],
)
async def test_codes_tell_whatever_the_words_say(answer: bytes, kind: type[HotlineError], words: str) -> None:
    with answering(answer) as conninfo:
        with pytest.raises(kind, match=words) as caught:
            await connect_async(conninfo)
        assert type(caught.value) is kind


def test_an_unknown_host_and_a_closed_port_are_tried_again() -> None:
    parts = {"dbname": "local", "user": "bridge", "port": "1"}
    assert "this machine knows no such host" in told(make_conninfo(host="nowhere.invalid", **parts), TryAgainLater)
    assert "see whether the server runs" in told(make_conninfo(host="127.0.0.1", **parts), TryAgainLater)
