from __future__ import annotations

import pickle

import pytest

from hotline_bridge.errors import HotlineError, Quarantined, Refused, StopRun, TryAgainLater


@pytest.mark.parametrize("kind", [TryAgainLater, Refused, StopRun, Quarantined])
def test_a_message_names_interface_key_and_remedy(kind: type[HotlineError]) -> None:
    error = kind("no answer", interface="callinfo", key="4402001", remedy="wait")
    assert str(error) == "callinfo 4402001: no answer; wait"
    assert isinstance(error, HotlineError)
    # Airflow carries exceptions between processes.
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 (our own bytes)
    assert (str(again), again.key, again.remedy) == (str(error), "4402001", "wait")


def test_what_is_not_known_is_left_out() -> None:
    assert str(StopRun("connection is missing")) == "connection is missing"
    assert TryAgainLater("busy", retry_after_s=7.0).retry_after_s == 7.0
