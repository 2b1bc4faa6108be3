"""The national platform without its network side: from one request to one answer, remembered in the history.

Where the specification is silent (protocol: open questions), this platform takes POST only and judges in this order:
path, verb, length, signature, JSON, method, faults, row rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from hotline_bridge.contract.reader import contract
from hotline_sandbox.server.answers import MALFORMED, UNKNOWN_METHOD, Answer, refusal
from hotline_sandbox.server.clock import Clock
from hotline_sandbox.server.faults import MISSED, Fault, FaultPlan, Hit
from hotline_sandbox.server.history import History, InterfaceCounts
from hotline_sandbox.server.rules import Row, read_row
from hotline_sandbox.server.services import CountService, ReportService, Service
from hotline_sandbox.server.signature import SignatureCheck
from hotline_sandbox.server.spoil import SILENT, Spoiling, spoil, unauthorized
from hotline_sandbox.server.stored import StoredReports
from hotline_sandbox.server.world.acknowledge import AcknowledgeService
from hotline_sandbox.server.world.rows import DrainService, QueryService, RowService
from hotline_sandbox.server.world.world import World

if TYPE_CHECKING:
    import random

    from hotline_bridge.contract.model import Interface
    from hotline_sandbox.server.settings import SandboxSettings

_HTTP_REFUSALS = {
    status: refusal(str(status), msg, status=status)
    for status, msg in {
        400: "不是有效的 HTTP 请求",
        404: "没有这个接口地址",
        405: "只接受 POST",
        411: "缺少 Content-Length",
        413: "请求体过大",
    }.items()
}
_UNAUTHORIZED = unauthorized()
_NO_JSON = refusal(MALFORMED, "请求体不是 UTF-8 编码的 JSON 对象")
_NO_METHOD = refusal(UNKNOWN_METHOD, "method 不是已知的接口")


class Request(NamedTuple):
    """One HTTP request, as far as the platform looks at it."""

    method: bytes
    path: bytes
    query: bytes
    authorization: bytes | None
    """Value of the configured header, as received."""
    body: bytes
    has_length: bool
    """Whether a Content-Length or a Transfer-Encoding came with it."""
    keep_alive: bool
    problem: int = 0
    """The HTTP status that refuses it before it was read to its end (400, 413), or 0."""


class Reply(NamedTuple):
    """What to send, and what to do to the connection meanwhile."""

    answer: Answer
    hit: Hit


@dataclass(slots=True)
class _Route:
    """What stands behind one path: one interface, or several told apart by a member of the body."""

    direct: Service | None = None
    member: str = ""
    by_value: dict[str, Service] = field(default_factory=dict)

    @property
    def bodiless(self) -> bool:
        return self.direct is not None and not self.direct.interface.request

    def named(self, row: Row) -> Service | None:
        """The service that the body names."""
        value = row.get(self.member)
        return self.by_value.get(value) if isinstance(value, str) else None


class _Call(NamedTuple):
    """A request as the platform understands it."""

    service: Service | None
    row: Row = MappingProxyType({})
    key: str | None = None
    refusal: Answer | None = None
    authentic: bool = False
    """The signature is right: only such calls are met by faults."""


class Platform:
    """All interfaces, the clock, the faults in force, what is stored, and the history."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self.clock = Clock()
        self._signature = SignatureCheck(settings.app_id, settings.token.get_secret_value())
        self.reset()

    def reset(self) -> None:
        """Be as just started: no history, no faults, no clock offset, nothing stored but the world of the settings.

        Raises:
            WorldFileError: The world's file cannot be read, or holds something else.
        """
        self.clock.offset_s = 0.0
        self.history = History()
        self.faults = FaultPlan(self.settings.seed)
        self._stored = StoredReports()
        self.world = World(self.clock, self.settings.registime)
        if self.settings.world is not None:
            self.world.load(self.settings.world)
        self.row_services: dict[str, RowService] = {}
        self._routes: dict[bytes, _Route] = {}
        for interface in contract().values():
            route = self._routes.setdefault(interface.path.encode(), _Route())
            service = self._service(interface)
            if interface.dispatch is None:
                route.direct = service
            else:
                route.member = interface.dispatch.field
                route.by_value[interface.dispatch.value] = service

    def _service(self, interface: Interface) -> Service:
        settings, world = self.settings, self.world
        match interface.kind:
            case "report":
                return ReportService(interface, self._stored, world, settings.on_repeat)
            case "reconcile":
                return CountService(interface, world, end_is_outside=settings.window_end == "exclusive")
            case "acknowledge":
                return AcknowledgeService(interface, world, settings.most_acknowledged)
            case "query" | "drain":
                service = (QueryService if interface.kind == "query" else DrainService)(interface, world, settings)
                self.row_services[interface.name] = service
                return service

    def receive(self, request: Request) -> Reply:
        """Judge one request, carry it out, write it to the history."""
        received = self.clock.now()
        call = self._read(request, received)
        name = call.service.interface.name if call.service else None
        hit = self.faults.draw(name, call.key) if call.authentic else MISSED
        if call.refusal is None and call.service is not None:
            honest = call.service.answer(call.row, store=hit.stores)
        else:
            honest = call.refusal or _NO_METHOD
        answer = honest if hit.fault is None else spoil(_spoiling(request, call, honest, hit.fault, hit.random))
        self.history.record(
            received=received,
            interface=name,
            key=call.key,
            status=None if hit.kind in SILENT else answer.status,
            code=answer.code,
            accepted=honest.stored and hit.stores,
            refused=honest.refused,
            fault=hit.kind,
            rows=answer.rows,
            body=request.body,
        )
        return Reply(answer, hit)

    def _read(self, request: Request, received: float) -> _Call:
        """Everything that is judged before the row itself."""
        route = self._routes.get(request.path)
        status = request.problem or _http_status(request, route)
        if route is None or status:
            return _Call(route.direct if route else None, refusal=_HTTP_REFUSALS[status])
        if not self._signature.accepts(request.authorization, request.body, self.clock.day(received)):
            return _Call(route.direct, refusal=_UNAUTHORIZED)
        try:
            row = read_row(request.body) if request.body or not route.bodiless else {}
        except ValueError:
            return _Call(route.direct, refusal=_NO_JSON, authentic=True)
        service = route.direct or route.named(row)
        if service is None:
            return _Call(None, row, refusal=_NO_METHOD, authentic=True)
        return _Call(service, row, _key(service.interface, row), authentic=True)

    def counts(self) -> dict[str, InterfaceCounts]:
        """The counts of each interface that was called, by name."""
        return self.history.counts(self._stored.distinct)


def _key(interface: Interface, row: Row) -> str | None:
    """What tells a call from others of its interface: the key of a report, the conditions of a query."""
    if interface.kind in {"query", "reconcile"}:
        values = [row.get(field.name) for field in interface.request]
    else:
        values = [row.get(interface.key)] if interface.key else []
    return "-".join(value for value in values if isinstance(value, str) and value) or None


def _http_status(request: Request, route: _Route | None) -> int:
    """The HTTP status that refuses a request before its signature is looked at, or 0."""
    if route is None:
        return 404
    if request.method != b"POST":
        return 405
    return 0 if request.has_length or route.bodiless else 411


def _spoiling(request: Request, call: _Call, honest: Answer, fault: Fault, source: random.Random) -> Spoiling:
    def request_values() -> str:
        header = (request.authorization or b"").decode("latin-1")
        return " ".join([header, *(str(value) for value in call.row.values())])

    def twisted() -> Answer:
        return call.service.twisted(call.row, fault, source) if isinstance(call.service, RowService) else honest

    return Spoiling(fault, source, honest, call.service.interface if call.service else None, twisted, request_values)
