"""`make up` as a process of the tests, on free ports and in a folder of its own, and what it left behind."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil

from hotline_sandbox.demo.marked import MARK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UP = (sys.executable, "-m", "hotline_sandbox.demo.up", "--port=0", "--sandbox-port=0", "--cases=1500")
DOWN = (sys.executable, "-m", "hotline_sandbox.demo.down")
_PATIENCE_S = 480  # the machine may be busy with other tests


class RunningUp:
    """A `make up` in a session of its own, as a terminal would start it; what it prints is read from a file."""

    READY = "全部就绪"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._output = folder.with_suffix(".out")
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [*UP, f"--folder={folder}"], stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )

    @property
    def output(self) -> str:
        return self._output.read_text(encoding="utf-8")

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while words not in self.output:
            assert self.process.poll() is None, f"it ended by itself: {self.output}"
            assert time.monotonic() < deadline, f"no {words!r} after {_PATIENCE_S} s: {self.output}"
            time.sleep(0.2)

    def printed(self, label: str) -> str:
        found = re.search(rf"{label}\s+(\S+)", self.output)
        assert found, f"{label} is not printed: {self.output}"
        return found[1]

    def connection(self, conn_id: str) -> dict[str, str]:
        """An Airflow connection from the file that it tells people to read."""
        lines = (self.folder / "connections.env").read_text(encoding="utf-8").splitlines()
        named = dict(shlex.split(line)[1].split("=", 1) for line in lines)
        fields: dict[str, str] = json.loads(named[f"AIRFLOW_CONN_{conn_id.upper()}"])
        return fields

    def ports(self) -> dict[str, int]:
        return {
            "Airflow": urlsplit(self.printed("界面")).port or 0,
            "sandbox": urlsplit(self.printed("沙箱平台")).port or 0,
            "PostgreSQL": int(self.connection("docking_db")["port"]),
        }

    def wait_for_service(self, name: str) -> int:
        """Until a process of Airflow has begun; its number."""
        while True:
            assert self.process.poll() is None, self.output
            for process in psutil.Process(self.process.pid).children():
                with suppress(psutil.Error):  # it ended meanwhile
                    if name in process.cmdline():
                        return int(process.pid)
            time.sleep(0.1)

    def kill(self) -> set[int]:
        """Kills it while its services start; gives what is left of it."""
        self.wait_for_service("triggerer")
        self.process.kill()
        self.process.wait()
        left = {process.pid for process in left_running(self.folder)}
        assert len(left) >= 5, "a kill leaves its processes: what follows would prove nothing"
        return left

    def press_ctrl_c(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)

    def wait(self) -> int:
        return self.process.wait(_PATIENCE_S)


@contextmanager
def running_up(folder: Path) -> Iterator[RunningUp]:
    """Started here; whatever the test did, nothing of it runs on afterwards."""
    up = RunningUp(folder)
    try:
        yield up
    finally:
        down(folder)
        up.process.kill()
        up.process.wait()


def down(folder: Path) -> str:
    done = subprocess.run(
        [*DOWN, f"--folder={folder}"], capture_output=True, text=True, timeout=_PATIENCE_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def left_running(folder: Path) -> list[psutil.Process]:
    """What belongs to the folder: by its environment, working folder or arguments."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            inside = f"{process.cwd()}/".startswith(f"{folder}/")
            if inside or process.environ().get(MARK) == str(folder) or str(folder) in " ".join(process.cmdline()):
                found.append(process)
    return found


def listening_elsewhere(folder: Path) -> list[str]:
    """Where a process of the folder listens on other than the loopback address."""
    found = []
    for process in left_running(folder):
        with suppress(psutil.Error):
            sockets = [each.laddr.ip for each in process.net_connections() if each.status == psutil.CONN_LISTEN]
            found += [f"{process.name()} on {ip}" for ip in sockets if ip != "127.0.0.1"]
    return found


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
