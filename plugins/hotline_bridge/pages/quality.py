"""质量: the last check of the tables as wholes, by table and suite, what came before, and keys of rows that failed."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.pages.asked import Asked, NoSuchThing, Shown
from hotline_bridge.quality.report import line_of
from hotline_bridge.quality.results import PastResult, Result, read_check
from hotline_bridge.quality.suites import interfaces_by_table
from hotline_bridge.quality.words import ACROSS, WORDS
from hotline_bridge.reports.charts import Series, lines
from hotline_bridge.reports.files import QUALITY_PAGE
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from psycopg.sql import SQL

    from hotline_bridge.quality.report import Line

SUITES = {False: "逐行规则", True: "跨表与时间检查"}
_DAYS, _CHECKS = 14, 50
_NO_KEYS = frozenset({"columns", "volume", "freshness"})
"""Kinds of which hours or columns are kept."""
_OF_ORDERS = frozenset({"order", "case", "process", "feedback"})
"""Flows whose keys are numbers of orders."""


def show(asked: Asked) -> Shown:
    """The last check, or one rule of it."""
    if "rule" in asked.given:
        return _rule(asked)
    [(checked_at,)] = asked.local.execute(_sql("latest")).fetchall()
    if checked_at is None:
        return Shown("quality.html.j2", {"checked_at": None})
    check = read_check(asked.local, checked_at)
    found = [line_of(past) for past in check.results if past.result.table in interfaces_by_table()]
    return Shown(
        "quality.html.j2",
        {
            "checked_at": checked_at,
            "window": check.window,
            "failing": sorted(
                (line for line in found if line.is_failing), key=lambda line: (line.severity, line.table, line.rule)
            ),
            "suites": _suites(found),
            "counts": _counts(found),
            "report": QUALITY_PAGE,
            **_history(asked),
        },
    )


def _suites(found: list[Line]) -> list[tuple[str, str, dict[str, int]]]:
    def place(line: Line) -> tuple[str, bool]:
        return line.table, line.rule.rpartition(":")[2] in ACROSS

    ordered = sorted(found, key=place)
    return [
        (of_suite[0].table_zh, SUITES[is_across], _counts(of_suite))
        for (_, is_across), group in groupby(ordered, key=place)
        for of_suite in [list(group)]
    ]


def _counts(found: list[Line]) -> dict[str, int]:
    return {
        "规则": len(found),
        "通过": sum(line.mark == "通过" for line in found),
        "错误": sum(line.is_failing and line.severity == "error" for line in found),
        "提醒": sum(line.is_failing and line.severity == "warning" for line in found),
        "未判断": sum(line.mark == "未判断" for line in found),
    }


def _history(asked: Asked) -> dict[str, object]:
    today = datetime.now(SHANGHAI).date()
    days = [today - timedelta(days=n) for n in reversed(range(_DAYS))]
    known = {
        day: (errors, warnings)
        for day, errors, warnings in asked.local.execute(_sql("days"), {"since": days[0], "until": days[-1]})
    }
    history = [(day, *known.get(day, (None, None))) for day in days]
    chart = lines(
        asked.say("最近十四天的质量检查"),
        [f"{day:%m-%d}" for day in days],
        [
            Series(asked.say("错误"), [errors for _, errors, _ in history]),
            Series(asked.say("提醒"), [warnings for _, _, warnings in history]),
        ],
    )
    return {"history": history, "chart": chart}


def _rule(asked: Asked) -> Shown:
    table, rule = asked.given.get("table", ""), asked.given["rule"]
    interface = interfaces_by_table().get(table)
    if interface is None or rule.rpartition(":")[2] not in WORDS:
        raise NoSuchThing("没有这条规则。请回到“质量”。")
    results = asked.local.execute(_sql("rule"), {"table": table, "rule": rule, "limit": _CHECKS}).fetchall()
    if not results:
        raise NoSuchThing("没有这条规则的检查结果。请回到“质量”。")
    _, _, severity, failing, checked, since, keys = results[0]
    line = line_of(PastResult(Result(table, rule, severity, checked, failing, tuple(keys)), since))
    values = {"line": line, "results": results, "keys": keys, "are_orders": interface.flow in _OF_ORDERS}
    values["are_keys"] = rule.rpartition(":")[2] not in _NO_KEYS
    return Shown("quality_rule.html.j2", values)


def _sql(name: str) -> SQL:
    return read_sql("pages/quality.sql", name)
