"""Through the UI as a city's engineer goes through it: a real `make up`, a real browser, in Chinese; then its end.

HOTLINE_SCREENSHOTS names the folder for the pictures (`make screenshots`: docs/screenshots); a temporary one without.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from hotline_bridge.names import DAG_ZH, displayed
from hotline_bridge.reports.files import RECONCILIATION_PAGE, RECONCILIATION_ROWS
from tests.chromium import chromium, needs_chromium
from tests.ui.page_pictures import take_pictures
from tests.ui.running_up import UP, RunningUp, is_open, left_running, listening_elsewhere, running_up

if TYPE_CHECKING:
    from collections.abc import Iterator

DAG = "telephony_report"
SLOW_MS = 60_000
STILL = """addEventListener("DOMContentLoaded", () => {
    const style = document.createElement("style");
    style.textContent = "*, ::before, ::after { animation: none !important; transition: none !important }";
    document.head.append(style);
})"""
"""Nothing moves: each frame is painted by the processor."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningUp]:
    """One for all tests here: a start takes a minute. It takes over what a killed one left; the last test ends it."""
    folder = tmp_path_factory.mktemp("ui") / "up"
    with pytest.MonkeyPatch.context() as variables:
        variables.setenv("HOTLINE_OWNER_LINK", "mailto:duty@example.invalid")
        with running_up(folder) as killed:
            left = killed.kill()
            password = json.loads((folder / "passwords.json").read_text(encoding="utf-8"))
            with running_up(folder) as running:
                running.wait_for("first run done")
                assert running.printed("密码") == password[running.printed("用户名")]
                assert not left & {process.pid for process in left_running(folder)}
                yield running


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as browser:
        context = browser.new_context(
            viewport={"width": 1200, "height": 760},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.add_init_script(STILL)
        context.set_default_timeout(SLOW_MS)
        expect.set_options(timeout=SLOW_MS)
        yield context.new_page()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = Path(os.environ.get("HOTLINE_SCREENSHOTS") or tmp_path / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sign_in(page: Page, user: str, password: str) -> None:
    page.locator("input[name=username]").fill(user)
    page.locator("input[type=password]").fill(password)
    page.locator("button[type=submit]").click()


def wait_until_green(page: Page, badge: Locator, runs: str) -> None:
    """Until the newest run is a success, in the page too: one every minute may just be on its way.

    Args:
        page: That shows it.
        badge: Its state.
        runs: Where the API lists the DAG's runs; to load the page costs seconds of the processor.
    """
    deadline = time.monotonic() + 5 * SLOW_MS / 1000  # on a busy machine a run may take its minute
    newest = {"order_by": "-run_after", "limit": "1"}
    expect(badge).to_be_visible()
    while (state := badge.get_attribute("aria-label")) != "success":
        assert state in {"running", "queued"}
        while not (answer := page.request.get(runs, params=newest)).ok or '"success"' not in answer.text():
            assert time.monotonic() < deadline
            page.wait_for_timeout(1_000)
        page.reload()
        expect(badge).to_be_visible()


def personal_data(up: RunningUp) -> set[str]:
    """Callers' numbers and seats' names that went through the docking store."""
    fields = up.connection("docking_db")
    with psycopg.connect(
        host=fields["host"],
        port=fields["port"],
        user=fields["login"],
        password=fields["password"],
        dbname=fields["schema"],
    ) as docking:
        found = docking.execute(
            """
            SELECT callno FROM docking.call_log WHERE callno ~ '^[0-9]{7,}$'
            UNION SELECT seatname FROM docking.seat_login_log WHERE length(seatname) > 1
            """
        ).fetchall()
    return {value for (value,) in found}


def read_the_reports(up: RunningUp, page: Page, pictures: Path) -> str:
    """Opens the entries of the menu as staff do; gives what they show."""
    address = up.printed("界面")
    runs = f"{address}/api/v2/dags/count_reconciliation/dagRuns"
    # The first reconciliation, after the first collection: nobody had to start it.
    page.goto("about:blank")
    up.wait_for("count_reconciliation: first run")
    deadline = time.monotonic() + SLOW_MS / 1000
    while not (answer := page.request.get(runs)).ok:  # Airflow's API may be busy for a moment
        assert time.monotonic() < deadline, answer.text()
        page.wait_for_timeout(1_000)
    assert answer.json()["total_entries"] >= 1
    page.goto(address)
    page.get_by_role("link", name="对账报告").click()
    report = page.frame_locator("iframe[title='对账报告']")
    expect(report.get_by_role("heading", name="对账报告")).to_be_visible()
    expect(report.get_by_role("img", name="投诉：每天的四个数量")).to_be_visible()
    page.screenshot(path=pictures / "reconciliation-report.png")
    with page.expect_download() as download:
        report.get_by_role("link", name=RECONCILIATION_ROWS).click()
    assert Path(download.value.path()).read_text(encoding="utf-8-sig").startswith("日期,类别,状态,12345 受理,")

    page.get_by_role("link", name="质量报告").click()
    # The hourly check may not have run yet: either way the page says in Chinese what it is.
    expect(page.frame_locator("iframe[title='质量报告']").get_by_role("heading", level=1)).to_contain_text(
        "数据质量报告"
    )
    return (up.folder / "airflow" / "reports" / RECONCILIATION_PAGE).read_text(encoding="utf-8")


@needs_chromium
def test_an_engineer_finds_the_way(up: RunningUp, page: Page, pictures: Path) -> None:
    address = up.printed("界面")
    elsewhere: list[str] = []
    page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else elsewhere.append(r.url))

    page.goto(address)
    sign_in(page, up.printed("用户名"), "wrong")
    expect(page.get_by_text("401")).to_be_visible()
    sign_in(page, up.printed("用户名"), up.printed("密码"))
    expect(page.get_by_test_id("nav-dags-link")).to_be_visible()

    page.goto(f"{address}/dags")
    for dag in DAG_ZH:
        name = displayed(dag, DAG_ZH)
        card = page.get_by_test_id("dag-card").filter(has=page.get_by_role("link", name=name, exact=True))
        expect(card).to_be_visible()
        expect(card.get_by_test_id("toggle-pause").get_by_role("checkbox")).to_be_checked()
    latest = page.get_by_test_id("dag-card").filter(has_text=DAG).get_by_test_id("latest-run")
    wait_until_green(page, latest.get_by_test_id("state-badge"), f"{address}/api/v2/dags/{DAG}/dagRuns")
    page.set_viewport_size({"width": 1200, "height": 1800})  # all of them
    page.screenshot(path=pictures / "dags.png")
    page.set_viewport_size({"width": 1200, "height": 760})

    page.goto(f"{address}/dags/{DAG}")
    expect(page.get_by_role("link", name="hotline-bridge")).to_have_attribute("href", "mailto:duty@example.invalid")
    for tag in ("report", "telephony"):
        expect(page.get_by_role("link", name=tag, exact=True)).to_be_visible()
    page.screenshot(path=pictures / "dag.png")
    page.get_by_test_id("markdown-button").click()
    documentation = page.get_by_role("dialog")
    expect(documentation).to_contain_text("话务日志上报")
    expect(documentation).to_contain_text("Red means")
    expect(documentation).to_contain_text("Any re-run is safe")
    documentation.screenshot(path=pictures / "documentation.png")
    page.keyboard.press("Escape")

    page.get_by_test_id("trigger-dag-button").click()
    form = page.get_by_role("dialog")
    submit = form.get_by_test_id("trigger-dag-submit")
    expect(form).to_contain_text("只上报所选的类别")
    expect(submit).to_be_enabled()
    form.get_by_label("Clear selected options").click()
    expect(submit).to_be_disabled()
    page.screenshot(path=pictures / "form.png")
    form.get_by_role("combobox").click()
    page.get_by_role("option", name="话务日志 callinfo").click()
    with page.expect_response(lambda r: r.request.method == "POST" and r.url.endswith("/dagRuns")) as triggered:
        submit.click()
    run = triggered.value.json()
    assert run["conf"]["interfaces"] == ["callinfo"]

    page.goto(f"{address}/dags/{DAG}/runs/{run['dag_run_id']}")
    expect(page.get_by_test_id("state-badge").filter(has_text="成功")).to_have_count(2)  # the run and its task
    page.screenshot(path=pictures / "run.png")
    page.goto(f"{address}/dags/{DAG}/runs/{run['dag_run_id']}/tasks/take_in_and_deliver/xcom")
    expect(page.get_by_text("话务日志：取得")).to_be_visible()
    expect(page.get_by_text("录音日志：取得")).to_have_count(0)
    seen = [page.inner_text("body")]
    page.screenshot(path=pictures / "counts.png")

    page.goto(f"{address}/dags/{DAG}")
    href = page.locator(f"a[href*='/dags/{DAG}/runs/scheduled'][href$='/tasks/take_in_and_deliver']").first
    page.goto(f"{address}{href.get_attribute('href')}")
    expect(page.get_by_text("Returned value was")).to_be_visible()
    seen.append(page.inner_text("body"))
    expect(page.get_by_text("坐席工作日志：取得")).to_be_visible()
    page.screenshot(path=pictures / "log.png")

    seen.append(read_the_reports(up, page, pictures))

    private = personal_data(up)
    assert len(private) > 10
    assert [value for value in private for text in seen if value in text] == []
    assert elsewhere == [], "a closed network reaches nothing of this"
    assert all(picture.stat().st_size < 300_000 for picture in pictures.glob("*.png"))


@needs_chromium
def test_every_page_shows_what_the_system_did(up: RunningUp, page: Page, pictures: Path) -> None:
    address = up.printed("界面")
    page.goto(address)
    sign_in(page, up.printed("用户名"), up.printed("密码"))
    expect(page.get_by_test_id("nav-dags-link")).to_be_visible()
    shown = take_pictures(page, f"{address}/hotline", pictures)
    assert {"overview", "orders", "orders-one", "exchanges", "audit", "reconciliation", "codes"} <= set(shown)


def test_only_its_owner_on_this_machine_gets_at_it_and_a_second_one_is_refused(up: RunningUp) -> None:
    assert listening_elsewhere(up.folder) == []
    for name in ("keys.json", "passwords.json", "connections.env"):
        assert stat.S_IMODE((up.folder / name).stat().st_mode) == 0o600, name
    second = subprocess.run([*UP, f"--folder={up.folder}"], capture_output=True, text=True, timeout=120, check=False)
    assert second.returncode == 1
    assert f"it runs already, as process {up.process.pid}" in second.stdout


def test_ctrl_c_ends_all(up: RunningUp) -> None:
    ports = up.ports()
    assert all(map(is_open, ports.values())), ports
    up.press_ctrl_c()
    up.press_ctrl_c()  # in a hurry: what is being stopped is stopped all the same
    assert up.wait() == 0
    assert left_running(up.folder) == []
    assert not any(map(is_open, ports.values())), ports
