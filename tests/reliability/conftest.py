"""The bridge over the shared fixtures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import interfaces_of
from tests.inbound.inbound_bridge import Inbound
from tests.outbound.bridge import Bridge

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores


@pytest.fixture
def bridge(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> Bridge:
    """The call log alone."""
    return Bridge(stores, platform, sandbox)


@pytest.fixture
def all_logs(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> Bridge:
    """All four telephony logs."""
    return Bridge(stores, platform, sandbox, interfaces_of("telephony"))


@pytest.fixture
def inbound(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> Inbound:
    """Complaints alone."""
    return Inbound(stores, platform, sandbox)
