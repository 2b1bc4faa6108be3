"""Registers pages (页面) and reports (报告) with Airflow's UI, and sees to what the bridge needs of Airflow itself.

Every process of Airflow loads this file, also those that need none of it: what serves, and what keeps house, is
imported when it is first called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

from hotline_bridge.cities import are_several

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from airflow.models.dagrun import DagRun

PREFIX = "hotline-reports"
PAGES = "hotline"

_LINES = "M4 6h16M4 12h16M4 18h10"
_SCALES = "M12 3v18M7 21h10M5 6h14M5 6l-3 8a3.2 3.2 0 0 0 6 0zM19 6l-3 8a3.2 3.2 0 0 0 6 0z"
_COLUMNS = "M4 21V11M10 21V4M16 21v-7M22 21H2"
_TICKS = "M3 6l2 2 3-4M3 13l2 2 3-4M3 20l2 2 3-4M12 6h9M12 13h9M12 20h9"


async def serve_pages(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """The ASGI application of the pages; a request without a user who may look gets nothing."""
    from hotline_bridge.pages.in_airflow import app  # noqa: PLC0415  (only the API server is to load it)

    await app(scope, receive, send)


async def serve_reports(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """The reports of the pages, under an address of their own that others link to."""
    before, after = scope["root_path"].removesuffix(PREFIX), f"{PAGES}/reports"
    path = scope["path"].removeprefix(scope["root_path"])
    await serve_pages({**scope, "root_path": f"{before}{PAGES}", "path": f"{before}{after}{path}"}, receive, send)


def _icon(path: str, ink: str, halo: str) -> str:
    """An image for the menu; the halo keeps it visible where the entry is the chosen one and its ground dark."""
    strokes = "".join(
        f'<path d="{path}" stroke="{colour}" stroke-width="{width}"/>' for colour, width in ((halo, 5), (ink, 1.8))
    )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none"'
        f' stroke-linecap="round" stroke-linejoin="round">{strokes}</svg>'
    )
    return f"data:image/svg+xml,{quote(svg)}"


def _page(name: str, href: str, route: str, icon: str) -> dict[str, Any]:
    """A page inside the UI; its address has no leading slash, so that it holds behind a proxy's prefix."""
    return {
        "name": name,
        "href": href,
        "url_route": route,
        "nav_top_level": True,
        "icon": _icon(icon, "#3f3f46", "#dbe7f5"),
        "icon_dark_mode": _icon(icon, "#d4d4d8", "#27272a"),
    }


_REPORTS: list[dict[str, Any]] = [
    _page("对账报告", f"{PREFIX}/reconciliation.html", "hotline-reconciliation", _SCALES),
    _page("质量报告", f"{PREFIX}/quality.html", "hotline-quality", _TICKS),
    _page("分析月报", f"{PREFIX}/month.html", "hotline-month", _COLUMNS),
    {"name": "对账明细 CSV", "href": f"{PREFIX}/reconciliation.csv", "category": "browse"},
    {"name": "分析月报 XLSX", "href": f"{PREFIX}/month.xlsx", "category": "browse"},
]
"""Of several cities each has its own: its pages lead there, and the menu would not know to which."""


class Housekeeping:
    """Listens to Airflow's own processes (`hooks.airflow_admin`)."""

    @hookimpl  # type: ignore[untyped-decorator]  # Airflow's types are not followed
    def on_starting(self, component: object) -> None:
        """Scheduler, DAG processor and triggerer start as a `Job`; tasks, which may not reach the database, do not."""
        if type(component).__module__ == "airflow.jobs.job":
            from hotline_bridge.hooks.airflow_admin import make_pools  # noqa: PLC0415  (see above)

            make_pools()

    @hookimpl  # type: ignore[untyped-decorator]  # Airflow's types are not followed
    def on_dag_run_running(self, dag_run: DagRun) -> None:
        """The scheduler starts a run: that of the nightly maintenance also cleans Airflow's database."""
        if dag_run.dag_id.startswith("maintenance"):
            from hotline_bridge.hooks.airflow_admin import start_cleaning  # noqa: PLC0415  (see above)

            start_cleaning(dag_run.dag_id)


class HotlineBridgePlugin(AirflowPlugin):  # type: ignore[misc]  # Airflow's types are not followed
    """In the menu: the pages 热线对接; the reports 对账报告, 质量报告, 分析月报."""

    name = "hotline_bridge"
    listeners: ClassVar[list[Any]] = [Housekeeping()]
    fastapi_apps: ClassVar[list[Any]] = [
        {"app": serve_reports, "url_prefix": f"/{PREFIX}", "name": "hotline reports"},
        {"app": serve_pages, "url_prefix": f"/{PAGES}", "name": "hotline pages"},
    ]
    external_views: ClassVar[list[Any]] = [
        _page("热线对接", f"{PAGES}/", "hotline", _LINES),
        # On the page of a run of any DAG: what it did with the platform; of a foreign one that it did nothing there.
        {
            "name": "与平台的交互",
            "href": f"{PAGES}/runs/{{DAG_ID}}/{{RUN_ID}}",
            "url_route": "hotline-run",
            "destination": "dag_run",
        },
        *([] if are_several() else _REPORTS),
    ]
