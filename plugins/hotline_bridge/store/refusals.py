"""Why a server lets nobody in: told by SQLSTATE and by how far the protocol came, never by words, which are translated.

libpq keeps the SQLSTATE of a failed connect to itself. So whoever failed asks once more, with libpq's trace of the
protocol switched on: it shows the answer's codes, and whether TLS, the login or nothing at all was the last step.
"""

from __future__ import annotations

import os
import re
import select
import socket
import ssl
import stat
import struct
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from psycopg import pq, sql
from psycopg.conninfo import conninfo_to_dict

from hotline_bridge.cities import called
from hotline_bridge.errors import HotlineError, StopRun, TryAgainLater

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SSL_REQUEST = struct.pack("!II", 8, 80877103)
_PROTOCOL = 3 << 16
_KERBEROS = frozenset({7, 8, 9})
_ERROR = re.compile(r'^B\t\d+\tErrorResponse\t S ".*?"(?: V "\w*")? C "(\w{5})".*', re.MULTILINE)
_ROUTINE = re.compile(r' R "(\w+)"')
_OTHER_NAME = frozenset({62, 64})
_OUT_OF_DATE = frozenset({9, 10})
_UNKNOWN_ISSUER = frozenset({2, 18, 19, 20, 21})
"""Codes of OpenSSL's verification (X509_V_ERR_...)."""
_WAIT = "the next run tries again"
_CONNECTION = "its Airflow connection ({connection})"
_REFUSALS: Mapping[str, tuple[type[StopRun | TryAgainLater], str, str]] = {
    "28P01": (
        StopRun,
        "refuses the account {account} or its password",
        "correct login or password of " + _CONNECTION,
    ),
    "28000 InitializeSessionUserId": (
        StopRun,
        "has no account {account} that may log in",
        "let its DBA run: ALTER ROLE {user} LOGIN; or correct the login of " + _CONNECTION,
    ),
    "28000": (
        StopRun,
        "refuses the account {account} from this machine",
        "let its DBA admit this account, address and way of connecting (TLS or not) in pg_hba.conf;"
        " or correct the login of " + _CONNECTION,
    ),
    "3D000": (StopRun, "does not exist on that server", "correct schema (the database) of " + _CONNECTION),
    "42501": (
        StopRun,
        "refuses the account {account}, which lacks the right to connect",
        "let its owner run: GRANT CONNECT ON DATABASE {database} TO {user}",
    ),
    "55000": (StopRun, "admits nobody", "let its DBA run: ALTER DATABASE {database} ALLOW_CONNECTIONS true"),
    "53300": (
        TryAgainLater,
        "has no connection left for the account {account}",
        f"{_WAIT}; if it goes on, let its DBA raise max_connections, or the CONNECTION LIMIT of role {{user}}"
        " or database {database}",
    ),
    "57P03": (TryAgainLater, "is starting, stopping or recovering", _WAIT),
    "08P01": (
        StopRun,
        "refuses how the session begins ({state}): a pooler or proxy stands between",
        "see its log; or give its connection the server's own address",
    ),
}
"""What a server says when it lets nobody in, by SQLSTATE, where it matters with the routine that says so."""


class Target(NamedTuple):
    """Whom a connection string asks for, fit for a message."""

    user: str
    dbname: str
    host: str
    port: str

    @classmethod
    def of(cls, conninfo: str) -> Target:
        """The target of a connection string, without its password."""
        said = conninfo_to_dict(conninfo)
        user, dbname, host = (str(said.get(name) or "") for name in ("user", "dbname", "host"))
        return cls(user, dbname or user, host, str(said.get("port") or 5432))

    def __str__(self) -> str:
        """For a message: never more than address and name."""
        return f"database {self.dbname} at {self.host}:{self.port}"


def why_refused(conninfo: str, within_s: float) -> HotlineError:
    """The error for a connect that failed, in one sentence with its remedy.

    Args:
        conninfo: libpq connection string.
        within_s: Seconds that asking once more may take.

    Returns:
        A StopRun where a person has to fix something, else a TryAgainLater.
    """
    target = Target.of(conninfo)
    trace, status, needs_password = _ask_again(conninfo, time.monotonic() + within_s)
    errors = list(_ERROR.finditer(trace))
    if errors:
        routine = _ROUTINE.search(errors[-1][0])
        return _by_sqlstate(target, errors[-1][1], routine[1] if routine else "")
    if status is pq.ConnStatus.OK:
        return TryAgainLater(f"{target} did not answer at first", remedy=_WAIT)
    if "\tStartupMessage\t" in trace:
        return _without_login(target, within_s, needs_password=needs_password)
    if "\tSSLRequest\t" in trace:
        return _without_tls(target, trace, conninfo, within_s)
    return _unreached(target)


def _without_tls(target: Target, trace: str, conninfo: str, within_s: float) -> HotlineError:
    answer = re.search(r"\tSSLResponse\t ([NS])", trace)
    if answer is None:
        return TryAgainLater(
            f"what listens for {target} hangs up on PostgreSQL's greeting",
            remedy=f"see whether a proxy stands there whose server is down, or the port is another's; {_WAIT}",
        )
    if answer[1] == "S":
        return _why_no_tls(target, conninfo, within_s)
    return StopRun(
        f"{target} offers no TLS, which sslmode of its connection asks for",
        remedy="let its DBA set ssl = on; or set sslmode to prefer, where the network between is trusted",
    )


def unreachable(target: Target) -> TryAgainLater:
    """Nothing answers there, or not in time."""
    return TryAgainLater(
        f"{target} cannot be reached", remedy=f"see whether the server runs, and the network between; {_WAIT}"
    )


def _unreached(target: Target) -> TryAgainLater:
    for host in target.host.split(","):
        try:
            socket.getaddrinfo(host, None)
        except OSError:
            if not host.startswith("/"):
                return TryAgainLater(
                    f"{target} cannot be reached: this machine knows no such host",
                    remedy=f"correct the host of its connection, or fix the name service; {_WAIT}",
                )
    return unreachable(target)


def _ask_again(conninfo: str, until: float) -> tuple[str, pq.ConnStatus, bool]:
    """Connects once more. Returns what libpq traced, how it ended, and whether a password was asked for in vain."""
    connection = pq.PGconn.connect_start(conninfo.encode())
    if connection.status == pq.ConnStatus.BAD:
        return "", pq.ConnStatus.BAD, False
    with open(os.memfd_create("trace"), "rb") as file:  # noqa: PTH123  (in memory: it holds what proves the password)
        connection.trace(file.fileno())
        connection.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
        wants = pq.PollingStatus.WRITING
        while wants in {pq.PollingStatus.READING, pq.PollingStatus.WRITING} and time.monotonic() < until:
            ours = [connection.socket]
            reading, writing = (ours, []) if wants == pq.PollingStatus.READING else ([], ours)
            if any(select.select(reading, writing, [], max(0.0, until - time.monotonic()))):
                wants = pq.PollingStatus(connection.connect_poll())
        status, needs_password = pq.ConnStatus(connection.status), bool(connection.needs_password)
        connection.untrace()
        connection.finish()
        file.seek(0)
        return file.read().decode("utf-8", "replace"), status, needs_password


def _by_sqlstate(target: Target, state: str, routine: str) -> HotlineError:
    user, database = (sql.Identifier(name).as_string(None) for name in (target.user, target.dbname))
    connection = " or ".join(map(called, ("docking_db", "local_db")))
    names = {"account": target.user, "user": user, "database": database, "state": state, "connection": connection}
    known = _REFUSALS.get(f"{state} {routine}") or _REFUSALS.get(state)
    if known:
        kind, what, remedy = known
        return kind(f"{target} {what.format(**names)}", remedy=remedy.format(**names))
    kind = StopRun if state[:2] in {"0A", "22", "28", "3D", "42"} else TryAgainLater
    return kind(f"{target} refuses the session (SQLSTATE {state})", remedy="look for this code in the server's log")


def _without_login(target: Target, within_s: float, *, needs_password: bool) -> HotlineError:
    """The session was begun, and neither let in nor refused: libpq traces no request that it cannot answer."""
    if needs_password:
        return StopRun(f"{target} asks for a password", remedy="set the password of its Airflow connection")
    try:
        asked = _asked_for(target, within_s)
    except (OSError, struct.error):
        asked = None
    if asked is None:
        return TryAgainLater(
            f"{target} hangs up without a reason", remedy=f"see the server's log, and any proxy between; {_WAIT}"
        )
    if asked in _KERBEROS:
        return StopRun(
            f"{target} asks {target.user} to log in by Kerberos (GSSAPI, SSPI)",
            remedy="let its DBA ask this account for scram-sha-256 in pg_hba.conf",
        )
    return StopRun(
        f"{target} asks {target.user} to log in by a method that PostgreSQL does not have: it is openGauss, GaussDB,"
        " KingbaseES or the like",
        remedy="use PostgreSQL; to try it all the same, let its DBA allow md5 or scram-sha-256 to this account"
        " (openGauss: password_encryption_type = 1, then the password set anew)",
    )


def _asked_for(target: Target, within_s: float) -> int | None:
    """The number of the login method that the server asks for; None where it does not ask."""
    names = b"".join(text.encode() + b"\0" for text in ("user", target.user, "database", target.dbname, ""))
    with _greeted(target, within_s) as stream, ExitStack() as inside:
        if stream.recv(1) == b"S":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            stream = inside.enter_context(context.wrap_socket(stream))  # noqa: PLW2901  (the same, encrypted)
        stream.sendall(struct.pack("!II", len(names) + 8, _PROTOCOL) + names)
        kind, _, method = struct.unpack("!cII", stream.recv(9))
    return int(method) if kind == b"R" else None


@contextmanager
def _greeted(target: Target, within_s: float) -> Iterator[socket.socket]:
    """A socket to the first address of the server, which was asked for TLS."""
    host, port = target.host.split(",")[0], int(target.port.split(",")[0])
    with socket.create_connection((host, port), within_s) as stream:
        stream.sendall(_SSL_REQUEST)
        yield stream


def _why_no_tls(target: Target, conninfo: str, within_s: float) -> HotlineError:
    """The server takes TLS, and libpq does not come to terms with it: its files first, then the certificate."""
    said = {name: str(value) for name, value in conninfo_to_dict(conninfo).items() if value}
    checks = said.get("sslmode", "").startswith("verify-")
    home = Path.home() / ".postgresql"
    files = {
        name: Path(said[name]) for name in ("sslrootcert", "sslcert", "sslkey") if said.get(name, "system") != "system"
    }
    if checks and "sslrootcert" not in said:
        files["sslrootcert"] = home / "root.crt"
    if "sslcert" in files:
        files.setdefault("sslkey", home / "postgresql.key")
    for name, path in files.items():
        if broken := _unusable_file(path, is_key=name == "sslkey"):
            return StopRun(f"TLS to {target} is impossible: the file of {name}, {path}, {broken[0]}", remedy=broken[1])
    try:
        context = _context(files, checks=checks, name=said.get("sslmode") == "verify-full")
        _shake_hands(target, context, within_s)
    except ssl.SSLCertVerificationError as error:
        return _by_verification(target, error.verify_code)
    except ssl.SSLError as error:
        return StopRun(
            f"TLS to {target} is not agreed on ({error.reason or 'no reason given'})",
            remedy="see whether sslrootcert, sslcert and sslkey of its connection are the ones this server asks for",
        )
    except OSError:
        return unreachable(target)
    return StopRun(
        f"TLS to {target} is not agreed on", remedy="see its server's log, and the extras ssl... of its connection"
    )


def _unusable_file(path: Path, *, is_key: bool) -> tuple[str, str] | None:
    """What is wrong with a file of TLS, and what to do; libpq refuses a key that others can read."""
    try:
        with path.open("rb") as file:
            facts = os.fstat(file.fileno())
    except OSError as error:
        return f"cannot be read ({error.strerror})", "put it there, readable to this account, or correct the extra"
    allowed = 0o640 if facts.st_uid == 0 else 0o600
    if is_key and (stat.S_IMODE(facts.st_mode) & ~allowed & 0o077):
        return "is open to others", f"run: chmod {allowed:o} {path}"
    return None


def _context(files: Mapping[str, Path], *, checks: bool, name: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = name
    context.verify_mode = ssl.CERT_REQUIRED if checks else ssl.CERT_NONE
    if checks and "sslrootcert" in files:
        context.load_verify_locations(files["sslrootcert"])
    elif checks:
        context.set_default_verify_paths()
    if "sslcert" in files:
        context.load_cert_chain(files["sslcert"], files.get("sslkey"), password=lambda: "")
    return context


def _shake_hands(target: Target, context: ssl.SSLContext, within_s: float) -> None:
    with _greeted(target, within_s) as plain:
        if plain.recv(1) == b"S":
            context.wrap_socket(plain, server_hostname=target.host.split(",")[0]).close()


def _by_verification(target: Target, code: int) -> StopRun:
    if code in _OTHER_NAME:
        return StopRun(
            f"the certificate of {target} is for another name than {target.host}",
            remedy="set the host of its connection to a name in the certificate; or sslmode to verify-ca, which"
            " looks at the issuer alone",
        )
    if code in _OUT_OF_DATE:
        return StopRun(
            f"the certificate of {target} is not valid today",
            remedy="let its DBA renew it, and see whether the clock of this machine is right",
        )
    if code in _UNKNOWN_ISSUER:
        return StopRun(
            f"the certificate of {target} is signed by nobody that sslrootcert of its connection names",
            remedy="put the certificate of its issuer into that file",
        )
    return StopRun(
        f"the certificate of {target} is not accepted (OpenSSL's code {code})", remedy="let its DBA look at it"
    )
