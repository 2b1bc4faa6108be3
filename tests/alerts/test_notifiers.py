"""Alerts through a real mail server and a real webhook, set up by Airflow connections as in a deployment."""

from __future__ import annotations

import base64
import email
import hashlib
import hmac
import json
import socket
from contextlib import contextmanager
from email.header import decode_header, make_header
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller
from psycopg.conninfo import conninfo_to_dict

from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.hooks.alerts import AlertNotifier, notifiers, watch
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiosmtpd.smtp import Envelope

    from tests.conftest import Stores

SECRET = "SEC-robot-secret"


class Robot(BaseHTTPRequestHandler):
    """Takes what is posted, and answers as it is told."""

    received: list[tuple[str, dict[str, Any]]]
    answer: bytes

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).received.append((self.path, json.loads(body)))
        self.send_response(302 if self.answer == b"elsewhere" else 200)
        if self.answer == b"elsewhere":
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def robot() -> Iterator[tuple[str, type[Robot]]]:
    handler = type("ThisRobot", (Robot,), {"received": [], "answer": b'{"errcode": 0}'})
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


@pytest.fixture
def backlog(monkeypatch: pytest.MonkeyPatch, stores: Stores) -> Stores:
    """A store with something to tell: a version that has waited for a day."""
    parts = conninfo_to_dict(stores.local)
    fields = {"host": "host", "port": "port", "login": "user", "password": "password", "schema": "dbname"}
    value = {"conn_type": "postgres", **{name: parts[ours] for name, ours in fields.items()}}
    monkeypatch.setenv("AIRFLOW_CONN_LOCAL_DB", json.dumps(value))
    with connect(stores.local) as local:
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
    message = email.message_from_bytes(mail.content or b"")
    assert str(make_header(decode_header(message["Subject"]))) == "【12315 对接】待上报积压"
    (part,) = [part for part in message.walk() if part.get_content_type() == "text/html"]
    text = part.get_payload(decode=True).decode()
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
    assert "■ 待上报积压\n话务日志上报模块（callinfo）：1 条等待上报超过时限。" in str(body)


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
        assert local.execute("SELECT cause, sent_at FROM hotline.alert").fetchall() == [("backlog", None)]


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
    with pytest.raises(StopRun, match=words):
        notifiers()


def test_a_mail_that_names_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_ALERT_MAIL", json.dumps({"conn_type": "smtp", "host": "mail.invalid"}))
    with pytest.raises(StopRun, match="names nobody"):
        notifiers()
