"""The sandbox as a process: how it starts, what its settings do, how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from hotline_sandbox.server.control import SandboxControl, SandboxError, running_sandbox
from hotline_sandbox.server.server import listening
from hotline_sandbox.server.settings import SandboxSettings
from sandbox.tests.server.sandbox_client import NOON, Client, good_row

pytestmark = pytest.mark.slow

ROW = good_row("callinfo")
COMMAND = [sys.executable, "-m", "hotline_sandbox.server"]


def at_noon(control: SandboxControl, identity: str = "sandbox&sandbox-token") -> Client:
    """A client of a sandbox that believes it is the noon that the client signs for."""
    control.set_clock_offset(NOON - time.time())
    return Client(control.base_url, identity)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_even_with_a_hanging_call(number: signal.Signals) -> None:
    environment = {**os.environ, "HOTLINE_SANDBOX_TOKEN": "secret"}
    with subprocess.Popen(
        COMMAND, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("sandbox listening on http://127.0.0.1:")
        control = SandboxControl(line.split()[-1])
        client = at_noon(control, "sandbox&secret")
        control.set_faults([{"kind": "hang"}])
        with client.wire() as wire:
            wire.send(client.report("callinfo", ROW))
            while not control.health()["calls"]:
                time.sleep(0.01)
            process.send_signal(number)
            out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_identity_header_and_repeats_are_settings() -> None:
    with running_sandbox(app_id="city", token="key", auth_header="X-Auth", on_repeat="refuse") as control:
        client = at_noon(control, "city&key")
        data = client.report("callinfo", ROW)
        assert client.exchange(data).status == 401
        signed = data.replace(b"Authorization", b"x-auth")
        assert client.exchange(signed).json["code"] == 0
        again = client.exchange(signed).json
        assert (again["code"], again["data"]) == ("1003", {"issuc": "0"})
        counts = control.counts()["callinfo"]
        assert (counts["calls"], counts["accepted"], counts["distinct"], counts["refused"]) == (3, 1, 1, 2)


def test_latency_is_a_setting_and_spares_the_control_api() -> None:
    with running_sandbox(latency_ms=400) as control:
        client = at_noon(control)
        begin = time.monotonic()
        assert client.call("callinfo", ROW).status == 200
        assert time.monotonic() - begin >= 0.4


async def test_it_runs_on_the_loop_of_the_standard_library_too() -> None:
    async with listening(SandboxSettings()) as base_url:

        def use() -> None:
            control = SandboxControl(base_url)
            client = at_noon(control)
            order = client.report("putZxBusiRegInfoData", good_row("putZxBusiRegInfoData"))
            control.set_faults([{"kind": "latency", "ms": 5}, {"kind": "reset_after", "interface": "callinfo"}])
            with client.wire() as wire:
                wire.send(order * 150)
                wire.send(client.report("callinfo", ROW))
                with pytest.raises(ConnectionResetError):
                    wire.rest()
            assert control.counts()["putZxBusiRegInfoData"]["accepted"] == 150
            assert control.counts()["callinfo"]["accepted"] == 1

        await asyncio.to_thread(use)


def test_the_context_manager_stops_what_it_started() -> None:
    with pytest.raises(ZeroDivisionError), running_sandbox() as control:
        raise ZeroDivisionError
    with pytest.raises(OSError, match="refused"):
        control.health()


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(SandboxError, match=f"cannot listen on 127.0.0.1:{port}.*choose another --port"),
            running_sandbox(port=port),
        ):
            pass


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--port=99999"], "port: Input should be less than or equal to 65535"),
        (["--app-id=a&b"], "app_id: String should match pattern"),
        (["--auth-header=X Y"], "auth_header: String should match pattern"),
        (["--latency-ms=-1"], "latency_ms: Input should be greater than or equal to 0"),
        (["--on-repeat=ignore"], "on_repeat: Input should be 'accept' or 'refuse'"),
    ],
)
def test_wrong_options_are_one_sentence(options: list[str], complaint: str) -> None:
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("token", ["", "a b", "a&b", "密", "a\n"])
def test_a_token_that_no_header_could_carry_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(ValueError, match="the token must be printable ASCII") as caught:
        SandboxSettings.model_validate({"token": token})
    assert "input_value" not in str(caught.value)


def test_help_states_the_defaults() -> None:
    text = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, timeout=20, check=True).stdout
    assert "sandbox-token" in text
    assert "HOTLINE_SANDBOX_TOKEN" in text
    assert "--token" not in text
