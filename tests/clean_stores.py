"""Two databases for all tests of a process: emptied between tests, made anew only where a test left more than rows.

A copy of a template for each test is the simplest thing, and it cost most of the time of the suite: twenty megabytes to
write and seven hundred files to delete, two thousand times over. Emptying takes a fiftieth of a second. It is safe
because it does not trust the tests: what a store consists of apart from rows (tables, columns, indexes, constraints,
functions, triggers, rights, settings) is compared with what the template had, and any difference, a session that is
still open or a prepared transaction means a fresh copy.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import psycopg

from tests import sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotline_sandbox.demo.postgres import Server

_numbers = count(1)

# What is made or changed in a catalog has a newer xmin than all before: equal numbers and equal sums are the same rows.
# Those of pg_class are rewritten by TRUNCATE too, so what counts of them is compared itself.
_ROWS = ", ".join(
    f"(SELECT concat_ws(' ', count(*), sum(xmin::text::bigint)) FROM {catalog})"  # noqa: S608  (names of catalogs)
    for catalog in (
        *("pg_attribute WHERE attrelid >= 16384", "pg_attrdef", "pg_constraint WHERE oid >= 16384", "pg_sequence"),
        *("pg_proc WHERE oid >= 16384", "pg_trigger", "pg_rewrite WHERE oid >= 16384", "pg_policy", "pg_extension"),
        *("pg_type WHERE oid >= 16384 AND typtype <> 'c'", "pg_event_trigger", "pg_statistic_ext", "pg_publication"),
        *("pg_default_acl", "pg_description WHERE objoid >= 16384", "pg_largeobject_metadata"),
        "pg_index AS i WHERE EXISTS (SELECT FROM pg_class AS c"
        " WHERE c.oid = i.indexrelid AND c.oid >= 16384 AND c.relnamespace <> 'pg_toast'::regnamespace)",
        "pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'",
        "pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
)
_STRUCTURE = f"""
SELECT concat_ws('|', {_ROWS},
    (SELECT sum(hash_record_extended(ROW(oid, relname, relnamespace, relkind, relowner, relpersistence, relacl,
                                         reloptions, relrowsecurity, relnatts, relchecks, relhastriggers, relreplident,
                                         relispartition), 0))
     FROM pg_class WHERE oid >= 16384 AND relkind <> 't'),
    (SELECT concat_ws(' ', datdba, datacl, datconnlimit, datallowconn)
     FROM pg_database WHERE datname = current_database()),
    (SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database())
)
"""  # noqa: S608  (names of catalogs)
_TABLES = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND oid >= 16384 AND (pg_relation_size(oid) > 0 OR pg_relation_size(reltoastrelid) > 0) ORDER BY oid
"""
_SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename), last_value, start_value FROM pg_sequences WHERE last_value IS NOT NULL
"""
_END_OTHERS = """
SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


@dataclass(slots=True)
class CleanStore:
    """A database like its template, for one test after another."""

    server: Server
    template: str
    _name: str = ""
    _structure: str = ""
    _rows: Mapping[str, bytes] = field(default_factory=dict)
    _sequences: Mapping[str, int] = field(default_factory=dict)

    def ready(self) -> str:
        """Empties the database of the last test, or makes a fresh one. Returns its connection string."""
        if not (self._name and self._emptied()):
            self._make()
        return self.server.conninfo(self._name)

    def _make(self) -> None:
        if self._name:
            sessions.close(self.server.conninfo(self._name))
            self.server.drop_database(self._name)
        self._name = f"{self.template.removesuffix('_template')}_{next(_numbers)}"
        self.server.create_database(self._name, template=self.template)
        session = sessions.session(self.server.conninfo(self._name))
        self._structure = _value(session, _STRUCTURE)
        self._rows = {table: _copied_out(session, table) for (table,) in session.execute(_TABLES).fetchall()}
        self._sequences = {name: reached for name, reached, _ in session.execute(_SEQUENCES).fetchall()}

    def _emptied(self) -> bool:
        with suppress(psycopg.Error):
            session = sessions.session(self.server.conninfo(self._name))
            session.execute("DISCARD ALL")
            with session.transaction():
                session.execute("SET LOCAL lock_timeout = '5s'")
                session.execute(_END_OTHERS)
                if _value(session, _STRUCTURE) == self._structure:
                    self._empty(session)
                    return True
        return False

    def _empty(self, session: psycopg.Connection[Any]) -> None:
        touched = [
            table
            for (table,) in session.execute(_TABLES).fetchall()
            if table not in self._rows or _copied_out(session, table) != self._rows[table]
        ]
        if touched:
            session.execute("SET LOCAL session_replication_role = replica")  # a store's own triggers stay out of it
            session.execute(f"TRUNCATE {', '.join(touched)} CASCADE".encode())
            for table, rows in self._rows.items():
                if not _value(session, f"SELECT EXISTS (SELECT FROM {table})"):  # noqa: S608  (a name of the catalog)
                    with session.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                        copy.write(rows)
        for name, reached, start in session.execute(_SEQUENCES).fetchall():
            if reached != (first := self._sequences.get(name)):
                session.execute("SELECT setval(%s, %s, %s)", [name, first or start, first is not None])


def _value(session: psycopg.Connection[Any], query: str) -> Any:
    row = session.execute(query.encode()).fetchone()
    return row[0] if row else None


def _copied_out(session: psycopg.Connection[Any], table: str) -> bytes:
    with session.cursor().copy(f"COPY {table} TO STDOUT".encode()) as rows:
        return b"".join(bytes(piece) for piece in rows)
