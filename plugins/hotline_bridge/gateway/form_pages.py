"""The order form inside 12345 (受理页, specification 4.1 and 4.1.2): opened, checked while it is typed, submitted once.

A form works without script. It sets no cookie and stores nothing in the browser; the key in its hidden field is what it
is allowed to do, and to whom. Submitted, it is written into the docking store as 12345 writes an order, so that intake,
audit, delivery and receipt follow as for every other.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import anyio
from anyio.to_thread import run_sync
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.docking.contract_sql import shared
from hotline_bridge.docking.orders import content_mark, lock_order, read_order, write_order
from hotline_bridge.errors import HotlineError, TryAgainLater, unforeseen
from hotline_bridge.failpoints import reached
from hotline_bridge.gateway.calls import read_body
from hotline_bridge.gateway.envelope import Code, TurnedAway
from hotline_bridge.gateway.form_asked import NotLaunched, asked, signed_address
from hotline_bridge.gateway.form_html import (
    PATH,
    Rendered,
    failed,
    headers,
    not_launched,
    page,
    saved,
    state_of,
    static,
    unread,
    used_up,
)
from hotline_bridge.gateway.form_launches import (
    Launch,
    Opened,
    UsedUp,
    find_opened,
    forget_late,
    hold,
    is_in_areas,
    last_submission,
    launch,
    note_submitted,
    open_form,
)
from hotline_bridge.gateway.order_form import FIELD, entries, lists_of, read_values, sections
from hotline_bridge.gateway.sessions import Sessions
from hotline_bridge.outbound.judge import Judged, is_other_record, judge
from hotline_bridge.outbound.versions import PLAIN, Policy
from hotline_bridge.standard_data.choices import read_choices

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.docking.orders import DockedOrder
    from hotline_bridge.gateway.clients import Client
    from hotline_bridge.standard_data.choices import Choices
    from hotline_bridge.store.database import Session

log = logging.getLogger(__name__)

AT_A_TIME = 8
"""Forms that are made or checked at the same time: so many sessions on the local store at most."""
_KEPT_AT_12345 = 2
"""Sessions that rest on the docking store, which is not ours."""
_TENDED_EVERY_S = 60.0
_LARGEST_FORM = 512 * 1024
_MOST_FIELDS = 500
_FORM_WITHIN_S = 15.0
_MOST_CHOICES = 50
_LISTS_FOR_S = 90.0
_NOTHING_DONE = "没有执行。请稍后再试；地址和内容仍然有效。"
_NOT_WRITTEN = "现在不能写入，没有提交。内容还在本页，请稍后再按“提交”。"
_EXPIRED = "打开已超过八小时，或者不是从 12345 打开的，或者工单已不在 12345 可见的区划之内。请在 12345 中重新打开。"
_PERHAPS_DONE = "不能确定是否已提交。请稍后再按“提交”：同样的内容不会重复提交。"


class PerhapsWritten(TryAgainLater):
    """A store failed when the order was written already, or while it was: the same content may be sent again."""


@dataclass(frozen=True, slots=True)
class FormStores:
    """What forms work on."""

    open_local: Callable[[], Session]
    """Gives a session on the local store, with the rights of `hotline_gateway`, in seconds or not at all."""
    open_docking: Callable[[], Session]
    """Gives one on the docking store that may read and insert orders."""
    policy: Callable[[], Policy] = lambda: PLAIN
    """What the deployment sets for orders, as for intake."""


class Forms:
    """Makes, checks and takes forms.

    Args:
        stores: What they work on.
        clients: Those in use, by AppId, for signed addresses; None where these are not taken.
    """

    def __init__(
        self, stores: FormStores, clients: Callable[[], Awaitable[Mapping[str, Client]]] | None = None
    ) -> None:
        self._local = Sessions(stores.open_local, AT_A_TIME)
        self._docking = Sessions(stores.open_docking, _KEPT_AT_12345)
        self._policy = stores.policy
        self._clients = clients
        self._turns = anyio.CapacityLimiter(AT_A_TIME)
        self._look = anyio.CapacityLimiter(1)
        self._lists: dict[str, Choices] = {}
        self._lists_at = float("-inf")

    def routes(self) -> list[Route]:
        """What browsers ask for."""
        found = [
            Route(f"{PATH}/form/{{ticket}}", self._opening, methods=["GET"]),
            Route(f"{PATH}/form", self._submitting, methods=["POST"]),
            Route(f"{PATH}/check", self._checking, methods=["POST"]),
            Route(f"{PATH}/codes", self._choosing, methods=["POST"]),
            Route(f"{PATH}/static/{{name}}", static, methods=["GET"]),
        ]
        if self._clients:
            found.append(Route(f"{PATH}/form", self._opening_signed, methods=["GET"]))
        return found

    async def tend(self) -> None:
        """Every minute, forget what was prefilled for nothing, and read the code lists; until it is cancelled."""
        while True:
            try:
                await run_sync(self._tend, limiter=self._turns)
            except HotlineError as error:
                log.warning("prefilled forms were not forgotten: %s", error)
            except Exception as error:
                # Its own words can hold values, and what was prefilled has to go all the same, a minute later.
                log.error("prefilled forms were not forgotten: %s", unforeseen(error))  # noqa: TRY400
            await anyio.sleep(_TENDED_EVERY_S)

    def _tend(self) -> None:
        with self._local.one() as local:
            forget_late(local)
            self._read_lists(local)
        for choices in self._lists.values():
            choices.find("", 1)  # initials of thousands of names take a moment, which no clerk has to wait

    async def check(self) -> None:
        """Raises TryAgainLater or StopRun where the docking store cannot be used."""
        await run_sync(self._check, limiter=self._look, abandon_on_cancel=True)

    def _check(self) -> None:
        with self._docking.one() as docking:
            read_order(docking, interfaces_of("order")[0], "")

    def close(self) -> None:
        """End the sessions."""
        self._local.close()
        self._docking.close()

    async def launch(self, client: Client, values: Mapping[str, object]) -> str:
        """Give out the address of a form (step 3 of 4.1.2).

        Args:
            client: Who asks for it.
            values: `method` names the kind as in 4.8.2.1.4, beside it the fields that are known, `operator` and
                `opener_origin`.

        Returns:
            The address, below the gateway's own.

        Raises:
            NotLaunched: The call is not right; nothing was kept.
            TryAgainLater, StopRun: A store cannot be used.
        """
        wanted = asked(client, values)
        return await run_sync(self._launch, client, wanted, limiter=self._turns)

    def _launch(self, client: Client, wanted: Launch) -> str:
        with self._local.one() as local, self._docking.one() as docking:
            _require_area(local, client, wanted)
            docked = read_order(docking, contract()[wanted.interface], wanted.regino)
            if docked and is_other_record(local, contract()[wanted.interface], wanted.prefill, docked.values):
                raise NotLaunched("这个工单编号已属于另一条记录：姓名、登记时间、来电号码都不同，没有打开")
            return f"{PATH}/form/{launch(local, wanted)}"

    async def _opening(self, request: Request) -> Response:
        if request.method == "HEAD":
            return Response(status_code=204)  # it would use the address up and show nothing
        return await self._answer(request, lambda: self._open(str(request.path_params["ticket"])))

    async def _opening_signed(self, request: Request) -> Response:
        if request.method == "HEAD":
            return Response(status_code=204)
        try:
            clients = await self._clients() if self._clients else {}
            client, wanted, ticket = signed_address(clients, request.query_params)
        except NotLaunched as away:
            return page(request, not_launched(away))
        except HotlineError as error:
            return page(request, _store_failed(error, _NOTHING_DONE))

        def first(local: Session) -> None:
            _require_area(local, client, wanted)
            if launch(local, wanted, ticket) is None:
                raise NotLaunched("这个地址已经用过，请在 12345 中重新打开")

        return await self._answer(request, lambda: self._open(ticket, first))

    def _open(self, ticket: str, first: Callable[[Session], None] = lambda _local: None) -> Rendered:
        """The form of an address. What is done `first` is undone with it, where it cannot be shown."""
        with self._local.one() as local:
            try:
                with local.transaction():
                    first(local)
                    key, opened = open_form(local, ticket)
                    interface = contract()[opened.interface]
                    with self._docking.one() as docking:
                        docked = read_order(docking, interface, opened.regino)
                    values = _opening_values(opened, docked)
                    judged = self._judge(local, interface, values)
                    state = state_of(docked, last_submission(local, opened.interface, opened.regino))
                    offered = opened.prefill if docked else {}
                    return self._form(local, opened, key, values, judged, docked, state=state, offered=offered)
            except UsedUp as away:
                return used_up(away)

    async def _submitting(self, request: Request) -> Response:
        return await self._of_fields(request, lambda given: page(request, self._submit(given)), _PERHAPS_DONE)

    def _submit(self, given: Mapping[str, str]) -> Rendered:
        with self._local.one() as local:
            opened = find_opened(local, given.get("key", ""))
            if opened is None:
                return failed("受理页已失效", _EXPIRED, 410)
            if opened.submitted_at:
                return saved(opened, opened.submitted_at)
            try:
                return self._submit_opened(local, opened, given)
            except HotlineError as error:
                if local.broken:
                    raise
                log.warning("an order was not written: %s", error)
                values = read_values(contract()[opened.interface], given, {})
                judged = self._judge(local, contract()[opened.interface], values)
                return replace(
                    self._form(
                        local,
                        opened,
                        given["key"],
                        values,
                        judged,
                        alert=_PERHAPS_DONE if isinstance(error, PerhapsWritten) else _NOT_WRITTEN,
                        seen=given.get("seen", ""),
                    ),
                    status=503,
                )

    def _submit_opened(self, local: Session, opened: Opened, given: Mapping[str, str]) -> Rendered:
        is_sent = False
        try:
            with self._docking.one() as docking, local.transaction():
                if submitted_at := hold(local, opened):
                    return saved(opened, submitted_at)
                with docking.transaction():
                    if shown := self._write(local, docking, opened, given):
                        return shown
                    reached("order-written")
                    is_sent = True
                # Killed here, the same content is known when it is submitted again.
                reached("order-committed")
                note_submitted(local, opened)
            reached("form-submitted")
        except HotlineError as error:
            if is_sent:
                raise PerhapsWritten(str(error)) from None
            raise
        return saved(opened, None)

    def _write(self, local: Session, docking: Session, opened: Opened, given: Mapping[str, str]) -> Rendered | None:
        """Write the order, where it is right and nobody changed it meanwhile. Returns what is shown where it is not."""
        interface = contract()[opened.interface]
        lock_order(docking, interface, opened.regino)
        docked = read_order(docking, interface, opened.regino)
        stands = docked.values if docked else {}
        values = {**read_values(interface, given, stands), str(interface.key): opened.regino}
        judged = self._judge(local, interface, values)
        if docked and is_other_record(local, interface, values, stands):
            judged = judged._replace(reasons=(*judged.reasons, shared(interface)))
        is_known = docked is not None and docked.seen == content_mark(values)
        seen = given.get("seen", "")
        if not is_known and seen != (docked.seen if docked else ""):
            alert = "打开之后工单内容已被更改，没有提交。不同之处列在各项下面，请核对后再次提交。"
            shown = self._form(local, opened, given["key"], values, judged, docked, alert=alert, offered=stands)
            return replace(shown, status=409)
        if judged.reasons or "check" in given:
            shown = self._form(local, opened, given["key"], values, judged, docked, is_checked=True, seen=seen)
            return replace(shown, status=422 if judged.reasons else 200)
        if not is_known:
            write_order(docking, interface, values)
        return None

    async def _checking(self, request: Request) -> Response:
        def check(given: Mapping[str, str]) -> Response:
            with self._local.one() as local:
                opened = find_opened(local, given.get("key", ""))
                if opened is None:
                    return JSONResponse({}, 410, headers=headers(None))
                interface = contract()[opened.interface]
                values = {**read_values(interface, given, {}), str(interface.key): opened.regino}
                judged = self._judge(local, interface, values)
                found = entries(interface, values, self._choices(local, interface), judged)
            told = {one.id: {"wrong": one.wrong, "doubts": one.doubts, "said": one.said} for one in found}
            return JSONResponse(told, headers=headers(None))

        return await self._of_fields(request, check)

    async def _choosing(self, request: Request) -> Response:
        def choose(given: Mapping[str, str]) -> Response:
            with self._local.one() as local:
                opened = find_opened(local, given.get("key", ""))
                if opened is None:
                    return JSONResponse([], 410, headers=headers(None))
                choices = self._choices(local, contract()[opened.interface]).get(given.get("list", ""))
            found = []
            if choices:
                wanted = given.get("find", "")
                found = choices.find(wanted, _MOST_CHOICES) if wanted else choices.below(given.get("below", ""))
            return JSONResponse([one._asdict() for one in found[: 4 * _MOST_CHOICES]], headers=headers(None))

        return await self._of_fields(request, choose)

    def _judge(self, local: Session, interface: Interface, values: Mapping[str, str]) -> Judged:
        return judge(local, interface, values, self._policy())

    def _choices(self, local: Session, interface: Interface) -> dict[str, Choices]:
        if time.monotonic() - self._lists_at > _LISTS_FOR_S:
            self._read_lists(local)
        return {name: self._lists[name] for name in lists_of(interface) if name in self._lists}

    def _read_lists(self, local: Session) -> None:
        wanted = sorted({name for known in interfaces_of("order") for name in lists_of(known)})
        read = read_choices(local, wanted)
        self._lists = {
            name: kept if (kept := self._lists.get(name)) and kept.codes == found.codes else found
            for name, found in read.items()
        }
        self._lists_at = time.monotonic()

    def _form(
        self,
        local: Session,
        opened: Opened,
        key: str,
        values: Mapping[str, str],
        judged: Judged,
        docked: DockedOrder | None = None,
        *,
        state: str = "",
        alert: str = "",
        is_checked: bool = False,
        seen: str | None = None,
        offered: Mapping[str, str] = MappingProxyType({}),
    ) -> Rendered:
        interface = contract()[opened.interface]
        found = entries(interface, values, self._choices(local, interface), judged, offered)
        errors = [one for one in found if one.wrong] if is_checked else []
        shown: dict[str, object] = {
            "regino": opened.regino,
            "label": interface.label_zh,
            "key": key,
            "key_field": interface.key,
            "field_prefix": FIELD,
            "seen": seen if seen is not None else docked.seen if docked else "",
            "parts": sections(found),
            "missing": sum(one.is_missing for one in found),
            "errors": errors,
            "checked": is_checked,
            "doubtful": sum(bool(one.doubts) for one in found),
            "state": state,
            "alert": alert,
        }
        return Rendered("form.html.j2", shown, origins=tuple(opened.origins))

    async def _answer(
        self, request: Request, make: Callable[[], Rendered], on_failure: str = _NOTHING_DONE
    ) -> Response:
        return await self._in_turn(request, lambda: page(request, make()), on_failure)

    async def _of_fields(
        self, request: Request, make: Callable[[Mapping[str, str]], Response], on_failure: str = _NOTHING_DONE
    ) -> Response:
        try:
            given = await _given(request)
        except TurnedAway as away:
            return page(request, unread(away.code))
        return await self._in_turn(request, lambda: make(given), on_failure)

    async def _in_turn(
        self, request: Request, make: Callable[[], Response], on_failure: str = _NOTHING_DONE
    ) -> Response:
        try:
            return await run_sync(make, limiter=self._turns)
        except NotLaunched as away:
            return page(request, not_launched(away))
        except HotlineError as error:
            return page(request, _store_failed(error, on_failure))
        except Exception as error:
            # Its own words can hold values of a record.
            log.error("a form failed: %s", unforeseen(error))  # noqa: TRY400
            return page(
                request, failed("系统出错", f"{on_failure}仍然不行时，请把时间告诉市场监督管理局的管理员。", 500)
            )


def _store_failed(error: HotlineError, text: str) -> Rendered:
    log.warning("a form was not made: %s", error)
    return failed("系统暂时不能使用", text, 503)


def _require_area(local: Session, client: Client, wanted: Launch) -> None:
    if not is_in_areas(local, wanted.regino, client.areas, client.area_at):
        raise NotLaunched("工单编号不在这个调用方的行政区划之内，没有打开")


def _opening_values(opened: Opened, docked: DockedOrder | None) -> dict[str, str]:
    """What stands in the fields at first: the order as it is known, completed by what 12345 gives this time."""
    if docked is None:
        return {**opened.prefill, str(contract()[opened.interface].key): opened.regino}
    return {name: value if value.strip() else opened.prefill.get(name, "") for name, value in docked.values.items()}


async def _given(request: Request) -> dict[str, str]:
    """The fields of a form. Raises TurnedAway where they are too large, too slow or cannot be read."""
    body = await read_body(request, _LARGEST_FORM, _FORM_WITHIN_S)
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise TurnedAway(Code.WRONG_FIELD) from None
