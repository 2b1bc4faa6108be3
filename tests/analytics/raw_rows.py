"""Rows in the raw tables as the bridge leaves them, from few values, so that they meet each other often."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from hypothesis import strategies as st
from psycopg import sql

from hotline_bridge.clock import SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg import Connection

BEGIN = datetime(2026, 3, 30, 23, 50, tzinfo=SHANGHAI)
"""Just before midnight, and two days before the end of a month."""
MINUTES = (-3.0, 0.0, 0.1, 0.4, 9.0, 12.0, 600.0, 2_000.0, 5_000.0, 15_000.0, 40_000.0)
CALENDAR = tuple(BEGIN.date() + timedelta(days=days) for days in range(-10, 50))

moments = st.sampled_from(MINUTES).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
maybe = st.none() | moments
CALLS, ORDERS, RECORDS, SEATS = ("C1", "C2", "C3"), ("R1", "R2", "R3"), ("r1.wav", "r2.wav"), ("801", "802")
COMPANIES = ("韶关市好又多有限公司", "韶关市 好又多（有限责任公司）", "武江区小吃店", "不详", "")


class Act(NamedTuple):
    """A row that is written, or written anew under its key, or taken away (`values` None)."""

    table: str
    key: Mapping[str, Any]
    values: Mapping[str, Any] | None


def _rows(table: str, key: dict[str, Any], **values: Any) -> st.SearchStrategy[Act]:
    return st.builds(Act, st.just(table), st.fixed_dictionaries(key), st.none() | st.fixed_dictionaries(values))


def _order(kind: str, **values: Any) -> st.SearchStrategy[Act]:
    return _rows(
        f"{kind}_order",
        {"regino": st.sampled_from(ORDERS)},
        registime=maybe,
        workerno=st.sampled_from((*SEATS, "")),
        recordname=st.sampled_from((*RECORDS, "")),
        regunitcode=st.sampled_from(("144020300", "144020400")),
        **values,
    )


_THINGS = {
    "invopart": st.sampled_from(COMPANIES),
    "creditcode": st.sampled_from(("", "91440200MA4UNKNOW1", "-")),
    "appltype": st.sampled_from(("01", "02", "")),
    "goodsobtype": st.sampled_from(("11", "12")),
}
_CASES = {"missing_since": st.none() | st.just(BEGIN)}
_WORDS = st.sampled_from(("已处理", "已 处理\n", ""))
_FEEDBACK = {
    "handdept": st.sampled_from(("甲局", "乙局", "")),
    "dealresult": _WORDS,
    "agent": st.sampled_from(("张三", "")),
    "missing_since": st.none() | st.just(BEGIN),
}
_order_key = {"regino": st.sampled_from(ORDERS)}

acts: st.SearchStrategy[Act] = st.one_of(
    _rows(
        "call_log",
        {"callid": st.sampled_from(CALLS)},
        sourcearea=st.sampled_from(("440203", "440204")),
        calltime=maybe,
        skilltime=maybe,
        ringtime=maybe,
        seattime=maybe,
        calltype=st.sampled_from(("1", "2", "9")),
        callno=st.sampled_from(("13812345678", "匿名")),
    ),
    _rows(
        "recording_log",
        {"recordid": st.sampled_from(("D1", "D2", "D3"))},
        callid=st.sampled_from(CALLS),
        recordname=st.sampled_from((*RECORDS, "")),
        begintime=moments,
        endtime=maybe,
    ),
    _rows(
        "satisfaction_log",
        {"id": st.sampled_from(("S1", "S2", "S3"))},
        callid=st.sampled_from(CALLS),
        sourcearea=st.sampled_from(("440203", "440204")),
        satisfaction=st.sampled_from(("1", "2", "3", "8")),
        opttime=maybe,
    ),
    _rows(
        "seat_login_log",
        {"signid": st.sampled_from(("L1", "L2", "L3", "L4"))},
        seatno=st.sampled_from(SEATS),
        sourcearea=st.just("440203"),
        begintime=moments,
        endtime=maybe,
    ),
    _order("complaint", **_THINGS, consumamount=st.none() | st.integers(0, 999)),
    _order("report", **_THINGS),
    _order("consultation", replyonsite=st.sampled_from(("0", "1"))),
    _rows(
        "complaint_case",
        _order_key,
        registime=maybe,
        **_THINGS,
        **_CASES,
        consumamount=st.sampled_from(("12.50", "约一百", "")),
    ),
    _rows("report_case", _order_key, registime=maybe, **_THINGS, **_CASES),
    _rows("consultation_case", _order_key, registime=maybe, **_CASES, replyonsite=st.sampled_from(("0", "1", ""))),
    _rows(
        "case_routing",
        {"bh": st.sampled_from(ORDERS)},
        zcdate=maybe,
        ccdate=maybe,
        deadline=st.none() | st.sampled_from(CALENDAR),
        jsdept=st.sampled_from(("甲局", "乙局", "")),
    ),
    _rows(
        "complaint_handling",
        {"bh": st.sampled_from(ORDERS)},
        slflag=st.sampled_from(("1", "3", "8")),
        loaded_at=moments,
    ),
    _rows("report_handling", {"bh": st.sampled_from(ORDERS)}, slflag=st.sampled_from(("1", "4")), loaded_at=moments),
    _rows(
        "case_extension",
        {"orderid": st.sampled_from(ORDERS)},
        spdate=maybe,
        olddeadline=st.sampled_from(CALENDAR),
        yqdate=st.sampled_from(CALENDAR),
    ),
    _rows("case_urge", {"id": st.sampled_from(ORDERS)}, cbdate=maybe),
    _rows("complaint_feedback", {"odrno": st.sampled_from(ORDERS)}, loaded_at=moments, **_FEEDBACK),
    _rows(
        "report_feedback",
        {"odrno": st.sampled_from(ORDERS)},
        loaded_at=moments,
        investresult=st.sampled_from(("属实", "")),
        **_FEEDBACK,
    ),
    _rows("consultation_feedback", {"odrno": st.sampled_from(ORDERS)}, loaded_at=moments, **_FEEDBACK),
    _rows(
        "case_feedback",
        {"region": st.sampled_from(ORDERS), "feedbackname": st.sampled_from(("张三", "李四"))},
        feetime=maybe,
        loaded_at=moments,
        feedbackcontent=_WORDS,
        feedbacktel=st.sampled_from(("0751-8880000", "")),
    ),
    _rows("returned_case", {"odrno": st.sampled_from(ORDERS)}, updatetime=maybe, loaded_at=moments),
    _rows(
        "delivery",
        {
            "interface": st.sampled_from(("putTsBusiRegInfoData", "putJbBusiRegInfoData", "putZxBusiRegInfoData")),
            "key": st.sampled_from(ORDERS),
        },
        state=st.sampled_from(("waiting", "delivered", "rejected")),
        settled_at=moments,
        written_at=moments,
        # When a version was settled changes with its state alone; here its message says so.
        message=st.uuids().map(str),
        body_sha256=st.just(b"x"),
    ),
    _rows("calendar_day", {"day": st.sampled_from(CALENDAR[-3:])}, is_workday=st.just(True)),
)
"""Anything that 12345 or the platform may do to one row, late or again."""

_SENT = frozenset({"call_log", "recording_log", "satisfaction_log", "seat_login_log"})


def do(local: Connection, act: Act) -> None:
    """Take away what stands under the key; write the new values, if there are any."""
    table = sql.Identifier("hotline", act.table)
    same = sql.SQL(" AND ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in act.key)
    found = local.execute(sql.SQL("SELECT 1 FROM {} WHERE {}").format(table, same), list(act.key.values())).fetchone()
    if act.values is None and act.table == "delivery":
        return  # a version is never taken away
    if act.values is None:
        local.execute(sql.SQL("DELETE FROM {} WHERE {}").format(table, same), list(act.key.values()))
    elif found:
        values = dict(act.values)
        new = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in values)
        local.execute(
            sql.SQL("UPDATE {} SET {} WHERE {}").format(table, new, same), [*values.values(), *act.key.values()]
        )
    else:
        row = {**_own(act), **act.key, **act.values}
        local.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                table,
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join(sql.Placeholder() * len(row)),
            ),
            list(row.values()),
        )


def _own(act: Act) -> dict[str, Any]:
    """What our own columns of a new row hold."""
    number = int.from_bytes(sha256(repr((act.table, act.key)).encode()).digest()[:4])
    if act.table == "calendar_day":
        return {"workday_number": 10 + (act.key["day"] - CALENDAR[0]).days, "source": "test"}
    if act.table == "delivery":
        return {"content_hash": str(number).encode()}
    if act.table in _SENT or act.table.endswith("_order"):
        return {"row_id": number, "written_at": BEGIN}
    return {"content_hash": str(number).encode(), "source": "test", "requested_at": BEGIN, "loaded_at": BEGIN}


def prepare(local: Connection) -> None:
    """The calendar, limits, and meanings of steps: some days lack, as a year that was not announced does."""
    local.cursor().executemany(
        "INSERT INTO hotline.calendar_day (day, is_workday, workday_number, source) VALUES (%s, %s, %s, 'test')",
        [
            (day, day.weekday() < 5, sum(one.weekday() < 5 for one in CALENDAR[: place + 1]))
            for place, day in enumerate(CALENDAR[:-3])
        ],
    )
    local.execute(
        "INSERT INTO hotline.time_limit (stage, kind, working_days, due_soon_days, clock, source, source_date) VALUES"
        " ('acceptance', 'complaint', 7, 2, 'earlier', 't', '2026-01-01'),"
        " ('acceptance', 'report', 7, 2, 'earlier', 't', '2026-01-01'),"
        " ('filing', 'report', 15, 2, 'earlier', 't', '2026-01-01'),"
        " ('handling', 'complaint', NULL, 2, 'earlier', 't', '2026-01-01'),"
        " ('handling', 'report', NULL, 2, 'earlier', 't', '2026-01-01'),"
        " ('handling', 'consultation', NULL, 2, 'earlier', 't', '2026-01-01')"
    )
    local.execute(
        "INSERT INTO hotline.handling_meaning (kind, slflag, meaning, source, source_date) VALUES"
        " ('complaint', '3', 'refused', 't', '2026-01-01'), ('complaint', '8', 'other', 't', '2026-01-01'),"
        " ('complaint', '*', 'accepted', 't', '2026-01-01'), ('report', '4', 'filed', 't', '2026-01-01'),"
        " ('report', '*', 'accepted', 't', '2026-01-01')"
    )
    local.execute(
        "INSERT INTO hotline.standard_data"
        " (category, category_zh, code, name, valid_from, valid_to, source, source_date)"
        " VALUES ('area', '行政区划', '440203', '武江区', NULL, '2026-03-30', 't', '2026-01-01'),"
        " ('area', '行政区划', '440203', '新武江区', '2026-03-31', NULL, 't', '2026-01-01')"
    )
