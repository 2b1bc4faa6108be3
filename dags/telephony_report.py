"""## Telephony logs to the platform · 话务日志上报

Within seconds: what 12345 wrote into the docking store (call, recording, seat login and satisfaction logs; specification
4.2.3 and 4.2.6) goes to the national 12315 platform, at least once, nothing lost.

数秒之内：把 12345 写入对接库的话务、录音、坐席工作、满意度四类日志上报全国 12315 平台，不丢一条。红色的含义见下表；任何一次运行都可以放心重跑。

| Task | Does | Red means |
|---|---|---|
| `take_in_and_deliver` | docking rows → versions in the local store; good rows wait, bad ones are quarantined with reasons; then `collected_at` is set. Sends what is due, new and old, and records each result. Then it watches: what comes is passed on within seconds, until the next run does so. Its XCom `return_value`: counts of this run and what is still open, per log; `in_words`: the same in Chinese 中文小结 | a database, a table or a right is missing, a table is locked, or a store broke off: the log's last line says which, `hotline check` says more; the other tables were taken in, and what waited was sent. The platform refuses AppId, Token or signature, or gave no usable answer to anything of one kind: that is sent again by itself |

**The newest run is still running**: it watches, and the next one takes over a minute later (`HOTLINE_LOOK_S`). A run by hand ends with its
work. 最新一次运行处于“运行中”属正常：它在守候新数据，一分钟后由下一次接替。

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
