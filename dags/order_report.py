"""## Orders to the platform · 工单上报

Within seconds: what 12345 wrote into the docking store (complaint, report and consultation orders; specification 4.8.2.1.4)
goes to the national 12315 platform, at least once, nothing lost. Supplements (补单) and the bureau's completions (补全) are
applied to an order and sent as its newest content; urges (催办) and seats (坐席) are kept in step (4.2.1, 4.7, 4.8.1.1).

数秒之内：把 12345 写入对接库的投诉、举报、咨询工单上报全国 12315 平台，不丢一件；补单和市场监管部门的补全叠加在工单上一并上报，
催办与坐席信息同步到本地。红色的含义见下表；任何一次运行都可以放心重跑。

| Task | Does | Red means |
|---|---|---|
| `take_in_and_deliver` | docking rows → versions in the local store; good ones wait (or are `held` for the audit), bad ones are quarantined with reasons; then supplements, urges and seats. Sends what is due, new and old, and records each result. Then it watches: what comes is passed on within seconds, until the next run does so. Its XCom `return_value`: counts of this run and what is still open, per kind of order; `in_words`: the same in Chinese 中文小结 | a database, a table or a right is missing, a table is locked, or a store broke off: the log's last line says which, `hotline check` says more; the other tables were taken in, and what waited was sent. The platform refuses AppId, Token or signature, or gave no usable answer to anything of one kind: that is sent again by itself |

**The newest run is still running**: it watches, and the next one takes over a minute later (`HOTLINE_LOOK_S`). A run by hand ends with its
work. 最新一次运行处于“运行中”属正常：它在守候新数据，一分钟后由下一次接替。

**Any re-run is safe**, also two at once: rows are claimed in the database, equal content is never sent again, and what was
cut off is due again after its claim has run out. An order is sent twice only when its answer was lost.

With the extra `audit_required` of connection `platform_12315` every new version is `held` 暂存 until somebody decides:
`hotline audit list`. A badly written number (credit code, identity, phone, unknown seat) is flagged 存疑 and holds nothing
back. `hotline status order` shows where every docking row is; `hotline order complete` fills in what is missing.

**Params**: `interfaces` narrows the run to some kinds of order; `begin` and `end` read a window of docking rows again.
"""

from __future__ import annotations

from airflow.sdk import DAG

from hotline_bridge.dags.outbound import outbound_dags

dags: list[DAG] = outbound_dags(
    "order_report",
    flow="order",
    description="Complaint, report and consultation orders to the 12315 platform",
    doc_md=__doc__,
    tags=("report", "order"),
)
