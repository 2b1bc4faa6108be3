"""## Data quality · 数据质量检查

Every hour: Great Expectations over the typed tables of the local store, by suites that derive from the contract (columns and
types, required and conditional fields, lengths, codes, area, unique keys, plausible times and their order), and by SQL files
(volume and freshness against the same weekday and hour of eight weeks, each recording's and rating's call known, seats signed
in while calls were served). It looks at rows written in the last seven days, and never holds back or changes a row.

每小时检查一次本地库各表的数据质量，生成中文报告；只报告，不拦截、不改动任何一行。

| Task | Does | Red means |
|---|---|---|
| `check` | judges, and keeps every result in `hotline.quality_result` (with keys, never values) | the local store cannot be reached, or a rule could not be run; **not** that something was found |
| `report` | writes the report in Chinese, `quality.html` in `HOTLINE_REPORT_DIR` (质量报告) | the folder cannot be written |
| `verdict` | says in its log what was found: table, rule and count | an error was found: the report says what to do; warnings stay green |

**Any re-run is safe**: a check reads, and adds its results under its own time.

**Params**: `begin` and `end`, the window of rows by the time at which 12345 wrote them, or at which they were loaded from the
platform; by default the last seven days.
`hotline quality` does the same in a terminal.
"""

from __future__ import annotations

from airflow.sdk import DAG

from hotline_bridge.dags.quality import quality_dag

dag: DAG = quality_dag(
    "quality_check",
    description="Great Expectations and SQL checks over the local tables, with a report in Chinese",
    doc_md=__doc__,
)
