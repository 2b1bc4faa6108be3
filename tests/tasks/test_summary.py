"""The Chinese words of a run: what people read in the task's log and XCom."""

from __future__ import annotations

from hotline_bridge.outbound.status import OPEN_STATES, STATES
from hotline_bridge.tasks.outbound import summary

TAKEN = {"rows": 120, "waiting": 110, "held": 2, "quarantined": 5, "copies": 3, "collected": 120}


def test_a_line_a_log_with_its_numbers() -> None:
    words = summary(
        {"callinfo": TAKEN, "seatsignin": dict.fromkeys(TAKEN, 0)},
        {"callinfo": {"delivered": 108, "rejected": 2, "released": 0}, "seatsignin": {"released": 0}},
        {"callinfo": {"retrying": 4, "quarantined": 9}, "seatsignin": {}},
    )
    assert words.splitlines() == [
        "话务日志：取得 120 行（其中隔离 5，重复 3）；本次已上报 108、平台拒绝 2；目前等待重试 4、已隔离 9。",
        "坐席工作日志：取得 0 行（其中隔离 0，重复 0）；本次无上报；目前没有未了结的。",
    ]


def test_every_state_has_its_word() -> None:
    numbers = dict(zip(STATES, range(1, 100), strict=False))
    still_open = dict(zip(OPEN_STATES, range(11, 100), strict=False))
    words = summary({"callinfo": TAKEN}, {"callinfo": numbers}, {"callinfo": still_open})
    for state, word in STATES.items():
        assert f"{word} {numbers[state]}" in words
    for state, word in OPEN_STATES.items():
        assert f"{word} {still_open[state]}" in words
