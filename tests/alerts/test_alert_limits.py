"""A deployment sets its own limits in one environment variable; a mistake in it is told, not ignored."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hotline_bridge.alerts.limits import ENVIRONMENT, Limits, limits_of_deployment
from hotline_bridge.errors import StopRun


def test_without_the_variable_the_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    assert limits_of_deployment() == Limits()


def test_what_is_named_is_set_and_the_rest_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        ENVIRONMENT, '{"backlog_limit": 90, "quarantine_share": 0.5, "longest_pause": {"maintenance": 3000}}'
    )
    limits = limits_of_deployment()
    assert (limits.backlog_limit, limits.quarantine_share) == (timedelta(minutes=90), 0.5)
    assert dict(limits.longest_pause) == {**dict(Limits().longest_pause), "maintenance": timedelta(minutes=3000)}
    assert limits.silence_limit == Limits().silence_limit


@pytest.mark.parametrize(
    "text", ["90", "[]x", '{"backlog": 1}', '{"backlog_limit": "1"}', '{"backlog_limit": 0}', '{"longest_pause": 3}']
)
def test_what_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(ENVIRONMENT, text)
    with pytest.raises(StopRun, match=ENVIRONMENT):
        limits_of_deployment()
