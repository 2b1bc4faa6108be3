"""`make up`: the whole system on one machine, with the UI of Airflow, until Ctrl-C or `make down`.

An embedded PostgreSQL, the sandbox platform with a world of orders that lives on, Airflow with its scheduler, sample
logs and orders that trickle in, the gateway with 12345's page that embeds the order form, and a bureau that audits the
orders and deals with them (`staff`). Everything lies in one folder and stays there; every process listens on 127.0.0.1
alone and ends with this one.
"""

from __future__ import annotations

import argparse
import math
import os
import secrets
import shlex
import signal
import sys
import time
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.errors import HotlineError
from hotline_bridge.outbound.status import STATES, TARGET_S, read_latency
from hotline_bridge.store.database import connect
from hotline_sandbox.demo import collected
from hotline_sandbox.demo.airflow import PROJECT, AirflowHome, bridge_connections
from hotline_sandbox.demo.embedding import start_embedding
from hotline_sandbox.demo.first_runs import AirflowApi, first_runs
from hotline_sandbox.demo.holder import hold
from hotline_sandbox.demo.marked import end_processes, mark
from hotline_sandbox.demo.pinned import USER, free_port, pinned_keys, pinned_password
from hotline_sandbox.demo.postgres import running_postgres
from hotline_sandbox.demo.remembered import put_again
from hotline_sandbox.demo.services import Services, service_settings
from hotline_sandbox.demo.staff import KEPT, Staff
from hotline_sandbox.demo.stage import console, make_stores, step
from hotline_sandbox.demo.trickle import Trickle
from hotline_sandbox.sample.orders import load_orders
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.server.control import SandboxError, running_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from psycopg import Connection

    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl

FOLDER = PROJECT / ".demo" / "up"
FIRST_FLOW = "telephony_report"

_BRIDGE, _AIRFLOW = "hotline_bridge", "airflow"
"""Accounts of the bridge and of Airflow, each owner of its databases and no superuser."""
_SAY_EVERY_S = 30.0
_ORDERS = 200
"""Orders that wait in the docking store at the start, with urges, supplements, deadlines and seats."""
_DEALT_WITHIN_S = 30.0
"""So long the bureau deals with the first orders before they are collected: half of them are answered then."""
_DAYS, _DIRTY = 120, 0.03


def main() -> None:
    """Run until it is told to stop. Ends with 0 then, and with 1 when something does not start or ends by itself."""
    parser = argparse.ArgumentParser(prog="make up", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where everything lies, from run to run")
    parser.add_argument("--port", type=int, default=8080, help="of the UI; any that is free where it is taken")
    parser.add_argument("--sandbox-port", type=int, default=12315, help="of the sandbox; likewise")
    parser.add_argument("--rate", type=float, default=3.0, help="sample rows a second")
    parser.add_argument("--cases", type=int, default=30_000, help="orders on the platform, to be collected")
    options = parser.parse_args()
    _leave_at_first_signal()
    try:
        up(options.folder.resolve(), options.port, options.sandbox_port, options.rate, options.cases)
    except (RuntimeError, HotlineError, SandboxError, OSError) as error:
        console.print(f"make up: {error}", style="red", markup=False)
        sys.exit(1)


def up(folder: Path, port: int, sandbox_port: int, rate: float, cases: int) -> NoReturn:
    """Start everything, and keep it running until an exception ends it; `main` says what the arguments are.

    Raises:
        RuntimeError: Something does not start or ended by itself, or the folder is in use.
        HotlineError: A database does not do what it should.
        SandboxError: The sandbox does not start.
    """
    started = time.monotonic()
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    with hold(folder):
        end_processes(folder)  # of a run that was killed
        os.environ.update(mark(folder))
        with (
            running_postgres(folder / "postgres") as server,
            _nothing_left(folder),
            running_sandbox(port=free_port(sandbox_port)) as platform,
        ):
            console.print(f"PostgreSQL on {server.host}:{server.port}, the platform's sandbox on {platform.base_url}")
            with step(f"world 平台上 {cases} 个工单 (invented, over {_DAYS} days, with bursts)"):
                world = folder / "world.jsonl"
                collect_from = collected.make_world(platform, world, cases=cases, days=_DAYS, dirty=_DIRTY, seed=1)
            home = _prepare(folder, server, platform, free_port(port), collect_from)
            services = Services(home, folder / "logs")
            try:
                with step("airflow: API server, scheduler, DAG processor, triggerer 启动服务"):
                    services.start()
                    gateway, page = start_embedding(services, server.conninfo("local"), server.conninfo("docking"))
                    services.wait_until_healthy()
                _say_where(folder, home, platform, time.monotonic() - started)
                console.print(f"  gateway 网关         {gateway}\n  12345 page 页面      {page}\n", markup=False)
                _keep_going(server, platform, services, AirflowApi(*_signed_in(folder, home)), rate, started)
            finally:
                console.print("stopping 正在停止 …")
                services.stop()


def _leave_at_first_signal() -> None:
    """The first signal unwinds; whoever presses Ctrl-C again while all is being stopped does not cut that short."""
    stopping = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        for number in stopping:
            signal.signal(number, signal.SIG_IGN)
        raise SystemExit(0)

    for number in stopping:
        signal.signal(number, leave)


@contextmanager
def _nothing_left(folder: Path) -> Iterator[None]:
    try:
        yield
    finally:
        end_processes(folder)


def _prepare(folder: Path, server: Server, platform: SandboxControl, port: int, collect_from: datetime) -> AirflowHome:
    bridge, airflow = secrets.token_urlsafe(), secrets.token_urlsafe()
    with step("stores 建库 (docking, local, airflow)"):
        server.create_role(_AIRFLOW, airflow)
        server.create_database("airflow", owner=_AIRFLOW)
        make_stores(server, _BRIDGE, bridge, for_trial=True)
    if orders := put_again(server.conninfo("local"), platform.base_url):
        console.print(f"{orders} orders of the runs before are on the platform again 之前上报的工单已重新放到平台上")
    pinned_password(folder / "passwords.json")
    home = AirflowHome(
        folder / "airflow",
        bridge_connections(server, _BRIDGE, bridge, platform.base_url, collect_from, audit_required=True),
        service_settings(
            port,
            f"postgresql+psycopg://{_AIRFLOW}:{airflow}@{server.host}:{server.port}/airflow",
            pinned_keys(folder / "keys.json"),
            folder / "passwords.json",
        ),
    )
    logs = folder / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    with step("airflow db migrate 初始化 Airflow"):
        home.run("db", "migrate", log=logs / "db-migrate.log")
    _write_connections(folder / "connections.env", home)
    return home


def _write_connections(file: Path, home: AirflowHome) -> None:
    """What a shell needs so that `hotline` finds this system; holds passwords, so only its owner reads it."""
    variables = {"AIRFLOW_HOME": str(home.folder), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    variables |= {f"AIRFLOW_CONN_{name.upper()}": value for name, value in home.connections.items()}
    file.touch(mode=0o600)
    file.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()), "utf-8")


def _signed_in(folder: Path, home: AirflowHome) -> tuple[str, str]:
    """Where the UI is, and the password of its user."""
    return home.settings["AIRFLOW__API__BASE_URL"], pinned_password(folder / "passwords.json")


def _say_where(folder: Path, home: AirflowHome, platform: SandboxControl, seconds: float) -> None:
    address, password = _signed_in(folder, home)
    hotline = f". {folder / 'connections.env'} && .venv/bin/hotline"
    console.print(
        f"""
everything runs 全部就绪 ({seconds:.0f} s)

  Airflow UI 界面      {address}
  user 用户名          {USER}
  password 密码        {password}
  sandbox 沙箱平台     {platform.base_url}/_sandbox/counts

What to look at 看什么
  1. {address}/dags/{FIRST_FLOW}
     a run every minute, which then watches until the next one does; its page says what red means. order_report
     does the same for orders. 每分钟一次，随后守候至下一次接替；页面说明红色的含义。order_report 上报工单。
  2. a run that has ended, its task, XCom: what it did, kind by kind. 已结束的运行中任务的 XCom：本次各类数据的数量。
  3. Trigger: a form with checked values. 触发：表单会检查填写的值。
  4. {address}/dags/case_collect (process_collect, feedback_collect, feedback_repair)
     what comes back from the platform, in some minutes for the first time; docking_publish gives it to 12345.
     几分钟后首次从平台取回工单、办理过程和反馈；docking_publish 回写给 12345。
  5. menu 菜单 对账报告: the first reconciliation follows the first collection. 首次收集之后进行首次对账。
  6. in another terminal 另开终端: {hotline} status
     where every docking row is. 每条来源数据的去向。
  7. {hotline} audit list
     orders that are held for a decision; the newest {KEPT} stay for you. 待审核的工单，最新的 {KEPT} 件留给您处理。

Ctrl-C or `make down` ends it; the data stay. 按 Ctrl-C 或执行 make down 停止，数据保留。
""",
        markup=False,
    )


def _keep_going(
    server: Server, platform: SandboxControl, services: Services, airflow: AirflowApi, rate: float, started: float
) -> NoReturn:
    began = datetime.now(SHANGHAI)

    def say(what: str) -> None:
        console.print(f"{datetime.now(SHANGHAI):%H:%M:%S} {what}", markup=False)

    load_orders(server.conninfo("docking"), orders=_ORDERS, dirty=_DIRTY, seed=int(time.time()))
    with (
        closing(Trickle(server.conninfo("docking"), rate)) as trickle,
        connect(server.conninfo("docking")) as docking,
        connect(server.conninfo("local")) as local,
    ):
        staff, collection = Staff(local, platform), first_runs(airflow, say)
        said = time.monotonic()
        first_run, delivered_at = False, math.inf
        while True:
            time.sleep(1.0)
            now = time.monotonic()
            services.check()
            trickle.write_due()
            staff.act()
            if not first_run and _has_run(local, began):
                first_run = True
                say(f"{FIRST_FLOW}: first run done 首次运行完成 ({now - started:.0f} s)")
            if delivered_at == math.inf and _has_orders(local, began):
                delivered_at = now
                say("orders are with the bureau, which deals with them 工单已到办理单位，正在办理")
            if now - delivered_at >= _DEALT_WITHIN_S:
                next(collection, None)
            if now - said >= _SAY_EVERY_S:
                said = now
                say(_progress(docking, local, trickle))


def _has_run(local: Connection, since: datetime) -> bool:
    statement = "SELECT 1 FROM hotline.run_log WHERE dag = %s AND finished_at >= %s LIMIT 1"
    return local.execute(statement, (FIRST_FLOW, since)).fetchone() is not None


def _has_orders(local: Connection, since: datetime) -> bool:
    names = [interface.name for interface in interfaces_of("order")]
    statement = "SELECT 1 FROM hotline.interaction_log WHERE interface = any(%s) AND started_at >= %s LIMIT 1"
    return local.execute(statement, (names, since)).fetchone() is not None


def _progress(docking: Connection, local: Connection, trickle: Trickle) -> str:
    rows = local.execute("SELECT state, count(*) FROM hotline.delivery GROUP BY state").fetchall()
    counts: dict[str, int] = dict(rows)
    states = " · ".join(f"{state} {word} {counts.get(state, 0)}" for state, word in STATES.items())
    [(told, returned, answered)] = docking.execute(
        "SELECT (SELECT count(*) FROM docking.order_status), (SELECT count(*) FROM docking.order_return),"
        " (SELECT count(*) FROM docking.complaint_case_feedback) + (SELECT count(*) FROM docking.report_case_feedback)"
        " + (SELECT count(*) FROM docking.consultation_feedback)"
    ).fetchall()
    latency = read_latency(local, interfaces_of("telephony")).get(None)
    speed = f" · 95 % within 内 {latency.p95_s:.0f} s (target 目标 {TARGET_S:.0f} s)" if latency else ""
    return (
        f"written 写入 {trickle.logs} logs 日志, {trickle.orders} orders 工单 · {states}"
        f" · 12345 reads 可读: status 状态 {told}, returns 退回 {returned}, answers 反馈 {answered}{speed}"
    )


if __name__ == "__main__":
    main()
