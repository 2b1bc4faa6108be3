"""## Handling steps, extensions, urges · 办理过程收集

Every hour: routing, handling steps of complaints and reports, extensions and urges (specification 4.8.2.1.6.1 to .5) come
from the platform into `hotline.case_routing`, `complaint_handling`, `report_handling`, `case_extension`, `case_urge`.

每小时一次：取回流转、办理过程、延期和催办。它们按工单的登记时间查询，而登记之后数月仍会变化，所以旧窗口按时间远近定期重查。

| Task | Does | Red means |
|---|---|---|
| `collect` | asks windows of at most 7 days that are due: hourly up to 7 days of age, every 6 hours up to 30, daily up to 120, weekly beyond while an order is open | the platform refuses AppId, Token or signature, or the local store broke off or stood still |
| `verdict` | tells what is not whole | a window brought no usable answer, asked again several times; or windows wait for one since hours; or more than 500 rows in one second: the log names interface, counts and what to do |

**Any re-run is safe**, also two at once: rows of an order replace its rows only from a whole answer, and a later answer wins.

**Params**: `interfaces` narrows the run; `begin` and `end` visit a stretch of registration time again.
"""

from __future__ import annotations

from airflow.sdk import DAG

from hotline_bridge.dags.shapes import collect_dags

dags: list[DAG] = collect_dags(
    "process_collect",
    flow="process",
    schedule="5 * * * *",
    description="Routing, handling steps, extensions and urges, in windows of at most 7 days",
    doc_md=__doc__,
    tags=("collect", "process"),
)
