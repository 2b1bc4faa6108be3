"""The inbound side over the shared fixtures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures import Stores
from tests.inbound.inbound_bridge import Inbound

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl


@pytest.fixture
def inbound(local_store: str, platform: PlatformSettings, sandbox: SandboxControl) -> Inbound:
    """Complaints alone, in an empty store."""
    return Inbound(Stores("", local_store), platform, sandbox)


@pytest.fixture
def fresh(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> Inbound:
    """The same in a store of its own, for tests that change its schema."""
    return Inbound(stores, platform, sandbox)
