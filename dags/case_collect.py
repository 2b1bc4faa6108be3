"""## Cases from the platform · 工单收集

Every 15 minutes: registered complaints, reports and consultations, and returned orders (specification 4.8.2.1.5.1 to .4)
come from the national 12315 platform into `hotline.complaint_case`, `report_case`, `consultation_case`, `returned_case`.

每十五分钟一次：从全国 12315 平台取回登记的投诉、举报、咨询和退回的工单。平台一次最多给 500 行且不能翻页，取满时自动细分时间窗口，不漏一条。

| Task | Does | Red means |
|---|---|---|
| `collect` | asks the windows of registration time that are due; a full answer is asked again in parts; each answer replaces the rows of its orders, what it replaced goes to `<table>_history` | the platform refuses AppId, Token or signature, or the local store broke off or stood still |
| `verdict` | tells what is not whole | a window brought no usable answer, asked again several times; or windows wait for one since hours; or more than 500 orders in one second, of which the rest cannot be had: the log names interface, counts and what to do |

**Any re-run is safe**, also two at once: an answer that was asked for earlier never overwrites a later one, and the same
answer twice changes nothing. A platform that is down turns this red; what was stored stays, and windows stay due
(`hotline.collection_window`) until a later run is green.

**Params**: `interfaces` narrows the run; `begin` and `end` visit a stretch of registration time again.
"""

from __future__ import annotations

from airflow.sdk import DAG

from hotline_bridge.dags.shapes import collect_dags

dags: list[DAG] = collect_dags(
    "case_collect",
    flow="case",
    schedule="*/15 * * * *",
    description="Complaints, reports, consultations and returned orders, window by window",
    doc_md=__doc__,
    tags=("collect", "case"),
)
