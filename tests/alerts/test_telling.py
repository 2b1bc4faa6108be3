"""What was told is written notifier by notifier, as each takes it; what was not is told later, of today alone, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.alerts import notifiers, telling
from hotline_bridge.alerts.conditions import CONDITIONS, Alert, Severity, find_alerts
from hotline_bridge.alerts.limits import Limits
from hotline_bridge.alerts.telling import MOST_MESSAGES, record, tell
from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from psycopg import Connection

    from tests.fixtures import Stores


@pytest.fixture
def local(stores: Stores) -> Iterator[Connection]:
    with connect(stores.local) as connection:
        connection.execute("UPDATE hotline.deployment SET installed_at = now()")
        yield connection


@dataclass
class Listener:
    """A notifier that remembers what it was told, message by message, and does as it is told."""

    name: str = "alert_mail"
    most: int = 1_000
    error: Exception | None = None
    before: Callable[[], object] = lambda: None
    messages: list[list[str]] = field(default_factory=list)

    def send(self, cases: Sequence[Alert]) -> Sequence[Alert]:
        self.before()
        if self.error:
            raise self.error
        taken = list(cases)[: self.most]
        self.messages.append([f"{case.cause} {case.subject} {case.count}" for case in taken])
        return taken

    @property
    def told(self) -> list[str]:
        return [line for message in self.messages for line in message]


def case(cause: str = "backlog", subject: str = "callinfo", count: int = 3, newest: datetime | None = None) -> Alert:
    return Alert(cause, subject, datetime(2026, 11, 24, 1, 0, tzinfo=UTC), count, newest)


def tomorrow(local: Connection) -> None:
    local.execute("UPDATE hotline.alert SET day = day - 1")


@pytest.mark.edge
def test_one_alert_a_cause_subject_and_day(local: Connection) -> None:
    listener = Listener()
    for count in (3, 4, 5):
        record(local, [case(count=count)])
        tell(local, [listener])
    record(local, [case(subject="recordinfo"), case("refused")])
    tell(local, [listener])
    assert listener.told == ["backlog callinfo 3", "backlog recordinfo 3", "refused callinfo 3"]
    counts = local.execute("SELECT count FROM hotline.alert WHERE subject = 'callinfo' AND cause = 'backlog'")
    assert counts.fetchall() == [(5,)]
    tomorrow(local)
    record(local, [case()])
    assert len(tell(local, [listener]).alerts) == 1, "a new day tells what still holds"


@pytest.mark.parametrize("error", [TryAgainLater("dead"), StopRun("wrong"), ValueError("odd"), OSError("gone")])
def test_a_dead_notifier_repeats_nothing_to_the_others(local: Connection, error: Exception) -> None:
    first, dead, last = Listener("a"), Listener("alert_webhook", error=error), Listener("c")
    for _ in range(4):
        record(local, [case(), case("refused")])
        assert set(tell(local, [first, dead, last]).failures) == {"alert_webhook"}
    assert first.told == last.told == ["backlog callinfo 3", "refused callinfo 3"]
    dead.error = None
    assert tell(local, [first, dead, last]).failures == {}
    assert dead.told == first.told
    assert tell(local, [first, dead, last]).alerts == frozenset()


def test_who_is_set_up_later_is_told_todays_alone_and_the_most_severe_first(local: Connection) -> None:
    mail, robot = Listener(), Listener("alert_webhook", most=1)
    record(local, [case("silence"), case("refused")])
    tomorrow(local)
    record(local, [case("quality_finding", "call_log calltype:code"), case("audit_waiting"), case("unauthorized")])
    tell(local, [mail])
    tell(local, [mail, robot])
    assert len(mail.messages) == 1
    causes = [line.split()[0] for line in robot.told]
    assert sorted(causes) == ["audit_waiting", "quality_finding", "unauthorized"]
    tell(local, [robot])
    assert len(robot.told) == 3


def test_a_notifier_that_takes_little_at_once_is_told_the_rest_by_the_next_watch(local: Connection) -> None:
    record(local, [case(subject=f"s{number}") for number in range(MOST_MESSAGES + 3)])
    robot = Listener("alert_webhook", most=1)
    tell(local, [robot])
    assert len(robot.messages) == MOST_MESSAGES
    robot.most = 0  # it asks to be left alone
    assert tell(local, [robot]).failures == {}
    assert find_alerts(local, Limits(), ["notifier_dead"]) == []
    robot.most = 1
    tell(local, [robot])
    assert len(set(robot.told)) == len(robot.told) == MOST_MESSAGES + 3


def test_what_was_taken_before_a_failure_stays_told(local: Connection) -> None:
    robot = Listener("alert_webhook", most=1)
    robot.before = lambda: setattr(robot, "error", TryAgainLater("full") if robot.messages else None)
    record(local, [case(), case("refused")])
    assert set(tell(local, [robot]).failures) == {"alert_webhook"}
    robot.before, robot.error = lambda: None, None
    tell(local, [robot])
    assert robot.told == ["backlog callinfo 3", "refused callinfo 3"]


def test_a_dead_notifier_is_a_case_until_it_was_told(local: Connection) -> None:
    dead = Listener("alert_webhook", error=TryAgainLater("dead"))
    record(local, [case(), case("refused")])
    tell(local, [dead])
    (found,) = find_alerts(local, Limits(), ["notifier_dead"])
    assert (found.subject, found.count) == ("alert_webhook", 2)
    record(local, [found])
    dead.error = None
    tell(local, [dead])
    assert dead.told == ["backlog callinfo 3", "refused callinfo 3"], "that it was dead is for the others"
    assert find_alerts(local, Limits(), ["notifier_dead"]) == []


def test_one_that_asks_to_be_left_alone_for_an_hour_is_dead(local: Connection) -> None:
    record(local, [case()])
    tell(local, [Listener("alert_webhook", most=0)])
    assert find_alerts(local, Limits(), ["notifier_dead"]) == []
    local.execute("UPDATE hotline.alert_told SET asked_at = asked_at - interval '61 minutes'")
    assert [found.subject for found in find_alerts(local, Limits(), ["notifier_dead"])] == ["alert_webhook"]


def test_a_notifier_that_hangs_is_given_up_and_the_others_are_told(
    local: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifiers, "SEND_S", 0.2)
    released = Event()
    hanging, living = Listener("alert_mail", before=released.wait), Listener("alert_webhook")
    record(local, [case()])
    told = tell(local, [hanging, living])
    released.set()
    assert "no answer within 0.2 s" in str(told.failures["alert_mail"])
    assert living.told == ["backlog callinfo 3"]


def test_two_watchers_at_once_tell_nobody_twice(local: Connection, stores: Stores) -> None:
    record(local, [case(subject=f"s{number}") for number in range(9)])
    robot = Listener("alert_webhook", most=1)

    def watch() -> None:
        with connect(stores.local) as session:
            tell(session, [robot])

    robot.before = lambda: time.sleep(0.01)  # both are in the middle of it
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: watch(), range(4)))
    assert sorted(robot.told) == sorted({*robot.told})
    assert len(robot.told) == 9


KILLED = """
import os, sys
from pathlib import Path
from hotline_bridge.alerts.telling import tell
from hotline_bridge.store.database import connect

class Mail:
    name = "alert_mail"
    def send(self, cases):
        with Path(sys.argv[2]).open("a") as box:
            box.write("mail\\n")
        return cases

class Robot:
    name = "alert_webhook"
    def send(self, cases):
        os.kill(os.getpid(), int(sys.argv[3]))

tell(connect(sys.argv[1]), [Mail(), Robot()])
"""


def test_a_kill_while_one_is_told_repeats_nothing_to_another(local: Connection, stores: Stores, tmp_path: Path) -> None:
    record(local, [case()])
    box = tmp_path / "box"
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, stores.local, str(box), str(signal.SIGKILL.value)],
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert done.returncode == -signal.SIGKILL
    assert box.read_text() == "mail\n"
    robot = Listener("alert_webhook")
    tell(local, [robot])
    assert robot.told == ["backlog callinfo 3"]


def test_what_is_told_once_is_told_again_only_when_more_came(local: Connection) -> None:
    def given_up(day: int, count: int) -> Alert:
        return case("refused_for_good", count=count, newest=datetime(2026, 11, day, tzinfo=UTC))

    mail = Listener()
    record(local, [given_up(20, 2)])
    tomorrow(local)
    record(local, [given_up(20, 2)])
    tell(local, [mail])
    assert mail.told == ["refused_for_good callinfo 2"], "nobody was told yesterday"
    for _ in range(3):
        tomorrow(local)
        record(local, [given_up(20, 2)])
        tell(local, [mail])
    assert len(mail.told) == 1
    record(local, [given_up(21, 2)])  # one was discarded, another came
    tell(local, [mail])
    assert len(mail.told) == 2
    record(local, [given_up(22, 3)])  # on the same day, after it was told
    tell(local, [mail])
    tomorrow(local)
    record(local, [given_up(22, 3)])
    tell(local, [mail])
    assert mail.told[1:] == ["refused_for_good callinfo 2", "refused_for_good callinfo 3"]
    tomorrow(local)
    record(local, [given_up(22, 1)])
    tell(local, [mail])
    assert len(mail.told) == 3
    record(local, [given_up(22, 4)])  # one whose time is earlier was written down later
    tell(local, [mail])
    assert len(mail.told) == 4


def test_the_end_of_a_refused_versions_week_is_told_once(local: Connection) -> None:
    insert = (
        "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body_sha256, first_refused_at,"
        " settled_at) VALUES ('callinfo', %s, '', 'rejected', now(), '', now() - interval '8 days', now())"
    )
    mail = Listener()
    for key in ("1", "2"):
        local.execute(insert, [key])
        for _ in range(4):
            record(local, find_alerts(local, Limits()))
            tell(local, [mail])
            tomorrow(local)
    assert mail.told == ["refused_for_good callinfo 1", "refused_for_good callinfo 2"]


def test_a_cause_of_another_version_hinders_nobody(local: Connection) -> None:
    record(local, [case()])
    local.execute("UPDATE hotline.alert SET cause = 'gone'")
    record(local, [case()])
    listener = Listener()
    tell(local, [listener])
    assert listener.told == ["backlog callinfo 3"]


def test_what_does_not_get_through_is_told_before_what_is_odd() -> None:
    severities = {cause: condition.severity for cause, condition in CONDITIONS.items()}
    assert severities["unauthorized"] == Severity.SEVERE < severities["refused"] < severities["quality_finding"]
    assert telling.MOST_MESSAGES < 20, "robots take 20 a minute"
