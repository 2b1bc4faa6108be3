"""## Waiting feedback · 反馈收集

Every 5 minutes: feedback that waits on the platform (specification 4.2.5(1), (2) and 4.8.2.1.7.1, .2) is fetched, stored,
and only then acknowledged.

每五分钟一次：取回待取的反馈，先入库，再回执；任何时候中断，下次运行结果相同。

| Task | Does | Red means |
|---|---|---|
| `drain` | fetch → commit → acknowledge, until nothing waits or nothing moves; on schedule, a drain that was empty is asked again after a quarter of an hour | the platform refuses AppId, Token or signature, or the local store broke off or stood still |
| `verdict` | tells what is not whole | a fetch or an acknowledgement brought no usable answer: the next run goes on; or 500 rows that no acknowledgement can name stand before the others: ask the platform to fix them |

**Any re-run is safe**: feedback is kept by content, and what was not acknowledged simply comes again. An order whose
acknowledgement is refused does not hold the others. What an acknowledgement hid is found by `feedback_repair`.

**Params**: `interfaces` narrows the run. A run by form asks every drain, empty before or not.
"""

from __future__ import annotations

from airflow.sdk import DAG

from hotline_bridge.dags.shapes import drain_dags

dags: list[DAG] = drain_dags(
    "feedback_collect",
    flow="feedback",
    schedule="*/5 * * * *",
    description="Waiting feedback is fetched, stored and acknowledged",
    doc_md=__doc__,
    tags=("collect", "feedback"),
)
