"""The latest report of reconciliation (对账报告): one HTML page in Chinese, and the same as CSV for a spreadsheet.

Neither holds an order number or personal data: days, kinds and counts alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

import pandas as pd  # type: ignore[import-untyped]  # pandas ships no types

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.names import ORDER_KINDS_ZH
from hotline_bridge.reconcile.chart import chart_of
from hotline_bridge.reconcile.state import read_state
from hotline_bridge.reconcile.words import (
    COUNT_ZH,
    EXPLAINED_ZH,
    KIND_ZH,
    LOG_KINDS_ZH,
    NOT_ORDERS,
    REMEDY_ZH,
    REPAIR_ZH,
    STATE_ZH,
    UNEXPLAINED,
    reasons,
    words_of,
)
from hotline_bridge.reports.files import RECONCILIATION_PAGE, RECONCILIATION_ROWS, minute, template, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from psycopg import Connection

    from hotline_bridge.reconcile.evaluate import State
    from hotline_bridge.reconcile.state import LatestCheck, Location, Reconciliation

DAYS = 45
STATES: tuple[State, ...] = ("open", "incomplete", "unknown", "agreed")

_MOST_LOCATIONS = 12
_MOST_REPAIRS = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def report(local: Connection, folder: Path, now: datetime, days: int = DAYS) -> dict[str, int]:
    """Write the page and the CSV of what is known now.

    Args:
        local: Session on the local store, in autocommit.
        folder: The folder of reports (`reports.files.report_folder`).
        now: Aware.
        days: How many of the last days it shows; older ones where they do not agree.

    Returns:
        Days times kinds, by state.

    Raises:
        StopRun: A file cannot be written.
    """
    state = read_state(local, now.astimezone(SHANGHAI).date() - timedelta(days=days))
    write_report(state, folder / RECONCILIATION_PAGE, now)
    write_csv(state, folder / RECONCILIATION_ROWS)
    return {name: state.count(name) for name in STATES}


def write_report(state: Reconciliation, file: Path, now: datetime) -> None:
    """Write the page in one step. Raises StopRun where it cannot be written."""
    write_whole(file, render(state, now))


def write_csv(state: Reconciliation, file: Path) -> None:
    """Write the checks in one step, as a spreadsheet in Chinese opens it. Raises StopRun where it cannot be written."""
    write_whole(file, csv_text(state), encoding="utf-8-sig")


def render(state: Reconciliation, now: datetime) -> str:
    """The page as HTML text.

    Args:
        state: What is known.
        now: Aware; when the page is made.
    """
    headline = headline_of(state)
    differences = [check for check in state.checks if check.state in {"open", "incomplete"}]
    by_kind = {
        kind: [check for check in state.checks if check.kind == kind and check.day >= state.since] for kind in KIND_ZH
    }
    return template("hotline_bridge.reconcile").render(
        made_at=minute(now),
        checked_at=minute(max(check.checked_at for check in state.checks)) if state.checks else "",
        since=state.since,
        counts={name: state.count(name) for name in STATES},
        headline=headline,
        missing=spans(state.missing),
        uncollected=spans(state.uncollected),
        unjudged=[
            (title, spans([day for day, unjudged in state.unjudged if unjudged == kind]))
            for kind, title in ORDER_KINDS_ZH.items()
            if any(unjudged == kind for _, unjudged in state.unjudged)
        ],
        unjudged_items=_unjudged_items(state),
        differences=[_difference(check) for check in differences],
        unknown=[
            (KIND_ZH.get(kind, kind), spans([check.day for check in state.checks if _is_unknown(check, kind)]))
            for kind in ORDER_KINDS_ZH
            if any(_is_unknown(check, kind) for check in state.checks)
        ],
        charts=[
            (title, chart_of(title, by_kind[kind]), by_kind[kind])
            for kind, title in ORDER_KINDS_ZH.items()
            if by_kind[kind]
        ],
        logs=[(title, by_kind[kind]) for kind, title in LOG_KINDS_ZH.items() if by_kind[kind]],
        places=_places(check for kind in LOG_KINDS_ZH for check in by_kind[kind]),
        repairs=[
            (
                minute(repair.checked_at),
                repair.day,
                KIND_ZH.get(repair.kind, repair.kind),
                words_of(repair.counts, REPAIR_ZH),
                repair.state,
            )
            for repair in state.repairs[:_MOST_REPAIRS]
        ],
        repairs_beyond=max(0, len(state.repairs) - _MOST_REPAIRS),
        explained_zh=EXPLAINED_ZH,
        reasons={(check.day, check.kind): reasons(check.kind, check.explained) for check in state.checks},
        count_zh=COUNT_ZH,
        state_zh=STATE_ZH,
        remedy_zh=REMEDY_ZH,
        csv_file=RECONCILIATION_ROWS,
    )


@dataclass(frozen=True, slots=True)
class Headline:
    """What the page says first."""

    look: Literal["bad", "warn", "good", "wait"]
    """`wait`: nothing is wrong, and nothing is judged yet."""
    text: str


def headline_of(state: Reconciliation) -> Headline:
    """The verdict on all days together. What nobody has judged is not green; it is no alarm while it may still wait."""
    differing, unknown, agreed = (
        state.count("open") + state.count("incomplete"),
        state.count("unknown"),
        state.count("agreed"),
    )
    if differing:
        also = f"；另有 {unknown} 项没有得到平台数量" if unknown else ""
        return Headline("bad", f"有 {differing} 项数量不符，需要处理{also}")
    unjudged = [
        f"{unknown} 项没有得到平台数量" if unknown else "",
        f"{len(state.missing)} 天从未核对" if state.missing else "",
        f"{len(state.unjudged)} 项没有判定" if state.unjudged else "",
    ]
    waits = f"{len(state.uncollected)} 天从未核对，正在首次收集" if state.uncollected else ""
    if said := "，".join(filter(None, (*unjudged, waits))):
        return Headline("warn" if any(unjudged) else "wait", f"没有发现差异；{said}")
    orders = [check for check in state.checks if check.kind in ORDER_KINDS_ZH]
    if not orders:
        logs = f"话务日志全部相符：{agreed:,} 项；工单尚未收集，" if agreed else "尚未核对："
        return Headline("wait", f"{logs}首次收集（case_collect）完成后，下次核对给出结果")
    if not any(any(check.counts.values()) for check in orders):
        return Headline("wait", f"没有工单可以核对：{len(orders):,} 项的四个数量都是 0")
    return Headline("good", f"全部相符：{agreed:,} 项")


def _unjudged_items(state: Reconciliation) -> int:
    return len(ORDER_KINDS_ZH) * (len(state.missing) + len(state.uncollected)) + len(state.unjudged)


@dataclass(frozen=True, slots=True)
class Difference:
    """A check that does not agree, as the page shows it."""

    day: date
    kind: str
    state: State
    counts: tuple[int | None, ...]
    unexplained: int
    made_of: Sequence[tuple[str, int]]
    explained: Sequence[tuple[str, int]]
    since: str
    repair: Sequence[tuple[str, int]]
    locations: Sequence[str]
    locations_beyond: int
    remedies: Sequence[str]


def _difference(check: LatestCheck) -> Difference:
    made_of = {name: count for name, count in check.explained.items() if name in UNEXPLAINED | NOT_ORDERS}
    explained = {name: count for name, count in check.explained.items() if name not in made_of}
    return Difference(
        day=check.day,
        kind=KIND_ZH.get(check.kind, check.kind),
        state=check.state,
        counts=tuple(check.counts.values()),
        unexplained=check.unexplained or 0,
        made_of=words_of(made_of, EXPLAINED_ZH),
        explained=words_of(explained, EXPLAINED_ZH),
        since=minute(check.since or check.checked_at),
        repair=words_of(check.repair, REPAIR_ZH),
        locations=[_located(location) for location in check.locations[:_MOST_LOCATIONS]],
        locations_beyond=max(0, len(check.locations) - _MOST_LOCATIONS),
        remedies=[REMEDY_ZH[name] for name in check.situations],
    )


def _is_unknown(check: LatestCheck, kind: str) -> bool:
    return check.kind == kind and check.state == "unknown"


def _located(location: Location) -> str:
    begins, ends = (moment.astimezone(SHANGHAI) for moment in (location.begins, location.ends))
    until = "" if ends - begins <= timedelta(minutes=1) else f" 至 {ends:%H:%M}"
    return f"{begins:%H:%M}{until}（平台 {location.platform_count}，本地 {location.local_count}）"


def _places(checks: Iterable[LatestCheck]) -> list[str]:
    """The names under which rows of telephony are found, in the order of the words."""
    found = {name for check in checks for name, count in check.explained.items() if count}
    return [*(name for name in EXPLAINED_ZH if name in found), *sorted(found - EXPLAINED_ZH.keys())]


def spans(days: Sequence[date]) -> list[str]:
    """Days in order as few words: those that follow each other from the first to the last."""
    found: list[list[date]] = []
    for day in days:
        if found and day - found[-1][-1] == timedelta(days=1):
            found[-1].append(day)
        else:
            found.append([day])
    return [f"{span[0]}" if len(span) == 1 else f"{span[0]} 至 {span[-1]}（{len(span)} 天）" for span in found]


def csv_text(state: Reconciliation) -> str:
    """The checks, one a line: day, kind, state, counts, all that explains the difference, repair, what to do."""
    checks = state.checks
    named = pd.DataFrame(
        {
            "日期": [check.day.isoformat() for check in checks],
            "类别": [KIND_ZH.get(check.kind, check.kind) for check in checks],
            "状态": [STATE_ZH[check.state] for check in checks],
        }
    )
    counts = pd.DataFrame([check.counts for check in checks], columns=list(COUNT_ZH), dtype="Int64")
    judged = pd.DataFrame(
        {
            "未解释": pd.array([check.unexplained for check in checks], dtype="Int64"),
            "差异的原因": [reasons(check.kind, check.explained) for check in checks],
        }
    )
    found = {name for check in checks for name in check.explained}
    places = [*(name for name in EXPLAINED_ZH if name in found), *sorted(found - EXPLAINED_ZH.keys())]
    explained = pd.DataFrame([check.explained for check in checks], columns=places, dtype="Int64").fillna(0)
    done = pd.DataFrame(
        {
            "始于": [minute(check.since) if check.since else "" for check in checks],
            "核对时间": [minute(check.checked_at) for check in checks],
            "修复": ["；".join(f"{word} {n}" for word, n in words_of(check.repair, REPAIR_ZH)) for check in checks],
            "处理": [" ".join(REMEDY_ZH[name] for name in check.situations) for check in checks],
        }
    )
    parts = [named, counts.rename(columns=COUNT_ZH), judged, explained.rename(columns=EXPLAINED_ZH), done]
    table = pd.concat([part.astype(object).map(_safe) for part in parts], axis=1).rename(columns=_safe)
    return str(table.to_csv(index=False, lineterminator="\r\n"))


def _safe(cell: object) -> object:
    """A text that a spreadsheet would run as a formula becomes a mere text; numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
