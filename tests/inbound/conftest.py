"""The inbound side over the shared fixtures, with one store for all tests: a database each would fill the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.fixtures import Stores
from tests.inbound.inbound_bridge import Inbound

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl

_EMPTY = """
DO $$
DECLARE found regclass;
BEGIN
    FOR found IN SELECT c.oid FROM pg_class AS c WHERE relkind = 'r' AND relnamespace = 'hotline'::regnamespace
        AND relname <> 'alembic_version'
    LOOP
        EXECUTE format('DELETE FROM %s', found);
    END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def one_store(postgres: Server, templates: Stores) -> str:
    """The local store of all these tests."""
    postgres.create_database("inbound", template=templates.local)
    return postgres.conninfo("inbound")


@pytest.fixture
def inbound(one_store: str, platform: PlatformSettings, sandbox: SandboxControl) -> Inbound:
    """Complaints alone, in an empty store."""
    with psycopg.connect(one_store, autocommit=True) as local:
        local.execute(_EMPTY)
    return Inbound(Stores("", one_store), platform, sandbox)


@pytest.fixture
def fresh(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> Inbound:
    """The same in a store of its own, for tests that change its schema."""
    return Inbound(stores, platform, sandbox)
