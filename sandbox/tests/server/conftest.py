from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from hotline_sandbox.server.control import SandboxControl, running_sandbox
from sandbox.tests.server.sandbox_client import NOON, Client


@pytest.fixture(scope="session")
def _process() -> Iterator[SandboxControl]:
    with running_sandbox(seed=7, max_body_bytes=100_000) as control:
        yield control


@pytest.fixture
def sandbox(_process: SandboxControl) -> SandboxControl:
    """A sandbox that has forgotten everything and believes it is noon of 24 November 2026 in Shanghai."""
    _process.reset()
    _process.set_clock_offset(NOON - time.time())
    return _process


@pytest.fixture
def client(sandbox: SandboxControl) -> Client:
    return Client(sandbox.base_url)
