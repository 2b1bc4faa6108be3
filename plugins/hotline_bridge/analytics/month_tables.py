"""The tables and charts of the monthly report (分析月报), from the views that analysts read.

Counts below five are left blank, and with them whatever they could be computed from (`analytics.small_cells`). What has
no data, or is divided by nothing, has a word of its own.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from psycopg.rows import dict_row

from hotline_bridge.analytics.frames import WEEK
from hotline_bridge.analytics.month_cells import HIDDEN, NO_BASE, NO_DATA, WRITTEN, Cell, MonthReport, Section
from hotline_bridge.analytics.small_cells import ALL, SMALLEST, sums, to_hide
from hotline_bridge.reports import charts
from hotline_bridge.reports.charts import Series
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence, Set

    from psycopg import Connection

    from hotline_bridge.analytics.month_cells import Captioned, Measure

Row = dict[str, Any]

TELEPHONY = (
    *("calls", "queued_calls", "connection", "connection_with_menu", "answered_within_15_seconds", "given_up"),
    *("waiting", "talking", "call_satisfaction"),
)
ORDERS = (
    *("received", "received_complaint", "received_report", "received_consultation"),
    *("received_telephone", "received_network", "returned", "first_check_in_time", "accepted", "refused"),
    *("accepted_in_time", "filed", "filed_in_time", "finished", "finished_in_time", "finishing_time"),
    *("urged", "extended", "consumption_amount", "repeated_complaints"),
)
OF_UNITS = (
    *("received", "first_check_in_time", "accepted", "accepted_in_time", "filed", "finished", "finished_in_time"),
    "finishing_time",
)
"""Indicators in the order of their tables."""
_MAIN = "received"
"""A unit whose count of orders is blank shows nothing else."""
_DRAWN = ("connection", "answered_within_15_seconds", "received_complaint", "received_report", "received_consultation")
"""Indicators that are drawn over the months."""
_MOST = 10


def read_month(local: Connection, month: date) -> MonthReport:
    """All tables of a month, small counts left blank."""

    def ask(name: str) -> list[Row]:
        with local.cursor(row_factory=dict_row) as cursor:
            query = read_sql("analytics/month_report.sql", name)
            return cursor.execute(query, {"month": month, "smallest": SMALLEST}).fetchall()

    city = {(row["indicator"], row["month"]): row for row in ask("indicators")}
    if all(when != month for _, when in city):
        return MonthReport(month, ())
    received = ask("received")
    units = {(row["unit_name"], row["indicator"]): row for row in ask("units")}
    of_units = _hidden_of_units(units, {name: row for (name, when), row in city.items() if when == month})
    hidden = _hidden_of_received(received) | {(name, month) for unit, name in of_units if unit is ALL}
    hidden |= {place for place, row in city.items() if _is_small(row)}
    known = {name for name, _ in city}
    sections = (
        _indicators(
            "话务指标",
            city,
            [name for name in TELEPHONY if name in known],
            month,
            hidden,
            _calls_by_hour(ask("calls_by_hour")),
        ),
        _satisfaction(ask("satisfaction")),
        _indicators("工单指标", city, [name for name in ORDERS if name in known], month, hidden),
        _kinds([row for row in received if row["month"] == month]),
        _units(units, of_units),
        _units_in_full(units, of_units),
        _classes("投诉举报的问题类别", ask("problem_classes"), month),
        _classes("商品与服务的类别", ask("goods_classes"), month),
        _companies(ask("companies")),
        _meanings({row["indicator"]: row for row in ask("meanings")}),
    )
    return MonthReport(month, [section for section in sections if section.rows])


def _counts(row: Row) -> tuple[int, ...]:
    """The numbers of calls or orders that an indicator shows.

    What a rate leaves over is none of them: how many orders a bureau was late with says nothing of a person.
    """
    shown = (
        (row["numerator"], row["denominator"])
        if row["unit_of_measure"] in ("count", "share")
        else (row["denominator"],)
    )
    return tuple(int(count or 0) for count in shown)


def _is_small(row: Row) -> bool:
    return any(0 < count < SMALLEST for count in _counts(row))


def _hidden_of_received(rows: Sequence[Row]) -> set[tuple[Hashable, date]]:
    """Which of the indicators that are sums over kinds and channels are to be left blank, by month."""
    hidden: set[tuple[Hashable, date]] = set()
    for month in {row["month"] for row in rows}:
        cells: dict[tuple[Hashable, ...], tuple[int, ...]] = {
            (row["kind"], row["channel"]): (row["order_count"],) for row in rows if row["month"] == month
        }
        for place in to_hide(cells):
            if ALL in place:
                hidden.add(("_".join(["received", *(str(part) for part in place if part is not ALL)]), month))
    return hidden


def _hidden_of_units(units: Mapping[tuple[str, str], Row], city: Mapping[str, Row]) -> set[tuple[Hashable, str]]:
    """Which indicators of which unit are to be left blank; those of the unit `ALL` are the city's."""
    hidden: set[tuple[Hashable, str]] = set()
    names = dict.fromkeys(name for _, name in units)
    received: dict[tuple[Hashable, ...], int] | None = None
    for name in sorted(names, key=lambda name: name != _MAIN):
        cells: dict[tuple[Hashable, ...], tuple[int, ...]] = {
            (unit,): _counts(row) for (unit, indicator), row in units.items() if indicator == name
        }
        if name in city:  # what no unit has is a cell as well: whoever has the others could compute it
            of_units = (sum(counts) for counts in zip(*cells.values(), strict=True))
            cells[None,] = tuple(max(0, n - m) for n, m in zip(_counts(city[name]), of_units, strict=True))
        without_main = [(unit,) for (unit, of) in hidden if of == _MAIN]
        blank = to_hide(cells, blank=without_main, at_most=received)
        hidden |= {(unit, name) for (unit,) in blank}
        if name == _MAIN:
            received = {key: counts[0] for key, counts in sums(cells).items() if key not in blank}
    return hidden | {place for place in units if (place[0], _MAIN) in hidden}


def _value(row: Row | None, *, is_hidden: bool = False, note: str = "") -> Cell:
    if row is None:
        return Cell(None)
    if is_hidden:
        return Cell(None, word=HIDDEN)
    return Cell(row["value"], row["unit_of_measure"], NO_BASE if row["denominator"] == 0 else NO_DATA, note)


def _indicators(
    title: str,
    city: Mapping[tuple[str, date], Row],
    names: Sequence[str],
    month: date,
    hidden: Set[tuple[Hashable, date]],
    further: Sequence[Captioned] = (),
) -> Section:
    """A line an indicator, with its change on the month and on the year before."""
    month_before, year_before = (month - timedelta(days=1)).replace(day=1), month.replace(year=month.year - 1)

    def line(name: str) -> list[Cell]:
        rows = [city.get((name, when)) for when in (month, month_before, year_before)]
        blank = [(name, when) in hidden for when in (month, month_before, year_before)]
        known = next(row for (known, _), row in city.items() if known == name)
        own = rows[0]
        changed: Measure = "points" if known["unit_of_measure"] == "share" else "change"

        def part(of: str) -> Cell:
            value = None if own is None or own[of] is None else float(own[of])
            return Cell(None, word=HIDDEN) if blank[0] else Cell(value, "count", "—")

        def change(of: str, place: int) -> Cell:
            if blank[0] or blank[place]:
                return Cell(None, word=HIDDEN)
            return Cell(None if own is None else own[of], changed, "—")

        return [
            Cell(known["indicator_name"]),
            part("numerator"),
            part("denominator"),
            *(_value(row, is_hidden=is_blank) for row, is_blank in zip(rows[:2], blank[:2], strict=True)),
            change("change_on_month", 1),
            _value(rows[2], is_hidden=blank[2]),
            change("change_on_year", 2),
        ]

    months = sorted({when for _, when in city})
    drawn = []
    for measure, what in (("share", "比例"), ("count", "数量")):
        series = []
        for name in names:
            rows = [city.get((name, when)) for when in months]
            if name in _DRAWN and any(row and row["unit_of_measure"] == measure for row in rows):
                values = [
                    row["value"] if row and (name, when) not in hidden else None
                    for row, when in zip(rows, months, strict=True)
                ]
                series.append(Series(next(row["indicator_name"] for row in rows if row), values))
        if series:
            caption = f"{title}：各月{what}"
            labels = [f"{when:%Y-%m}" for when in months]
            drawn.append((caption, charts.lines(caption, labels, series, shown=WRITTEN[measure])))
    headings = ("指标", "分子", "分母", "本月", "上月", "环比", "去年同月", "同比")
    return Section(title, headings, [line(name) for name in names], [*drawn, *further])


def _calls_by_hour(rows: Sequence[Row]) -> list[Captioned]:
    """Empty hours are white: of few calls, no cell tells how many."""
    if not rows:
        return []
    counts = {(row["weekday"], row["hour"]): row["call_count"] for row in rows}
    values = [
        [count if (count := counts.get((weekday, hour), 0)) >= SMALLEST else None for hour in range(24)]
        for weekday in range(1, 8)
    ]
    caption = "来电：星期与小时"
    return [(caption, charts.heat(caption, WEEK, [f"{hour}" for hour in range(24)], values))]


def _satisfaction(rows: Sequence[Row]) -> Section:
    words = {"very_satisfied": "非常满意", "fairly_satisfied": "一般满意", "dissatisfied": "不满意", "other": "其他"}
    found = {words[name.removesuffix("_count")]: count for row in rows for name, count in row.items()}
    hidden = to_hide({(name,): (count,) for name, count in found.items()})
    total = sum(found.values())
    lines = [
        [
            Cell(name),
            Cell(None if (name,) in hidden else count, "count", HIDDEN),
            Cell(None if (name,) in hidden else count / total, "share", HIDDEN),
        ]
        for name, count in found.items()
    ]
    note = "通话后按键评价的是接听服务，不是办理结果。"
    return Section("话务满意度", ("评价", "次数", "占比"), lines, note=note)


def _kinds(rows: Sequence[Row]) -> Section:
    """Kinds by channels, with sums."""
    counts = {(row["kind_name"], row["channel_name"]): row["order_count"] for row in rows}
    hidden = to_hide({place: (count,) for place, count in counts.items()})
    kinds, channels = (list(dict.fromkeys(names)) for names in zip(*counts, strict=True)) if counts else ([], [])

    def cell(kind: Hashable, channel: Hashable) -> Cell:
        fitting = [count for (k, c), count in counts.items() if kind in (k, ALL) and channel in (c, ALL)]
        return Cell(None if (kind, channel) in hidden else sum(fitting), "count", HIDDEN)

    lines = [
        [Cell("合计" if kind is ALL else str(kind)), *(cell(kind, channel) for channel in (*channels, ALL))]
        for kind in (*kinds, ALL)
    ]
    return Section("受理的类型与渠道", ("类型", *map(str, channels), "合计"), lines if kinds else [])


def _units(units: Mapping[tuple[str, str], Row], hidden: Set[tuple[Hashable, str]]) -> Section:
    """A line a unit, a column an indicator, each rate with its numerator and denominator below it."""
    titles = {row["indicator"]: row["indicator_name"] for row in units.values()}
    columns = [name for name in OF_UNITS if name in titles]

    def cell(unit: str, name: str) -> Cell:
        row = units.get((unit, name))
        note = (
            f"{row['numerator']:,.0f} / {row['denominator']:,.0f}"
            if row and row["denominator"] and row["unit_of_measure"] != "count"
            else ""
        )
        return _value(row, is_hidden=(unit, name) in hidden, note=note)

    received = {unit: row["value"] or 0 for (unit, name), row in units.items() if name == _MAIN}
    order = sorted(dict.fromkeys(unit for unit, _ in units), key=lambda unit: (-received.get(unit, 0), unit))
    lines = [[Cell(unit), *(cell(unit, name) for name in columns)] for unit in order]
    name = "finishing_time"
    known = [(unit, shown.value) for unit in order if isinstance((shown := cell(unit, name)).value, float)]
    caption = f"各承办单位：{titles.get(name, '')}（工作日）"
    bars = charts.bars(
        caption, [unit for unit, _ in known], [Series(titles.get(name, ""), [days for _, days in known])]
    )
    drawn = [(caption, bars)] if known else []
    return Section("各承办单位", ("承办单位", *(titles[name] for name in columns)), lines, drawn)


def _units_in_full(units: Mapping[tuple[str, str], Row], hidden: Set[tuple[Hashable, str]]) -> Section:
    """For the spreadsheet: a line a unit and indicator."""
    lines = []
    for place, row in units.items():
        is_hidden = place in hidden
        parts = [
            Cell(None, word=HIDDEN) if is_hidden else Cell(None if row[of] is None else float(row[of]), "count", "")
            for of in ("numerator", "denominator")
        ]
        lines.append([Cell(place[0]), Cell(row["indicator_name"]), *parts, _value(row, is_hidden=is_hidden)])
    headings = ("承办单位", "指标", "分子", "分母", "值")
    return Section("各承办单位全部指标", headings, lines, is_on_page=False)


def _classes(title: str, rows: Sequence[Row], month: date) -> Section:
    """The most frequent classes of the month, beside the month and the year before."""
    months = (month, (month - timedelta(days=1)).replace(day=1), month.replace(year=month.year - 1))
    counts = {(row["name"], row["month"]): row["order_count"] for row in rows}
    hidden = {
        (name, when)
        for when in months
        for (name,) in to_hide({(name,): (count,) for (name, of), count in counts.items() if of == when})
    }

    def count(name: str, when: date) -> Cell:
        is_hidden = (name, when) in hidden
        return Cell(None if is_hidden else counts.get((name, when), 0), "count", HIDDEN)

    def change(name: str, before: date) -> Cell:
        now, then = count(name, month).value, count(name, before).value
        if now is None or then is None:
            return Cell(None, word=HIDDEN)
        return Cell(now / then - 1 if then else None, "change", "—")  # type: ignore[operator]  # counts

    named = [row["name"] for row in rows if row["month"] == month and row["is_named"]]
    top = [name for name in named if (name, month) not in hidden][:_MOST]
    lines = [
        [
            Cell(name),
            count(name, month),
            count(name, months[1]),
            change(name, months[1]),
            count(name, months[2]),
            change(name, months[2]),
        ]
        for name in top
    ]
    series = [Series("本月", [counts[name, month] for name in top])]
    caption = f"{title}：本月"
    drawn = [(caption, charts.bars(caption, top, series))] if top else []
    return Section(title, ("类别", "本月", "上月", "环比", "去年同月", "同比"), lines, drawn)


def _companies(rows: Sequence[Row]) -> Section:
    lines = [
        [
            Cell(row["company_name"]),
            Cell(row["company_credit_code"] or ""),
            Cell(row["spelling_count"], "count"),
            Cell(row["complaint_count"], "count"),
            Cell(None if 0 < row["report_count"] < SMALLEST else row["report_count"], "count", HIDDEN),
        ]
        for row in rows
    ]
    headings = ("企业", "统一社会信用代码", "名称写法", "投诉", "举报")
    note = f"一个月内 {SMALLEST} 次及以上投诉的企业；按信用代码合并，没有代码的按规范化的名称合并。"
    return Section("被反复投诉的企业", headings, lines, note=note)


def _meanings(meanings: Mapping[str, Row]) -> Section:
    lines = [
        [
            Cell(row["indicator_name"]),
            *(Cell(row[of] or "—") for of in ("numerator_meaning", "denominator_meaning", "source")),
        ]
        for name in (*TELEPHONY, *ORDERS)
        if (row := meanings.get(name))
    ]
    note = "比率与平均值是分子除以分母；数量就是分子，分母是它所属的全部。"
    return Section("指标的口径", ("指标", "分子", "分母", "来源"), lines, note=note, is_text=True)
