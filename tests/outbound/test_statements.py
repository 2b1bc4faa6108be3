"""What a tenfold slip would show first, told without a clock: ten times the rows take no statement more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg

from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.publish import publish
from hotline_bridge.store.database import connect
from tests.outbound.bridge import call
from tests.sessions import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.fixtures import Stores

FEW, MANY = 30, 300


def statements(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> int:
    """How often work asks a database anything; rows of a COPY are part of one question."""
    asked: list[str] = []

    def counted(name: str) -> Callable[..., Any]:
        real = getattr(psycopg.Cursor, name)

        def ask_and_count(*given: Any, **named: Any) -> Any:
            asked.append(name)
            return real(*given, **named)

        return ask_and_count

    with monkeypatch.context() as patched:
        for name in ("execute", "copy"):
            patched.setattr(psycopg.Cursor, name, counted(name))
        work()
    return len(asked)


def test_intake(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = call(0)

    def read(first: int, rows: int) -> int:
        with connect(stores.docking) as docking, connect(stores.local) as local:
            with docking.cursor().copy(f"COPY docking.call_log ({', '.join(fields)}) FROM STDIN".encode()) as copy:
                for number in range(first, first + rows):
                    copy.write_row([*call(number).values()])
            return statements(monkeypatch, lambda: take_in(docking, local, contract()["callinfo"]))

    read(0, 1)
    assert read(1_000, FEW) == read(2_000, MANY)
    assert ask(stores.local, "SELECT count(*) FROM hotline.delivery") == [(1 + FEW + MANY,)]


def test_publishing(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(first: int, orders: int) -> int:
        ask(
            stores.local,
            "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body_sha256, settled_at)"
            " SELECT 'putTsBusiRegInfoData', 'R' || n, '', 'delivered', now(), '', now()"
            " FROM generate_series(%s::integer, %s::integer) AS n",
            first,
            first + orders - 1,
        )
        with connect(stores.docking) as docking, connect(stores.local) as local:
            return statements(monkeypatch, lambda: publish(docking, local))

    write(0, 1)
    assert write(1_000, FEW) == write(2_000, MANY)
    assert ask(stores.docking, "SELECT count(*) FROM docking.order_status") == [(1 + FEW + MANY,)]
