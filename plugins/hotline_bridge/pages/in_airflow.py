"""The pages inside Airflow's API server: who asks, and what Airflow lets them do. Nothing else of theirs knows it.

Rights are such as exist and differ by role under every auth manager (SimpleAuthManager, FAB, Keycloak); a view of our
own would not do, since SimpleAuthManager lets a viewer write there.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from airflow.api.common.trigger_dag import trigger_dag
from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import ConnectionDetails, DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import get_user
from airflow.configuration import conf
from airflow.exceptions import AirflowException
from airflow.models import DagRun
from airflow.utils.session import create_session
from airflow.utils.types import DagRunTriggeredByType
from anyio.to_thread import run_sync
from fastapi import HTTPException
from fastapi.security import HTTPBearer
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from hotline_bridge.cities import are_several, cities, here
from hotline_bridge.errors import StopRun
from hotline_bridge.hooks.connections import find_connection
from hotline_bridge.hooks.platform import platform_settings
from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.outbound.versions import Policy
from hotline_bridge.pages.app import make_pages
from hotline_bridge.pages.by_city import PagesByCity
from hotline_bridge.pages.rights import Forbidden, NotSignedIn, Right, Run, Runs, User
from hotline_bridge.store.database import Session, connect
from hotline_bridge.store.extras import SHORT_SILENCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod
    from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
    from starlette.requests import Request
    from starlette.types import ASGIApp

log = logging.getLogger(__name__)

CONNECTION = "pages_db"
"""The local store with the role `hotline_pages`; without it `local_db` serves."""
_DAG = "order_report"
_CONNECT_S = 3
_STATEMENT_S = 5
_bearer = HTTPBearer(auto_error=False)


async def authorise(request: Request) -> User:
    """Who asks, by Airflow's own session or token."""
    try:
        user = await get_user(request, None, await _bearer(request))
    except HTTPException as error:
        raise NotSignedIn(error.status_code) from None
    return await run_sync(with_rights, user)


def with_rights(user: BaseUser) -> User:
    """The four rights as Airflow's: see the DAG `order_report`, edit its decisions, run it; and see connections.

    Of several cities each has its own DAG, so that who may look at one need not see another.
    """
    manager, dag = get_auth_manager(), DagDetails(id=here().named(_DAG))
    allowed = {
        Right.LOOK: manager.is_authorized_dag(method="GET", details=dag, user=user),
        Right.DECIDE: manager.is_authorized_dag(
            method="PUT", access_entity=DagAccessEntity.HITL_DETAIL, details=dag, user=user
        ),
        Right.SEND_AGAIN: manager.is_authorized_dag(
            method="POST", access_entity=DagAccessEntity.RUN, details=dag, user=user
        ),
        # Who may read the connection could read the store itself.
        Right.UNMASK: manager.is_authorized_connection(
            method="GET", details=ConnectionDetails(conn_id=here().named("local_db")), user=user
        ),
    }
    rights = frozenset(right for right, is_allowed in allowed.items() if is_allowed)
    return User(user.get_name(), rights, AirflowRuns(user))


def open_session() -> Session:
    """A session that gives up within seconds: a page waits for it, in a process that others need."""
    try:
        find_connection(CONNECTION)
        name = CONNECTION
    except StopRun:
        name = "local_db"
    said = conninfo_to_dict(conninfo(name))
    options = f"{said.pop('options', '')} -c statement_timeout={_STATEMENT_S}s -c lock_timeout={_STATEMENT_S}s"
    return connect(
        make_conninfo("", **{**said, **SHORT_SILENCE, "connect_timeout": str(_CONNECT_S), "options": options})
    )


def policy() -> Policy:
    """What connection `platform_12315` sets for orders; all is audited where this process does not know it."""
    try:
        settings = platform_settings()
    except StopRun:
        return Policy(audit_required=True)
    return Policy(settings.areas, settings.audit_required)


class AirflowRuns(Runs):
    """Runs in Airflow's own database, by the rights that a user has there on each DAG.

    Args:
        user: Who asks.
    """

    def __init__(self, user: BaseUser) -> None:
        self._user = user

    def find(self, dag: str, run_id: str) -> Run | None:
        """A run that has begun. Raises Forbidden."""
        if not self._may("GET", dag):
            raise Forbidden("您没有查看这个流程的运行的权限。")
        is_meant = DagRun.dag_id == here().named(dag), DagRun.run_id == run_id
        query = select(DagRun.start_date, DagRun.end_date).where(*is_meant)
        with create_session() as session:
            found = session.execute(query).one_or_none()
        return Run(*found) if found and found[0] else None

    def start(self, dag: str, params: Mapping[str, str]) -> bool:
        """Starts a run; False where the user may not, the DAG is not there, or a run began this very moment."""
        if not self._may("POST", dag):
            return False
        try:
            trigger_dag(
                here().named(dag),
                conf=dict(params),
                triggered_by=DagRunTriggeredByType.UI,
                triggering_user_name=self._user.get_name(),
            )
        except (AirflowException, SQLAlchemyError) as error:
            log.warning("no run of %s was started: %s", here().named(dag), type(error).__name__)
            return False
        return True

    def _may(self, method: ResourceMethod, dag: str) -> bool:
        manager, of_dag = get_auth_manager(), DagDetails(id=here().named(dag))
        return bool(
            manager.is_authorized_dag(method=method, access_entity=DagAccessEntity.RUN, details=of_dag, user=self._user)
        )


def mounted() -> ASGIApp:
    """The pages; of several cities (`cities`) each below its name."""
    sign_in = "../api/v2/auth/login"

    def pages(title: str = "", up: str = "") -> ASGIApp:
        return make_pages(
            authorise,
            open_session,
            policy,
            known_as=urlsplit(conf.get("api", "base_url", fallback="")).netloc,
            sign_in=f"{up}{sign_in}",
            city=title,
        )

    if not are_several():
        return pages()
    return PagesByCity({city: pages(city.title, "../") for city in cities()}, authorise, sign_in)


app = mounted()
