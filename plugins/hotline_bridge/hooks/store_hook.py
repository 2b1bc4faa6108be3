"""The docking and the local store for tasks and notebooks of one's own: Airflow's PostgresHook on our sessions.

Our own DAGs use `store.database` at once: importing PostgresHook would cost every task more than a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.providers.postgres.hooks.postgres import PostgresHook

from hotline_bridge.cities import ONLY, acting_for
from hotline_bridge.errors import HotlineError
from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from psycopg import Connection


class StoreHook(PostgresHook):  # type: ignore[misc]  # Airflow's types are not followed
    """PostgresHook whose sessions are set as all of ours: Asia/Shanghai, UTF-8, time limits (`store.database`)."""

    default_conn_name = "local_db"
    conn_type = "hotline_store"
    hook_name = "12345 对接库、本地库 (hotline-bridge)"

    def get_conn(self) -> Connection:
        """A session of psycopg 3 in autocommit.

        Raises:
            StopRun: The connection is missing, a value cannot be used, or the server refuses the account.
            TryAgainLater: The server cannot be reached now.
        """
        with acting_for(ONLY):  # the name is whole as it was given
            return connect(conninfo(self.get_conn_id()))

    def test_connection(self) -> tuple[bool, str]:
        """Opens a session, for the button in Airflow's connection form."""
        try:
            with self.get_conn() as session:
                info = session.info
                return True, f"{info.dbname} on {info.host}: PostgreSQL {info.server_version // 10_000}"
        except HotlineError as error:
            return False, str(error)
