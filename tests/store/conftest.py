"""A server of their own for migrations: roles belong to a whole server, and are made there from nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from hotline_bridge.store import migrate
from hotline_sandbox.demo.postgres import Server, remove_postgres, running_postgres
from tests import sessions
from tests.store.contents import execute

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("postgres")
    with running_postgres(folder, durable=False) as running:
        yield running
    remove_postgres(folder)


@pytest.fixture
def database(server: Server) -> Iterator[str]:
    """An empty database on a server without our roles."""
    name = f"local_{uuid4().hex[:12]}"
    _drop_roles(server)
    server.create_database(name)
    yield name
    sessions.close(server.conninfo(name))
    server.drop_database(name)


@pytest.fixture
def local(server: Server, database: str) -> str:
    return server.conninfo(database)


@pytest.fixture
def migrated(local_store: str) -> str:
    """A copy of a store that was migrated once."""
    return local_store


@pytest.fixture
def account(server: Server, database: str) -> Iterator[str]:
    """conninfo of an account that may connect, and nothing else."""
    server.create_role("bridge", "of the test")
    yield server.conninfo(database, "bridge", "of the test")
    execute(server.conninfo(database), "DROP OWNED BY bridge CASCADE", "DROP ROLE bridge")


def _drop_roles(server: Server) -> None:
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
        for role in migrate.ROLES:
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))
