"""## What an acknowledgement hid · 反馈补漏

Every day: the feedback queries (specification 4.2.5(3) and 4.8.2.1.7.3) are asked window by window, and feedback that is not
there yet is added. An acknowledgement names an order, not a feedback: one that arrives between fetch and acknowledgement
is hidden by it, and would be lost.

每天一次：按登记时间查询反馈，补上被回执掩盖的条目；`added`（新增）即补回的条数。

| Task | Does | Red means |
|---|---|---|
| `collect` | asks the windows that are due: daily up to 30 days of age, every 3 days up to 120, then every two weeks while an order is open | the platform refuses AppId, Token or signature, or the local store broke off or stood still |
| `verdict` | tells what is not whole | a window brought no usable answer, asked again several times; or windows wait for one since hours; or more than 500 rows in one second: the log names interface, counts and what to do |

**Any re-run is safe**: feedback is only added, by content.

**Params**: `interfaces` narrows the run; `begin` and `end` visit a stretch of registration time again.
"""

from __future__ import annotations

from airflow.sdk import DAG

from hotline_bridge.dags.shapes import collect_dags

dags: list[DAG] = collect_dags(
    "feedback_repair",
    flow="feedback",
    schedule="40 2 * * *",
    description="Finds feedback that an acknowledgement hid",
    doc_md=__doc__,
    tags=("collect", "feedback"),
    repair=True,
)
