"""The life of an order (工单全过程) as a table for staff and as records for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from hotline_bridge.cli.options import printable
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.names import ORDER_KINDS_ZH
from hotline_bridge.timeline import EVENTS, duration_zh

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hotline_bridge.timeline import Event


def as_records(regino: str, events: Sequence[Event]) -> list[dict[str, object]]:
    """One record an event; `seconds` is the time since the event before, null for the first."""
    return [
        {
            "regino": regino,
            "at": event.at.astimezone(SHANGHAI).isoformat(),
            "seconds": seconds,
            "event": event.event,
            "event_zh": EVENTS[event.event],
            "kind": event.kind,
            "detail": event.detail,
            "origin": event.origin,
            "is_exact": event.is_exact,
        }
        for event, seconds in _with_spans(events)
    ]


def as_table(regino: str, events: Sequence[Event]) -> Table:
    """One line an event, with the time that passed since the one before."""
    kinds = dict.fromkeys(event.kind for event in events if event.kind)
    title = f"{'、'.join(ORDER_KINDS_ZH[kind] for kind in kinds)}工单 {printable(regino)} 全过程"
    table = Table(title=title, title_justify="left", caption_justify="left")
    if not all(event.is_exact for event in events):
        table.caption = "* 平台不给出时间，为本系统首次取得的时间"
    for heading in ("时间", "事件", "距上一步", "说明", "来源"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "距上一步" else "left")
    for event, seconds in _with_spans(events):
        word = EVENTS[event.event]
        if len(kinds) > 1 and event.kind:
            word = f"{ORDER_KINDS_ZH[event.kind]}：{word}"
        table.add_row(
            f"{event.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}{'' if event.is_exact else ' *'}",
            word,
            "" if seconds is None else duration_zh(seconds),
            printable(event.detail),
            event.origin,
        )
    return table


def _with_spans(events: Sequence[Event]) -> Iterator[tuple[Event, float | None]]:
    for place, event in enumerate(events):
        yield event, (event.at - events[place - 1].at).total_seconds() if place else None
