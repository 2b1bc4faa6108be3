"""## Alerts · 告警

Every five minutes: looks at the local store for what a person should know, and tells it once a cause and day, by mail
(connection `alert_mail`) and by a chat robot (connection `alert_webhook`): authentication refused, platform dead, backlog,
a DAG that stopped or never ran, refusals, nothing from 12345 for longer than usual, findings of quality checks.

Each of the two is told for itself, what is most severe first, all subjects of one cause as one entry. One that takes nothing
repeats nothing to the other; it is named to the other, and is told the rest of today's alerts once it works again.

每五分钟检查一次运行状况，同一原因每天只通知一次（邮件和群机器人分别记录，严重的在前）。其中一个失效时，由另一个通知；恢复后补发当天未送达的。

| Task | Does | Red means |
|---|---|---|
| `watch` | looks, records in `hotline.alert`, tells what was not told today | the local store or a notifier cannot be used: the last line names it and the remedy. Whoever could be told was told |

**Any re-run is safe**: what was told today is not told again.

**Params**: none. `hotline alerts` says the same in a terminal; `hotline alerts --send` in cron also notices when Airflow
itself stands still, and tells when the local store is down.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG

from hotline_bridge.dags.shapes import work_dags
from hotline_bridge.tasks import alerts


def watch(_params: dict[str, Any]) -> dict[str, int]:
    """Look for what a person should know, and tell it."""
    return alerts.watch()


dags: list[DAG] = work_dags(
    "alert_watch",
    watch,
    schedule="*/5 * * * *",
    description="Tells once a cause and day what a person should know",
    doc_md=__doc__,
    tags=("operation",),
)
