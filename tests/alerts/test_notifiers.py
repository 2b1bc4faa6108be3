"""Alerts through a real mail server and a real webhook, set up by Airflow connections as in a deployment."""

from __future__ import annotations

import base64
import email
import hashlib
import hmac
import json
import socket
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller
from psycopg.conninfo import conninfo_to_dict
from typer.testing import CliRunner

from hotline_bridge.alerts import notifiers as notifiers_module
from hotline_bridge.alerts.conditions import CONDITIONS, Alert
from hotline_bridge.alerts.entries import entries
from hotline_bridge.cli.main import app
from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.store.database import connect
from hotline_bridge.tasks.alerts import AlertNotifier, look, notifiers, watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aiosmtpd.smtp import Envelope

    from tests.fixtures import Stores

SECRET = "SEC-robot-secret"


class Robot(BaseHTTPRequestHandler):
    """Takes what is posted, up to what a robot of its kind takes, and answers as it is told."""

    received: list[tuple[str, dict[str, Any]]]
    answer: bytes
    kind: str
    a_minute: int

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message = json.loads(body)
        if (self.kind == "wecom" and len(message["markdown"]["content"].encode()) > 4_096) or len(body) > 20_000:
            self.reply(b'{"errcode": 40058, "errmsg": "exceed max length"}')
        elif len(self.received) >= self.a_minute:
            self.reply(b'{"errcode": 45009, "errmsg": "api freq out of limit"}')
        else:
            type(self).received.append((self.path, message))
            self.reply(self.answer)

    def reply(self, answer: bytes) -> None:
        self.send_response(302 if answer == b"elsewhere" else 200)
        if self.answer == b"elsewhere":
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def robot() -> Iterator[tuple[str, type[Robot]]]:
    handler = type("ThisRobot", (Robot,), {"received": [], "answer": b'{"errcode": 0}', "kind": "", "a_minute": 20})
    server = HTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/robot/send?key=robot-key", handler
    server.shutdown()
    server.server_close()


class Postbox:
    """Keeps the mails it is handed."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802  (aiosmtpd calls it so)
        self.mails.append(envelope)
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mail_server() -> Iterator[tuple[int, Postbox]]:
    postbox = Postbox()
    controller = Controller(postbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port, postbox
    finally:
        controller.stop()


def set_webhook(monkeypatch: pytest.MonkeyPatch, url: str, **fields: object) -> None:
    extra = fields.pop("extra", {})
    value = {"conn_type": "http", "host": url, "extra": json.dumps(extra), **fields}
    monkeypatch.setenv("AIRFLOW_CONN_ALERT_WEBHOOK", json.dumps(value))


def set_mail(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    extra = {"to": "duty@city.invalid", "from_email": "bridge@city.invalid", "disable_ssl": True, "disable_tls": True}
    value = {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": json.dumps(extra)}
    monkeypatch.setenv("AIRFLOW_CONN_ALERT_MAIL", json.dumps(value))


def subject(mail: Envelope) -> str:
    message = email.message_from_bytes(mail.content or b"")
    return str(make_header(decode_header(message["Subject"])))


def page(mail: Envelope) -> str:
    message = email.message_from_bytes(mail.content or b"")
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/html"]
    return part.get_payload(decode=True).decode()


@pytest.fixture
def backlog(monkeypatch: pytest.MonkeyPatch, stores: Stores) -> Stores:
    """A store with something to tell: a version that has waited for a day."""
    parts = conninfo_to_dict(stores.local)
    fields = {"host": "host", "port": "port", "login": "user", "password": "password", "schema": "dbname"}
    value = {"conn_type": "postgres", **{name: parts[ours] for name, ours in fields.items()}}
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", json.dumps(value))
    with connect(stores.local) as local:
        local.execute("UPDATE hotline.deployment SET installed_at = now()")
        local.execute(
            "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body_sha256, taken_in_at)"
            " VALUES ('callinfo', '440203000001', '', 'waiting', now(), '', now() - interval '1 day')"
        )
    return stores


def test_mail(monkeypatch: pytest.MonkeyPatch, backlog: Stores) -> None:
    with mail_server() as (port, postbox):
        extra = {"to": ["duty@city.invalid", "data@city.invalid"], "from_email": "bridge@city.invalid"}
        extra |= {"disable_ssl": True, "disable_tls": True}
        value = {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": json.dumps(extra)}
        monkeypatch.setenv("AIRFLOW_CONN_ALERT_MAIL", json.dumps(value))
        assert watch() == {"backlog": 1, "sent": 1}
        assert watch() == {"backlog": 1, "sent": 0}
    (mail,) = postbox.mails
    assert mail.rcpt_tos == ["duty@city.invalid", "data@city.invalid"]
    assert subject(mail) == "【12315 对接】待上报积压"
    text = page(mail)
    assert "1 条等待上报超过时限" in text
    assert "处理：" in text
    assert "440203000001" not in text


def test_a_mail_server_that_is_down_is_tried_again(monkeypatch: pytest.MonkeyPatch, backlog: Stores) -> None:
    with mail_server() as (port, _):
        pass
    extra = {"to": "duty@city.invalid", "from_email": "bridge@city.invalid", "disable_ssl": True, "disable_tls": True}
    value = {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": json.dumps(extra | {"retry_limit": 0})}
    monkeypatch.setenv("AIRFLOW_CONN_ALERT_MAIL", json.dumps(value))
    with pytest.raises(TryAgainLater, match="alert_mail does not take the alert"):
        watch()
    AlertNotifier()({})  # a callback never fails a task a second time


def test_a_dead_robot_repeats_no_mail_and_is_named_in_one(
    monkeypatch: pytest.MonkeyPatch, backlog: Stores, robot: tuple[str, type[Robot]]
) -> None:
    url, handler = robot
    set_webhook(monkeypatch, url, extra={"format": "wecom"})
    handler.answer = b"<html>502</html>"
    with mail_server() as (port, postbox):
        set_mail(monkeypatch, port)
        for _ in range(5):
            with pytest.raises(TryAgainLater, match="alert_webhook does not take the message"):
                watch()
        assert [subject(mail) for mail in postbox.mails] == ["【12315 对接】待上报积压", "【12315 对接】告警无法送达"]
        assert "alert_webhook：今天有 1 条告警没有送达" in page(postbox.mails[1])
        handler.answer = b'{"errcode": 0}'
        assert watch()["sent"] == 1
        assert watch()["sent"] == 0
        assert len(postbox.mails) == 2
    told = "".join(body["markdown"]["content"] for _, body in handler.received[-1:])
    assert "■ 待上报积压" in told
    assert "告警无法送达" not in told


def test_a_connection_that_is_set_up_wrong_hinders_no_other(
    monkeypatch: pytest.MonkeyPatch, backlog: Stores, robot: tuple[str, type[Robot]]
) -> None:
    url, handler = robot
    set_webhook(monkeypatch, url)
    monkeypatch.setenv("AIRFLOW_CONN_ALERT_MAIL", json.dumps({"conn_type": "smtp", "host": "mail.invalid"}))
    monkeypatch.setenv("HOTLINE_ALERT_LIMITS", "nonsense")
    with pytest.raises(StopRun, match=r"HOTLINE_ALERT_LIMITS cannot be read.*alert_mail names nobody"):
        watch()
    told = [body["title"] for _, body in handler.received]
    assert told == ["【12315 对接】待上报积压", "【12315 对接】告警无法送达"]


def test_a_mail_server_that_hangs_is_given_up(
    monkeypatch: pytest.MonkeyPatch, backlog: Stores, robot: tuple[str, type[Robot]]
) -> None:
    monkeypatch.setattr(notifiers_module, "SEND_S", 0.3)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        set_mail(monkeypatch, listening.getsockname()[1])
        set_webhook(monkeypatch, robot[0])
        with pytest.raises(TryAgainLater, match="alert_mail gave no answer within"):
            watch()
    assert len(robot[1].received) == 2


def many_findings(stores: Stores, count: int) -> None:
    """So many causes that no robot takes all of them at once: one of `count` subjects, each in long Chinese words."""
    with connect(stores.local) as local:
        local.execute(
            "INSERT INTO hotline.alert (cause, subject, day, since, count)"
            " SELECT cause, subject || n, (now() AT TIME ZONE 'Asia/Shanghai')::date, now(), n"
            " FROM generate_series(1, %s) AS n, (VALUES (%s::text[])) AS known (causes), unnest(causes) AS cause,"
            " (VALUES (repeat('登记单位', 20))) AS long (subject)",
            [count, [cause for cause in CONDITIONS if cause != "store_down"]],
        )


@pytest.mark.parametrize(("kind", "least"), [("wecom", 4), ("dingtalk", 2)])
def test_pieces_are_what_the_robot_takes(
    monkeypatch: pytest.MonkeyPatch, backlog: Stores, robot: tuple[str, type[Robot]], kind: str, least: int
) -> None:
    url, handler = robot
    handler.kind = kind
    set_webhook(monkeypatch, url, extra={"format": kind})
    many_findings(backlog, 4)
    while watch()["sent"]:
        pass
    texts = [body["markdown"].get("content", body["markdown"].get("text")) for _, body in handler.received]
    assert least <= len(texts) < 20
    entries = [entry for text in texts for entry in text.split("\n\n")]
    titles = [entry.splitlines()[0].removeprefix("■ ").split("（")[0] for entry in entries]
    expected = sorted((c for k, c in CONDITIONS.items() if k != "store_down"), key=lambda c: c.severity)
    assert titles == [condition.title for condition in expected], "each cause once and whole, most severe first"
    assert all("处理：" in entry for entry in entries)


def test_a_single_cause_that_is_too_long_is_cut_and_says_so(
    monkeypatch: pytest.MonkeyPatch, backlog: Stores, robot: tuple[str, type[Robot]]
) -> None:
    url, handler = robot
    handler.kind = "wecom"
    set_webhook(monkeypatch, url, extra={"format": "wecom"})
    watch()
    with connect(backlog.local) as local:
        local.execute(
            "INSERT INTO hotline.alert (cause, subject, day, since, count)"
            " VALUES ('silence', repeat('长', 5000), (now() AT TIME ZONE 'Asia/Shanghai')::date, now(), 1)"
        )
    assert watch()["sent"] == 1
    text = handler.received[-1][1]["markdown"]["content"]
    assert 4_000 < len(text.encode()) <= 4_096
    assert text.endswith("…（过长已截短，全文见 hotline alerts）")


def test_a_robot_that_has_enough_for_now_is_told_the_rest_by_the_next_watch(
    monkeypatch: pytest.MonkeyPatch, backlog: Stores, robot: tuple[str, type[Robot]]
) -> None:
    url, handler = robot
    handler.kind, handler.a_minute = "wecom", 2
    set_webhook(monkeypatch, url, extra={"format": "wecom"})
    many_findings(backlog, 4)
    assert watch()["sent"] > 0
    assert watch()["sent"] == 0, "and no error: it is alive"
    handler.a_minute = 20
    assert watch()["sent"]
    with connect(backlog.local) as local:
        assert local.execute("SELECT count(*) FROM hotline.alert_told WHERE sent_at IS NULL").fetchall() == [(0,)]


@pytest.fixture
def no_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A local store that is down."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    value = {"conn_type": "postgres", "host": "127.0.0.1", "port": free_port(), "login": "u", "schema": "local"}
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", json.dumps(value))


@pytest.mark.usefixtures("no_store")
def test_that_the_store_is_down_is_told_without_it_once_a_day(
    monkeypatch: pytest.MonkeyPatch, robot: tuple[str, type[Robot]]
) -> None:
    url, handler = robot
    set_webhook(monkeypatch, url)
    with mail_server() as (port, postbox):
        set_mail(monkeypatch, port)
        handler.answer = b'{"errcode": 310000}'
        for _ in range(3):
            done = CliRunner().invoke(app, ["alerts", "--send"])
            assert isinstance(done.exception, TryAgainLater), "and the command ends with its sentence"
        assert [subject(mail) for mail in postbox.mails] == ["【12315 对接】本地库不可用"]
        refused = len(handler.received)
        handler.answer = b"ok"
        for _ in range(2):
            with pytest.raises(TryAgainLater, match="cannot be reached"):
                watch()
        assert len(handler.received) == refused + 1, "who could not be told is told later"


def test_a_store_without_tables_is_told_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, backlog: Stores, robot: tuple[str, type[Robot]]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    set_webhook(monkeypatch, robot[0])
    with connect(backlog.local) as local:
        local.execute("DROP SCHEMA hotline CASCADE")
    with pytest.raises(StopRun, match="hotline migrate"):
        watch()
    assert [body["title"] for _, body in robot[1].received] == ["【12315 对接】本地库不可用"]


def test_the_log_of_a_failed_task_holds_no_alerts_about_other_things(
    backlog: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    why = TryAgainLater("database docking_db cannot be reached", remedy="run hotline check")
    with caplog.at_level("INFO"):
        AlertNotifier()({"exception": why})
        assert "待上报积压" not in caplog.text
        last = caplog.records[-1].getMessage()
        assert last == "TryAgainLater: database docking_db cannot be reached; run hotline check"
        watch()
        assert "待上报积压" in caplog.text


@pytest.mark.usefixtures("no_store")
def test_the_log_of_a_failed_task_ends_with_its_own_remedy_though_nobody_can_be_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level("INFO"):
        AlertNotifier()({"exception": TryAgainLater("x", remedy="run hotline check")})
    assert [record.getMessage() for record in caplog.records][-1] == "TryAgainLater: x; run hotline check"


def test_a_store_that_stands_still_is_told_as_down(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, backlog: Stores, robot: tuple[str, type[Robot]]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("hotline_bridge.tasks.alerts.LOOK_S", 1.0)
    set_webhook(monkeypatch, robot[0])
    with connect(backlog.local) as local, local.transaction():
        local.execute("LOCK TABLE hotline.alert")
        done = CliRunner().invoke(app, ["alerts", "--send"])
    assert isinstance(done.exception, TryAgainLater)
    assert [body["title"] for _, body in robot[1].received] == ["【12315 对接】本地库不可用"]


def test_a_paused_dag_is_told_at_once_and_as_nothing_else(monkeypatch: pytest.MonkeyPatch, backlog: Stores) -> None:
    with connect(backlog.local) as local:
        local.execute("UPDATE hotline.deployment SET installed_at = now() - interval '15 minutes'")
    off = {"telephony_report": True, "quality_check": True, "order_report": False}
    monkeypatch.setattr("hotline_bridge.hooks.airflow_admin.paused", lambda _dags: off)
    told = [(case.cause, case.subject) for case in look() if case.cause in {"paused", "not_running"}]
    assert told == [
        ("paused", "telephony_report"),
        ("paused", "quality_check"),
        ("not_running", "docking_publish"),
        ("not_running", "order_report"),
    ]
    assert watch()["paused"] == 2


def test_the_command_says_each_cause_once(monkeypatch: pytest.MonkeyPatch, backlog: Stores) -> None:
    with connect(backlog.local) as local:
        local.execute(
            "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body_sha256, taken_in_at)"
            " VALUES ('recordinfo', '1', '', 'waiting', now(), '', now() - interval '1 day')"
        )
    done = CliRunner().invoke(app, ["alerts"], catch_exceptions=False)
    assert done.exit_code == 1
    (line,) = done.output.splitlines()
    assert line.startswith("严重 待上报积压（2 项）：")
    assert "（callinfo）：1 条等待上报超过时限；另有 " in line
    assert "（recordinfo） 1。" in line
    assert "处理：运行 hotline status" in line


def test_many_subjects_of_one_cause_are_one_line() -> None:
    since = datetime(2026, 11, 30, 9, tzinfo=UTC)
    (entry,) = entries([Alert("bad_answers", name, since, count) for count, name in enumerate(contract(), 1)])
    assert entry.line.count(f"今天有 {len(contract())} 行平台应答违反规定") == 1
    assert f"等共 {len(contract())} 项" in entry.line
    assert "\n" not in entry.line
    assert len(entry.line) < 600


@pytest.mark.parametrize(
    ("kind", "path"), [("wecom", ("markdown", "content")), ("dingtalk", ("markdown", "text")), ("generic", ("text",))]
)
def test_robots(
    monkeypatch: pytest.MonkeyPatch, backlog: Stores, robot: tuple[str, type[Robot]], kind: str, path: tuple[str, ...]
) -> None:
    url, handler = robot
    set_webhook(monkeypatch, url, extra={"format": kind})
    assert watch()["sent"] == 1
    ((_, body),) = handler.received
    for name in path:
        body = body[name]
    assert "■ 待上报积压\n话务日志（callinfo）：1 条等待上报超过时限。" in str(body)


def test_dingtalk_signature(monkeypatch: pytest.MonkeyPatch, backlog: Stores, robot: tuple[str, type[Robot]]) -> None:
    url, handler = robot
    set_webhook(monkeypatch, url, password=SECRET, extra={"format": "dingtalk"})
    watch()
    query = parse_qs(urlsplit(handler.received[0][0]).query)
    assert query["key"] == ["robot-key"]
    moment = query["timestamp"][0]
    digest = hmac.new(SECRET.encode(), f"{moment}\n{SECRET}".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(digest).decode()]


def test_an_own_template(monkeypatch: pytest.MonkeyPatch, backlog: Stores, robot: tuple[str, type[Robot]]) -> None:
    url, handler = robot
    set_webhook(monkeypatch, url, extra={"template": '{"subject": $title, "lines": [$text]}'})
    watch()
    assert handler.received[0][1]["subject"] == "【12315 对接】待上报积压"


@pytest.mark.parametrize("answer", [b'{"errcode": 310000, "errmsg": "sign not match"}', b"elsewhere"])
def test_a_robot_that_refuses_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, backlog: Stores, robot: tuple[str, type[Robot]], answer: bytes
) -> None:
    url, handler = robot
    handler.answer = answer
    set_webhook(monkeypatch, url, password=SECRET)
    with pytest.raises(TryAgainLater) as caught:
        watch()
    assert "robot-key" not in str(caught.value)
    assert SECRET not in str(caught.value)
    assert len(handler.received) == 1, "a redirect is not followed"
    handler.answer = b"ok"
    assert watch()["sent"] == 1


def test_without_any_connection_it_is_recorded_and_kept(backlog: Stores) -> None:
    assert watch() == {"backlog": 1, "sent": 0}
    with connect(backlog.local) as local:
        assert local.execute("SELECT cause FROM hotline.alert").fetchall() == [("backlog",)]
        assert local.execute("SELECT FROM hotline.alert_told").fetchall() == []


@pytest.mark.parametrize(
    ("url", "extra", "words"),
    [
        ("", {}, "lacks host"),
        ("ftp://robot.invalid", {}, "is no address"),
        ("http://robot.invalid", {"format": "pigeon"}, "unknown format"),
    ],
)
def test_a_webhook_that_is_set_up_wrong(
    monkeypatch: pytest.MonkeyPatch, url: str, extra: dict[str, str], words: str
) -> None:
    set_webhook(monkeypatch, url, extra=extra)
    (broken,) = notifiers()
    with pytest.raises(StopRun, match=words):
        broken.send([])


def test_a_mail_that_names_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_ALERT_MAIL", json.dumps({"conn_type": "smtp", "host": "mail.invalid"}))
    (broken,) = notifiers()
    with pytest.raises(StopRun, match="names nobody"):
        broken.send([])
