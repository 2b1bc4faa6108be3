"""`hotline rollup`: the DAG `analytics_refresh` once, from a terminal, without a limit of time."""

from __future__ import annotations


def rollup() -> None:
    """Compute the analysts' facts, rollups and indicators 分析数据 again, where something changed."""
    from rich.table import Table

    from hotline_bridge.cli.output import render
    from hotline_bridge.tasks.analytics import refresh_rollups

    table = Table("computed\n重算", "orders, days or months\n工单、日期或月份")
    for name, count in refresh_rollups().items():
        table.add_row(name, str(count))
    render(table)
