"""## Results back to 12345 · 结果回写

Within seconds: what 12345 is to read of its orders goes from the local store into the docking store, where it differs
(specification 4.1.2, 4.2.4, 4.2.7 to 4.2.18, 4.5): order status, returns, routing, acceptance and filing, feedback, subject,
object, contents, standard data.

数秒之内：把工单状态、退回、流转、受理立案、反馈、主体、客体、内容和标准数据写入对接库，只写有变化的行，供 12345 定时读取。
某张表写不进去不影响其他表，下一次运行会再试。

| Task | Does | Red means |
|---|---|---|
| `publish` | looks at the orders that changed since, at none twice; rows that are right already are not touched; once a day every order is compared, 2,000 a pass. Then it watches for further changes until the next run does | a database, table or right is missing, locked or read-only, or a row is refused: the log says which. All other tables are written, no order is half written, and the next run tries the rest again |

**The newest run is still running**: it watches, and the next one takes over a minute later (`HOTLINE_LOOK_S`). 最新一次运行处于“运行中”属正常：
它在守候变化，一分钟后由下一次接替。

**Any re-run is safe**, also after somebody changed or emptied a table by hand: the daily comparison, or `hotline publish --whole`,
fixes it.

**Params**: none.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG

from hotline_bridge.dags.policy import look_s
from hotline_bridge.dags.shapes import work_dags
from hotline_bridge.tasks import publish as publishing

DAG_ID = "docking_publish"


def publish(_params: dict[str, Any]) -> dict[str, int]:
    """Write to the docking store what differs there; rows written or removed, by table."""
    return publishing.publish(DAG_ID, look_s())


dags: list[DAG] = work_dags(
    DAG_ID,
    publish,
    is_noted=False,
    schedule="* * * * *",
    watches=True,
    description="Order status, returns, routing, acceptance, feedback and contents for 12345 to read",
    doc_md=__doc__,
    tags=("publish",),
)
