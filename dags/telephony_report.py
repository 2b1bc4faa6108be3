"""## Telephony logs to the platform · 话务日志上报

Every minute: what 12345 wrote into the docking store (call, recording, seat login and satisfaction logs; specification
4.2.3 and 4.2.6) goes to the national 12315 platform, at least once, nothing lost.

每分钟一次：把 12345 写入对接库的话务、录音、坐席工作、满意度四类日志上报全国 12315 平台，不丢一条。红色的含义见下表；任何一次运行都可以放心重跑。

| Task | Does | Red means |
|---|---|---|
| `intake` | docking rows → versions in the local store; good rows wait, bad ones are quarantined with reasons; then `collected_at` is set | a database, a table or a right is missing, or a table is locked: the log's last line says which, `hotline check` says more; the other tables were taken in |
| `deliver` | sends what is due, new and old, and records each result | the platform refuses AppId, Token or signature, or the local store broke off or stood still |
| `summary` | counts of this run and what is still open, per log (XCom `return_value`, and in Chinese words `in_words` 中文小结) | one of the two before it failed, or the platform gave no usable answer to anything of one kind: it is sent again by itself |

**Any re-run is safe**, also two at once: rows are claimed in the database, equal content is never sent again, and what was
cut off is due again after its claim has run out. A record is sent twice only when its answer was lost.

A platform that is down does not turn this red: records wait (`open_retrying`) and go out when it is back.
`hotline status` shows where every docking row is.

**Params**: `interfaces` narrows the run to some logs; `begin` and `end` read a window of docking rows again.
"""

from __future__ import annotations

from airflow.sdk import DAG

from hotline_bridge.dags.outbound import outbound_dags

dags: list[DAG] = outbound_dags(
    "telephony_report",
    flow="telephony",
    description="Call, recording, seat login and satisfaction logs to the 12315 platform",
    doc_md=__doc__,
    tags=("report", "telephony"),
)
