"""One store for these tests: the calendar, limits and meanings; what a test writes is rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.analytics.raw_rows import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores


@pytest.fixture(scope="package")
def one_store(postgres: Server, templates: Stores) -> Iterator[Connection]:
    postgres.create_database("analytics", template=templates.local)
    with psycopg.connect(postgres.conninfo("analytics"), autocommit=True) as connection:
        connection.execute("SET jit = off; SET TimeZone = 'Asia/Shanghai'")
        prepare(connection)
        yield connection


@pytest.fixture
def local(one_store: Connection) -> Iterator[Connection]:
    with one_store.transaction(force_rollback=True):
        yield one_store
