"""The proxy of docs/gateway.md, as it stands there but for places and ports: a real nginx before the gateway."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest

from hotline_bridge.gateway.settings import GatewaySettings
from tests.gateway.conftest import Caller, new_client, running_gateway
from tests.gateway.test_bad_calls import opened
from tests.gateway.test_examples import example

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
pytestmark = [pytest.mark.long, pytest.mark.skipif(NGINX is None, reason="no nginx: apt-get install nginx-light")]


@pytest.fixture
def proxied(local_store: str, tmp_path: Path) -> Iterator[str]:
    """The address of the proxy; it lets in this machine alone, and ten requests beyond its rate."""
    settings = GatewaySettings(trusted_proxies=("127.0.0.1",), connections_per_address=1, failed_per_minute=2)
    made = ["-keyout", tmp_path / "gateway.key", "-out", tmp_path / "gateway.crt", "-subj", "/CN=localhost"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *made], check=True, capture_output=True)
    with running_gateway(local_store, settings) as address, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        text = example("nginx")
        for here, there in {
            "listen 443": f"listen 127.0.0.1:{port}",
            "http://127.0.0.1:12345": address,
            "10.1.2.0/24": "127.0.0.1",
            "rate=100r/s": "rate=1r/s",
            "burst=500": "burst=10",
            "/etc/nginx": str(tmp_path),
            "/var/log/nginx": str(tmp_path),
        }.items():
            assert here in text
            text = text.replace(here, there)
        paths = "".join(
            f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (tmp_path / "nginx.conf").write_text(
            f"daemon off; pid {tmp_path}/pid; events {{}}\nhttp {{ {paths}\n{text} }}", encoding="utf-8"
        )
        nginx = subprocess.Popen([str(NGINX), "-p", tmp_path, "-c", tmp_path / "nginx.conf", "-e", tmp_path / "begin"])
        try:
            while nginx.poll() is None:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    continue
            yield f"https://127.0.0.1:{port}"
        finally:
            nginx.terminate()
            nginx.wait(20)


def test_the_proxy_of_the_page(proxied: str, local_store: str, tmp_path: Path) -> None:
    given = new_client(local_store, "12345")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "gateway.crt"))
    trusting.check_hostname = False
    held = [opened(proxied, b"") for _ in range(3)]
    with httpx.Client(timeout=30, trust_env=False, verify=trusting) as http:
        caller = Caller(proxied, given, http)
        assert caller.fetch() == []
        forged = [{"x-forwarded-for": f"10.9.9.{number}"} for number in range(4)]
        refused = [caller.ask("casefeedback", header="x&y", headers=headers).status_code for headers in forged]
        assert refused == [401, 401, 429, 429]
        assert http.get(f"{proxied}/embed/form/KEY-OF-THE-FORM?regino=NUMBER").status_code == 404
        statuses = Counter(http.get(f"{proxied}/health").status_code for _ in range(20))
        assert set(statuses) == {200, 429}
    for connection in held:
        connection.close()
    logged = "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob("*.log"))
    assert re.search(r"^127\.0\.0\.1 \S+ GET /embed/form 404 ", logged, re.MULTILINE)
    assert not re.search("KEY-OF|NUMBER|x&y", logged + (tmp_path / "begin").read_text(encoding="utf-8"))
    with psycopg.connect(local_store) as session:
        assert session.execute("SELECT count(*) FROM hotline.interaction_log WHERE code = '40103'").fetchall() == [(2,)]
