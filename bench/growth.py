"""What each scheduled job asks of the databases with one month and with three years of a city's data."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from psycopg import sql

from bench.findings import Finding, at_most
from bench.harness import PLATFORM_CORE, run
from bench.reconciling import required_row
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.docking.contract_sql import body_members, docking_table
from hotline_bridge.reconcile.days import order_kinds
from hotline_bridge.store.database import connect
from hotline_bridge.time_limits.load import load_reference
from hotline_sandbox.server.control import running_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from psycopg import Connection

    from bench.harness import Harness
    from hotline_bridge.contract.model import Interface

MOST = 1.5
"""Times that a job may ask for more with the long history than with the short one."""
MONTHS = 1, 36
RECONCILED_DAYS = 28
"""Days that the nightly job counts: as many with either history."""
LEAST_MS = 100.0
"""Below this, time is noise: the blocks that were touched are judged instead."""
_A_MONTH = {"call_log": 300_000, "recording_log": 150_000, "seat_login_log": 12_000, "satisfaction_log": 60_000}
_ORDERS_A_MONTH = 8_000
_WINDOW = timedelta(hours=36)
_ANYWAY = {"docking_publish, whole", "hotline status"}
"""Told without a target: they compare everything by design, once a day or when somebody asks."""

_LOGS = {
    "call_log": (
        "callid, callno, sourcearea, calltime, skilltime, seattime, calltype",
        "'110000' || lpad(n::text, 10, '0'), '13800000000', '110000', {at}, {at}, {at}, '1'",
    ),
    "recording_log": (
        "recordid, callid, recordname, recordpath, begintime, endtime, sourcearea, calltype",
        "'R' || lpad(n::text, 10, '0'), '110000' || lpad((2 * n)::text, 10, '0'), 'r.wav', '/r', {at}, {at}, '110000',"
        " '1'",
    ),
    "seat_login_log": (
        "signid, seatno, seatname, begintime, endtime, sourcearea",
        "'S' || lpad(n::text, 10, '0'), 's' || n %% 200, '座席', {at}, {later}, '110000'",
    ),
    "satisfaction_log": (
        "id, callid, satisfaction, opttime, sourcearea",
        "'E' || lpad(n::text, 10, '0'), '110000' || lpad((5 * n)::text, 10, '0'), '1', {at}, '110000'",
    ),
}
"""What 12345 wrote, by docking table."""
_DOCKING = """
INSERT INTO docking.{table} ({columns}, written_at, collected_at)
SELECT {values}, at, at + interval '1 minute' FROM (
    SELECT n, %(begin)s + n * %(pause)s AS at FROM generate_series(0, %(rows)s - 1) AS n
) AS came WHERE {which} ORDER BY n
"""
_TAKEN = """
DROP TABLE IF EXISTS taken;
CREATE UNLOGGED TABLE taken (n bigint GENERATED ALWAYS AS IDENTITY, key text, content_hash bytea, at timestamptz,
    fields jsonb)
"""
_VERSIONS = """
INSERT INTO hotline.delivery (row_id, interface, key, content_hash, state, written_at, taken_in_at, settled_at, body,
    body_sha256, rounds, attempts, first_refused_at, discarded_at, reasons, code)
OVERRIDING SYSTEM VALUE
SELECT
    %(base)s + n, %(interface)s, key, content_hash,
    CASE
        WHEN n %% 500 = 0 THEN 'quarantined'
        WHEN n %% 2000 = 1 AND at > now() - interval '6 days' THEN 'rejected'
        WHEN n %% %(replaced)s = 3 THEN 'superseded'
        ELSE 'delivered'
    END,
    at, at + interval '1 minute', CASE WHEN n %% 500 <> 0 THEN at + interval '2 minutes' END,
    CASE WHEN n %% 500 = 0 OR at > now() - interval '7 days' THEN convert_to(fields::text, 'UTF8') END,
    '', 1, 1, CASE WHEN n %% 2000 = 1 THEN at + interval '2 minutes' END,
    CASE WHEN n %% 500 = 0 AND at < now() - interval '7 days' THEN at + interval '1 day' END,
    CASE WHEN n %% 500 = 0 THEN '{{telnumber:length}}'::text [] ELSE '{{}}' END,
    '0'
FROM taken ORDER BY n;
SELECT setval(pg_get_serial_sequence('hotline.delivery', 'row_id'), %(base)s + (SELECT max(n) FROM taken));
INSERT INTO hotline.{table} (row_id, content_hash, written_at, loaded_at, {columns})
SELECT %(base)s + n, content_hash, at, at + interval '1 minute', {values}
FROM taken WHERE n %% 500 <> 0 AND n %% %(replaced)s <> 3 ORDER BY n
"""
_TRIES = """
INSERT INTO hotline.interaction_log (started_at, interface, key, attempt, outcome, http_status, code, elapsed_ms,
    body_sha256)
SELECT d.settled_at, d.interface, d.key, 1, 'delivered', 200, '0', 20, d.content_hash
FROM hotline.delivery AS d WHERE d.settled_at > now() - interval '184 days' ORDER BY d.settled_at
"""
_ORDER_ROWS = (
    "regino, reginfotype, complacontent, receivemode, regunitcode, accepregname, registime, telnumber",
    "'B' || lpad(n::text, 9, '0'), '1', repeat('文', 150), '1', '110000', '受理', {text_at}, '13800000000'",
)
_KINDS = {"complaint": "n %% 4 < 2", "report": "n %% 4 = 3", "consultation": "n %% 4 = 2"}
"""Which orders are of a kind."""
_ORDER = "'B' || lpad(n::text, 9, '0')"
_CONTENT = (
    "sha256(convert_to(n::text, 'UTF8')), 'bench', at + interval '1 hour', w.begins, w.begins + interval '36 hours'"
)
_KEPT = "content_hash, source, requested_at, window_begin, window_end, loaded_at"
_REPLIED = (
    "at + interval '1 day'"
    " * CASE WHEN n % 100 < 35 THEN 3 WHEN n % 100 < 62 THEN 12 WHEN n % 100 < 97 THEN 60 ELSE 400 END"
)
"""When the feedback on order n came (measured: 65 % after 7 days, 38 % after 15, 3 % after 90)."""
_ANSWERS = {
    # table, columns, values, which, when it was loaded
    "complaint_case": ("regino, registime, complacontent", f"{_ORDER}, at, repeat('文', 150)", "n % 4 < 2", ""),
    "report_case": ("regino, registime, complacontent", f"{_ORDER}, at, repeat('文', 150)", "n % 4 = 3", ""),
    "consultation_case": ("regino, registime, complacontent", f"{_ORDER}, at, repeat('文', 150)", "n % 4 = 2", ""),
    "returned_case": ("odrno, dealresult", f"{_ORDER}, ''", "n % 50 = 7", ""),
    "case_routing": ("bh, id, jsdept", f"{_ORDER}, '1', ''", "true", ""),
    "complaint_handling": ("bh, id, slflag, remark", f"{_ORDER}, s::text, '1', ''", "n % 4 < 2", "s"),
    "report_handling": ("bh, id, slflag, remark", f"{_ORDER}, s::text, '1', ''", "n % 4 = 3", "s"),
    "case_extension": ("orderid", _ORDER, "n % 20 = 3", ""),
    "case_urge": ("id", _ORDER, "n % 20 = 9", ""),
    "complaint_feedback": ("odrno, agent, dealresult", f"{_ORDER}, '', ''", "n % 4 < 2", "r"),
    "report_feedback": ("odrno, agent, investresult", f"{_ORDER}, '', ''", "n % 4 = 3", "r"),
    "consultation_feedback": ("odrno, agent, dealresult", f"{_ORDER}, '', ''", "n % 4 = 2", "r"),
    "case_feedback": ("region, feetime, feedbackcontent", f"{_ORDER}, {_REPLIED}, ''", "true", "r"),
}
_OTHERS = (
    "INSERT INTO hotline.order_source SELECT interface, key, 'x', written_at FROM hotline.delivery"
    " WHERE interface LIKE 'put%BusiRegInfoData'",
    "INSERT INTO hotline.order_supplement (note_key, supplementid, regino, supplementtime, content, content_hash,"
    " written_at, laid_at) SELECT key, key, key, '', '补', content_hash, written_at, written_at FROM hotline.delivery"
    " WHERE interface LIKE 'put%BusiRegInfoData' AND row_id % 20 = 0",
    "INSERT INTO hotline.order_urge (note_key, urgeid, regino, urgetime, urger, remark, content_hash, written_at)"
    " SELECT key, key, key, '', '', '', content_hash, written_at FROM hotline.delivery"
    " WHERE interface LIKE 'put%BusiRegInfoData' AND row_id % 20 = 1",
    "INSERT INTO hotline.order_deadline (regino, deadline, deadline_text, written_at)"
    " SELECT key, written_at + interval '20 days', 'x', written_at FROM hotline.delivery"
    " WHERE interface LIKE 'put%BusiRegInfoData' AND row_id % 10 = 1",
    "INSERT INTO hotline.operator_action (acted_at, actor, action, delivery_id, interface, key, state_before,"
    " state_after) SELECT discarded_at, 'a', 'discard', row_id, interface, key, state, state FROM hotline.delivery"
    " WHERE discarded_at IS NOT NULL",
    "INSERT INTO hotline.complaint_handling_history SELECT c.*, c.loaded_at, c.loaded_at"
    " FROM hotline.complaint_handling AS c WHERE c.id = '1'",
    "INSERT INTO hotline.complaint_case_history SELECT c.*, c.loaded_at + interval '1 day',"
    " c.loaded_at + interval '1 day' FROM hotline.complaint_case AS c WHERE c.row_id % 2 = 0"
    " AND c.loaded_at < now() - interval '2 days'",
    "INSERT INTO hotline.quarantined_answer (interface, key, content_hash, reasons, raw, state, first_seen_at,"
    " last_seen_at) SELECT 'getTsBusiCaseInfoData', regino, content_hash, '{x}', '{}',"
    " CASE WHEN row_id % 4000 = 0 THEN 'open' ELSE 'replaced' END, loaded_at, loaded_at FROM hotline.complaint_case"
    " WHERE row_id % 400 = 0",
    # Runs come by the clock, so there are as many in a village as in a city.
    "INSERT INTO hotline.run_log (finished_at, dag, subject, taken_in) SELECT at, dag, subject, 2 FROM"
    " (VALUES ('telephony_report', 'callinfo'), ('telephony_report', 'recordinfo'), ('telephony_report', 'seatsignin'),"
    " ('telephony_report', 'satisfaction'), ('order_report', 'putTsBusiRegInfoData'), ('order_report',"
    " 'putJbBusiRegInfoData'), ('order_report', 'putZxBusiRegInfoData'), ('docking_publish', ''), ('alert_watch', ''))"
    " AS d (dag, subject), generate_series(now() - interval '29 days', now() - interval '20 minutes', '1 minute') AS at"
    " ORDER BY 1",
    "INSERT INTO hotline.run_log (finished_at, dag, subject) SELECT at, dag, '' FROM (VALUES ('case_collect'),"
    " ('process_collect'), ('feedback_collect'), ('quality_check')) AS d (dag),"
    " generate_series(now() - interval '29 days', now() - interval '20 minutes', '15 minutes') AS at ORDER BY 1",
    "INSERT INTO hotline.landing (interface, answer_sha256, answer, row_count, requested_at) SELECT 'getCaseLzmx',"
    " sha256(convert_to(at::text, 'UTF8')), convert_to(repeat('x', 3000), 'UTF8'), 10, at"
    " FROM generate_series(now() - interval '29 days', now() - interval '20 minutes', '5 minutes') AS at",
    "INSERT INTO hotline.quality_result (checked_at, day, table_name, rule, window_begin, window_end, severity, passed,"
    " failing_count, checked_count, message_zh) SELECT at, at::date, 'call_log', 'r' || r, at - interval '7 days', at,"
    " 'error', true, 0, 1, '' FROM generate_series(greatest(%(begin)s, now() - interval '183 days'),"
    " now() - interval '20 minutes', '1 hour') AS at, generate_series(1, 100) AS r ORDER BY 1",
    "INSERT INTO hotline.count_reconciliation (checked_at, day, kind, docking_count, delivered_count, platform_count,"
    " local_count, unexplained, state) SELECT at, (at - b * interval '1 day')::date, k, 1, 1, 1, 1, 0, 'agreed'"
    " FROM generate_series(%(begin)s + interval '1 day', now(), '1 day') AS at, generate_series(1, 28) AS b,"
    " unnest(ARRAY['complaint', 'report', 'consultation', 'call_log', 'recording_log', 'seat_login_log',"
    " 'satisfaction_log']) AS k WHERE at - b * interval '1 day' >= %(begin)s - interval '1 day' ORDER BY 1",
    "INSERT INTO hotline.count_location (checked_at, kind, begins, ends, platform_count, local_count) SELECT at,"
    " 'complaint', at - interval '1 day', at - interval '23 hours', 2, 1"
    " FROM generate_series(%(begin)s, now(), '1 day') AS at",
    "INSERT INTO hotline.alert (cause, subject, day, since, count, first_seen_at, last_seen_at, sent_at)"
    " SELECT 'backlog', s::text, at::date, at, 1, at, at, at FROM generate_series(greatest(%(begin)s,"
    " now() - interval '729 days'), now(), '1 day') AS at, generate_series(1, 3) AS s",
)
_WINDOWS = """
INSERT INTO hotline.collection_window (interface, begins, ends, state, row_count, request_count, visited_at, due_at,
    due_because)
SELECT
    %(interface)s, begins,
    least(begins + interval '36 hours', date_trunc('second', now()) - interval '15 minutes'),
    'settled', 450, 1, now() - interval '15 minutes',
    CASE WHEN begins > now() - interval '400 days' THEN now() + interval '1 day' + n * interval '1 minute' END, 'age'
FROM (
    SELECT n, %(begin)s + n * interval '36 hours' AS begins FROM generate_series(0, 2000) AS n
) AS w WHERE begins < now() - interval '16 minutes'
UNION ALL
SELECT %(interface)s, %(begin)s - interval '1 day', %(begin)s, 'settled', 0, 1, %(begin)s, now(), 'age'
"""


def measure_growth(harness: Harness, *, scale: int, tries: int) -> list[Finding]:
    """Each job's blocks, rows and time with the long history, in times of those with the short one.

    Args:
        harness: A server with empty stores.
        scale: Of the city: a scale of 10 has a tenth of its calls and orders.
        tries: Of which the cheapest counts.
    """
    asked = [_asked(harness, months, scale, tries) for months in MONTHS]
    return [_found(job, *(found[job] for found in asked)) for job in asked[0]]


def _found(job: str, short: dict[str, float], long: dict[str, float]) -> Finding:
    blocks, times = (long[what] / max(short[what], 1) for what in ("blocks", "ms"))
    note = (
        f"blocks {short['blocks']:,} → {long['blocks']:,} ({blocks:.2f}), rows {short['rows']:,} → {long['rows']:,},"
        f" {short['ms']:,.0f} → {long['ms']:,.0f} ms ({times:.2f})"
    )
    what, growth = ("time", times) if long["ms"] >= LEAST_MS else ("blocks", blocks)
    name = f"{what} of {job} after {MONTHS[1]} months, by that after {MONTHS[0]}"
    return Finding(name, f"{growth:.2f}", note=note) if job in _ANYWAY else at_most(name, growth, MOST, note=note)


def _asked(harness: Harness, months: int, scale: int, tries: int) -> dict[str, dict[str, float]]:
    harness.renew("docking")
    begin = datetime.now(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=30 * months)
    world = harness.folder / f"world-{months}.jsonl"
    conninfos = [harness.server.conninfo(name) for name in ("docking_try", "local_try")]
    load_reference(conninfos[1])
    fill(*conninfos, begin=begin, months=months, scale=scale, world=world)
    with (
        _no_autovacuum(harness),
        running_sandbox(cpu=PLATFORM_CORE, world=str(world), registime="seconds") as platform,
    ):
        environment = harness.environment(
            platform.base_url, 8, reconcile_days=RECONCILED_DAYS, collect_from=(begin - timedelta(days=1)).isoformat()
        )
        return run("bench.jobs", str(tries), str(harness.folder), environment=environment)


@contextmanager
def _no_autovacuum(harness: Harness) -> Iterator[None]:
    """What the server does on its own meanwhile would be counted as a job's."""
    with connect(harness.server.conninfo("postgres")) as session:
        for setting in ("SET autovacuum = off", "RESET autovacuum"):
            session.execute(f"ALTER SYSTEM {setting}".encode())
            session.execute("SELECT pg_reload_conf()")
            if setting.startswith("SET"):
                yield


def fill(docking: str, local: str, *, begin: datetime, months: int, scale: int, world: Path) -> None:
    """Put a city's months into both stores, as the jobs would have left them.

    Args:
        docking: Connection string of an empty docking store.
        local: Of an empty local store.
        begin: Aware moment of the first row.
        months: How many, until a little before now.
        scale: See `measure_growth`.
        world: File for the orders of the last weeks as the sandbox reads them.
    """
    # The end of a window is asked for with it: nothing is registered in the second in which the oldest one ends.
    first = begin + timedelta(minutes=1)
    span = datetime.now(SHANGHAI) - timedelta(minutes=20) - first
    with connect(docking) as theirs, connect(local) as ours:
        for session in (theirs, ours):
            session.execute("SET synchronous_commit = off")
            session.execute("SET statement_timeout = 0")
            session.execute("SET maintenance_work_mem = '256MB'")
            session.execute("SET work_mem = '128MB'")
        for interface in interfaces_of("telephony"):
            rows = _A_MONTH[str(interface.table)] * months // scale
            columns, values = _LOGS[str(interface.table)]
            _put(theirs, ours, interface, columns, values, "true", first, span / rows, rows)
        orders = _ORDERS_A_MONTH * months // scale
        for kind in order_kinds():
            _put(theirs, ours, kind.put, *_ORDER_ROWS, _KINDS[kind.name], first, span / orders, orders)
        ours.execute(_TRIES)
        at = {"begin": first, "pause": span / orders, "orders": orders}
        for table, (columns, values, which, how) in _ANSWERS.items():
            ours.execute(_answers(table, columns, values, which, how).encode(), at)
        for interface in contract().values():
            if interface.kind == "query":
                ours.execute(_WINDOWS.encode(), {"interface": interface.name, "begin": begin})
        for statement in _OTHERS:
            parameters = at if "%(" in statement else None
            ours.execute(statement.encode(), parameters)
        for session in (theirs, ours):
            session.execute("VACUUM ANALYZE")
            session.execute("CHECKPOINT")
    _tell_world(world, first, span / orders, orders)


def _put(
    theirs: Connection,
    ours: Connection,
    interface: Interface,
    columns: str,
    values: str,
    which: str,
    begin: datetime,
    pause: timedelta,
    rows: int,
) -> None:
    """What 12345 wrote to one docking table, and the versions and typed rows that came of it."""
    moments = {
        "at": "to_char(at, 'YYYYMMDDHH24MISS')",
        "later": "to_char(at + interval '8 hours', 'YYYYMMDDHH24MISS')",
        "text_at": "to_char(at, 'YYYY-MM-DD HH24:MI:SS')",
    }
    statement = _DOCKING.format(table=interface.table, columns=columns, values=values.format(**moments), which=which)
    theirs.execute(statement.encode(), {"begin": begin, "pause": pause, "rows": rows})
    ours.execute(_TAKEN)
    read = sql.SQL(
        "COPY (SELECT d.{key}, sha256(convert_to(row_to_json(whole)::text, 'UTF8')), d.written_at, row_to_json(whole)"
        " FROM {table} AS d CROSS JOIN LATERAL (SELECT {content}) AS whole ORDER BY d.written_at) TO STDOUT"
    ).format(key=sql.Identifier(interface.key_column), table=docking_table(interface), content=body_members(interface))
    with (
        theirs.cursor().copy(read) as came,
        ours.cursor().copy("COPY taken (key, content_hash, at, fields) FROM STDIN") as target,
    ):
        for block in came:
            target.write(block)
    typed = [field for field in interface.request if field.column in columns.split(", ")]
    cells = [
        f"hotline.wire_time(fields ->> '{field.name}')"
        if field.kind in {"time", "timestamp"}
        else f"fields ->> '{field.name}'"
        for field in typed
    ]
    [(base,)] = ours.execute("SELECT coalesce(max(row_id), 0) FROM hotline.delivery").fetchall()
    text = _VERSIONS.format(
        table=interface.table, columns=", ".join(field.column for field in typed), values=", ".join(cells)
    )
    # One in so many. None of the orders: without a newer version of its number, a replaced one would be a loss.
    replaced = 100 if interface.flow == "telephony" else 1
    for statement in text.split(";"):
        parameters = {"base": base, "interface": interface.name, "replaced": replaced}
        ours.execute(statement.encode(), parameters)
    ours.execute("DROP TABLE taken")


def _answers(table: str, columns: str, values: str, which: str, how: str) -> str:
    """The statement that fills one table of answers; `how`: `s` three steps an order, `r` when it was replied to."""
    loaded = _REPLIED if how == "r" else "at + interval '10 minutes'"
    steps = ", generate_series(1, 3) AS s" if how == "s" else ""
    content = _CONTENT.replace("n::text", "n::text || '-' || s") if how == "s" else _CONTENT
    text = f"""
        INSERT INTO hotline.{table} ({columns}, {_KEPT})
        SELECT {values}, {content}, {loaded}
        FROM (
            SELECT n, $begin + n * $pause AS at FROM generate_series(0, $orders - 1) AS n
        ) AS o CROSS JOIN LATERAL (
            SELECT $begin + floor(extract(EPOCH FROM at - $begin) / 129600) * interval '36 hours' AS begins
        ) AS w {steps}
        WHERE {which} AND {loaded} < now() - interval '20 minutes' ORDER BY {loaded}
    """  # noqa: S608  (ours)
    text = text.replace("%", "%%")
    for name in ("begin", "pause", "orders"):
        text = text.replace(f"${name}", f"%({name})s")
    return text


def _tell_world(file: Path, begin: datetime, pause: timedelta, orders: int) -> None:
    """Orders of the last weeks, for the platform to count."""
    since = datetime.now(SHANGHAI) - timedelta(days=RECONCILED_DAYS + 5)
    kinds = {kind.name: kind.case for kind in order_kinds()}
    places = ("complaint", "complaint", "consultation", "report")
    rows = [[{"table": kinds[name].table, "row": required_row(kinds[name])}] for name in places]
    with file.open("w", encoding="utf-8") as told:
        for number in range(max(0, int((since - begin) / pause)), orders):
            registered: Any = (begin + number * pause).astimezone(SHANGHAI)
            order = {"regino": f"B{number:09}", "registered": f"{registered:%Y%m%d%H%M%S}", "rows": rows[number % 4]}
            told.write(json.dumps(order) + "\n")
