"""The three kinds of orders (投诉, 举报, 咨询), the tables that their rows stand in, and how common they are."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """`code` is the printed `reginfotype`; `share` of all orders is assumed."""

    code: str
    case: str
    handling: str | None
    feedback: str
    share: float


COMPLAINT = Kind("1", "complaint_case", "complaint_handling", "complaint_feedback", 0.60)
REPORT = Kind("2", "report_case", "report_handling", "report_feedback", 0.15)
CONSULTATION = Kind("3", "consultation_case", None, "consultation_feedback", 0.25)
KINDS = (COMPLAINT, REPORT, CONSULTATION)
