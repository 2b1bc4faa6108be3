"""What a migrated database holds: its catalog, its rows, and rows to fill it with."""

from __future__ import annotations

import psycopg
from alembic.script import ScriptDirectory
from psycopg import sql

from hotline_bridge.store import migrate
from tests.sessions import ask

REVISIONS = [
    script.revision for script in reversed(list(ScriptDirectory.from_config(migrate._config()).walk_revisions()))
]
"""From release 0.1.0 on."""


def execute(conninfo: str, *statements: str, role: str | None = None) -> None:
    with psycopg.connect(conninfo) as connection:
        if role:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        for statement in statements:
            connection.execute(statement.encode())


def catalog(conninfo: str) -> dict[str, list[tuple[object, ...]]]:
    """Everything that a migration can make in schemas hotline and analytics, Alembic's own table aside."""
    ours = "ANY (ARRAY[to_regnamespace('hotline'), to_regnamespace('analytics')])"
    return {
        "columns": ask(
            conninfo,
            "SELECT c.oid::regclass::text, c.relkind, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod),"  # noqa: S608
            " a.attnotnull, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum),"
            " obj_description(c.oid, 'pg_class')"
            " FROM pg_class AS c LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0"
            " AND NOT a.attisdropped"
            " LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum"
            f" WHERE c.relnamespace = {ours} AND c.relname NOT LIKE 'alembic_version%'"
            " ORDER BY 1, 3",
        ),
        "constraints": ask(
            conninfo,
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"  # noqa: S608  (our names)
            f" WHERE connamespace = {ours} AND conname NOT LIKE 'alembic_version%' ORDER BY 1, 2",
        ),
        "indexes": ask(
            conninfo,
            "SELECT indexname, indexdef FROM pg_indexes"
            " WHERE schemaname = 'hotline' AND tablename <> 'alembic_version' ORDER BY 1",
        ),
        "functions": ask(
            conninfo,
            "SELECT proname, pg_get_functiondef(oid) FROM pg_proc"  # noqa: S608  (our names)
            # Two say what the contract says: every migrate to the newest revision makes them anew.
            f" WHERE pronamespace = {ours} AND proname NOT IN ('field_class', 'told_order') ORDER BY 1, 2",
        ),
        "views": ask(
            conninfo,
            "SELECT oid::regclass::text, pg_get_viewdef(oid) FROM pg_class"  # noqa: S608  (our names)
            f" WHERE relkind = 'v' AND relnamespace = {ours} ORDER BY 1",
        ),
        "types": ask(
            conninfo,
            "SELECT typname, typtype FROM pg_type"  # noqa: S608  (our names)
            f" WHERE typnamespace = {ours} AND typname NOT LIKE '%alembic_version' ORDER BY 1, 2",
        ),
    }


def fill(conninfo: str) -> None:
    """One row in each table of schema hotline that has none, of each type some value."""
    values = {
        "text": "'x'",
        "bytea": "'x'",
        "boolean": "true",
        "date": "'2026-11-24'",
        "timestamp with time zone": "'2026-11-24 09:00+08'",
        "text[]": "'{}'",
        "jsonb": "'{}'",
        "uuid": "gen_random_uuid()",
    }
    in_check = {
        ("collection_window", "ends"): "now()",
        ("acceptance", "ends"): "now()",
        ("operator_action", "answer_id"): "NULL",
        ("asked_release", "answer_id"): "NULL",
        ("erased_record", "key"): "'another'",
        ("gateway_client", "areas"): "'{440203}'",
        ("time_limit", "stage"): "'acceptance'",
        ("count_reconciliation", "unexplained"): "0",
    }
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind, allowed in ask(
        conninfo,
        "SELECT c.relname, a.attname, format_type(a.atttypid, NULL),"
        " substring(pg_get_constraintdef(k.oid) FROM $$'(?:[^']+)'$$)"
        " FROM pg_class AS c INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0"
        " LEFT JOIN pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]"
        " WHERE c.relnamespace = 'hotline'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        " AND a.attidentity = '' AND NOT a.attisdropped AND c.relname <> 'alembic_version'"
        " ORDER BY (SELECT count(*) FROM pg_constraint AS f WHERE f.conrelid = c.oid AND f.contype = 'f'),"
        " c.relname, a.attnum",
    ):
        value = in_check.get((str(table), str(column))) or allowed or values.get(str(kind), "1")
        columns.setdefault(str(table), {})[str(column)] = str(value)
    inserts = [
        f"INSERT INTO hotline.{table} ({', '.join(row)}) SELECT {', '.join(row.values())}"  # noqa: S608  (of the catalog)
        f" WHERE NOT EXISTS (SELECT FROM hotline.{table})"
        for table, row in columns.items()
    ]
    execute(conninfo, *inserts)


def contents(conninfo: str) -> dict[str, int]:
    tables = ask(
        conninfo,
        "SELECT relname FROM pg_class WHERE relnamespace = 'hotline'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT relispartition",
    )
    return {str(table): len(ask(conninfo, f"TABLE hotline.{table}")) for (table,) in tables}


def fewer(conninfo: str, held: dict[str, int]) -> dict[str, int]:
    """Tables that hold less than they held."""
    return {table: count for table, count in contents(conninfo).items() if count < held.get(table, 0)} if held else {}
