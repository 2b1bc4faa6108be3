"""What waits for its hour is started once in the first minutes of `make up`: the collection, then a reconciliation."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from hotline_bridge.names import DAG_ZH, displayed
from hotline_sandbox.demo import collected
from hotline_sandbox.demo.pinned import USER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DAGS = (*collected.DAGS, "count_reconciliation")
"""In this order, each after the one before it has ended."""

_UNKNOWN = 404
_TIMEOUT_S = 30.0


class AirflowApi:
    """The API of a running Airflow, as the user of `make up`.

    Every method raises OSError (urllib's HTTPError is one) where it is not there or refuses.

    Args:
        base_url: Of the UI.
        password: Of `pinned.USER`.
    """

    def __init__(self, base_url: str, password: str) -> None:
        self._base_url, self._password = base_url, password
        self._opener = build_opener(ProxyHandler({}))
        self._headers = {"Content-Type": "application/json"}

    def start(self, dag_id: str) -> str | None:
        """Start a run; gives its name, or None while Airflow has not read the DAG."""
        self._sign_in()
        try:
            return str(self._ask(f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None})["dag_run_id"])
        except HTTPError as error:
            if error.code == _UNKNOWN:
                return None
            raise

    def state(self, dag_id: str, run_id: str) -> str:
        """The state of a run: `success` and `failed` are its ends."""
        return str(self._ask(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def pause(self, dag_id: str, *, is_paused: bool) -> None:
        """Pause a DAG, or let it run."""
        self._sign_in()
        self._ask(f"/api/v2/dags/{dag_id}", {"is_paused": is_paused}, "PATCH")

    def _sign_in(self) -> None:
        if "Authorization" not in self._headers:
            token = self._ask("/auth/token", {"username": USER, "password": self._password})["access_token"]
            self._headers["Authorization"] = f"Bearer {token}"

    def _ask(self, path: str, value: object = None, method: str | None = None) -> dict[str, object]:
        body = None if value is None else json.dumps(value).encode()
        request = Request(  # noqa: S310  (our own address)
            f"{self._base_url}{path}", data=body, headers=self._headers, method=method
        )
        with self._opener.open(request, timeout=_TIMEOUT_S) as answer:
            return dict(json.load(answer))


def first_runs(airflow: AirflowApi, say: Callable[[str], None]) -> Iterator[None]:
    """Run `DAGS` one after another; each `next` looks once how far they are. An API that is too busy is asked again."""
    for dag_id in DAGS:
        began, run_id, state = time.monotonic(), None, ""
        while state not in {"success", "failed"}:
            with suppress(OSError):
                run_id = run_id or airflow.start(dag_id)
                state = airflow.state(dag_id, run_id) if run_id else ""
            yield
        word = "done 完成" if state == "success" else "failed 失败: its page says what red means 页面说明红色的含义"
        say(f"{displayed(dag_id, DAG_ZH)}: first run {word} ({time.monotonic() - began:.0f} s)")
