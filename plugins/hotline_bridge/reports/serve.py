"""Serves the reports (报告) inside Airflow's API server, to whom Airflow lets see its plugins.

Airflow mounts a plugin's application without its own authentication, so the application asks for it itself. It serves
the files that it knows by name: nothing of a request becomes a path.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view
from fastapi import Depends, FastAPI, HTTPException
from starlette.requests import Request  # at run time: FastAPI reads the annotations
from starlette.responses import HTMLResponse, Response

from hotline_bridge.reports.files import (
    MONTH_PAGE,
    MONTH_SHEETS,
    QUALITY_PAGE,
    RECONCILIATION_PAGE,
    RECONCILIATION_ROWS,
    report_folder,
    template,
)

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = {
    RECONCILIATION_PAGE: ("对账报告", "count_reconciliation"),
    RECONCILIATION_ROWS: ("对账明细", "count_reconciliation"),
    QUALITY_PAGE: ("数据质量报告", "quality_check"),
    MONTH_PAGE: ("分析月报", "analyst_report"),
    MONTH_SHEETS: ("分析月报表格", "analyst_report"),
}
"""By file name: its title, and the DAG that writes it."""

DOWNLOADS = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Media types of what is kept rather than shown."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def make_app() -> FastAPI:
    """The application, for a mount of Airflow's API server."""
    app = FastAPI(
        dependencies=[Depends(requires_access_view(AccessView.PLUGINS))],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        exception_handlers={401: _sign_in, 403: _sign_in},
    )
    for name in FILES:
        app.add_api_route(f"/{name}", _serving(name), methods=["GET"], response_class=Response)
    return app


def _serving(name: str) -> Callable[[], Response]:
    title, dag = FILES[name]

    def serve() -> Response:
        try:
            content = (report_folder() / name).read_bytes()
        except FileNotFoundError:
            return _notice(
                404, f"{title}尚未生成", f"DAG {dag} 首次运行完成后，这里显示报告。请在 DAG 列表中确认它没有暂停。"
            )
        if media_type := DOWNLOADS.get(PurePath(name).suffix):
            attachment = {"Content-Disposition": f'attachment; filename="{name}"'}
            return Response(content, media_type=media_type, headers=HEADERS | attachment)
        return HTMLResponse(content, headers=HEADERS)

    return serve


async def _sign_in(request: Request, error: HTTPException) -> Response:
    there = urlencode({"next": request.url.path})
    return _notice(
        error.status_code, "请先登录", "报告只给登录后有权查看的用户。", f"../api/v2/auth/login?{there}", "登录 Airflow"
    )


def _notice(status: int, title: str, text: str, link: str = "", link_text: str = "") -> Response:
    page = template("hotline_bridge.reports", "notice.html.j2")
    content = page.render(title=title, text=text, link=link, link_text=link_text)
    return HTMLResponse(content, status_code=status, headers=HEADERS)


app = make_app()
