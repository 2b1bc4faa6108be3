"""## Alerts · 告警

Every five minutes: looks at the local store for what a person should know, and tells it once a cause and day, by mail
(connection `alert_mail`) and by a chat robot (connection `alert_webhook`): authentication refused, platform dead, backlog,
quarantine growing, refusals, nothing from 12345 for longer than usual, a DAG that does not run, findings of quality checks.

每五分钟检查一次运行状况，同一原因每天只通知一次（邮件或群机器人）。

| Task | Does | Red means |
|---|---|---|
| `watch` | looks, records in `hotline.alert`, sends what was not sent today | the local store or a notifier cannot be reached; what was found is told by the next run |

**Any re-run is safe**: what was told today is not told again.

**Params**: none. `hotline alerts` says the same in a terminal; `hotline alerts --send` in cron also notices when Airflow
itself stands still.
"""

from __future__ import annotations

from airflow.sdk import DAG

from hotline_bridge.dags.single import single_dag
from hotline_bridge.hooks.alerts import watch

dag: DAG = single_dag(
    "alert_watch",
    job=watch,
    schedule="*/5 * * * *",
    description="告警: tells once a cause and day what a person should know",
    doc_md=__doc__,
    tags=("operation",),
)
