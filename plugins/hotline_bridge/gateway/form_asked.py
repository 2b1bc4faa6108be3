"""What a form is asked for: by a call of 12345's server, or by an address that 12345 signs itself (兼容地址)."""

from __future__ import annotations

import hashlib
import hmac
import time
from decimal import Decimal
from typing import TYPE_CHECKING

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.gateway.described import unreadable
from hotline_bridge.gateway.form_launches import Launch
from hotline_bridge.gateway.order_form import carried

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import QueryParams

    from hotline_bridge.gateway.clients import Client

_SIGNED_FOR_S = 300
_LEAST_NONCE = 16
_SIGNED = {"appid", "ts", "nonce", "method", "regino", "operator", "opener_origin"}


class NotLaunched(Exception):  # noqa: N818  (an answer, not an error)
    """A form that is not opened: `what` tells 12345 why, in Chinese, without a value of the call."""

    def __init__(self, what: str) -> None:
        super().__init__("no form is opened")
        self.what = what


def asked(client: Client, values: Mapping[str, object]) -> Launch:
    """The form that is asked for.

    Args:
        client: Who asks.
        values: As of `Forms.launch`.

    Raises:
        NotLaunched: The call is not right.
    """
    known = {interface.name: interface for interface in interfaces_of("order")}
    interface = known.get(str(values.get("method", "")))
    if interface is None:
        raise NotLaunched(f"method 应为 {'、'.join(known)} 之一")
    prefill = {}
    for name in {one.name for kind in known.values() for one in kind.request}:
        value = values.get(name)
        if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
            prefill[name] = carried(str(value))
        elif value is not None:
            raise NotLaunched(f"{name} 应为文字或数字")
    regino, operator, origin = (_named(values, name) for name in (str(interface.key), "operator", "opener_origin"))
    limit = next(one.limit for one in interface.request if one.name == interface.key) or 0
    if not 0 < len(regino) <= limit:
        raise NotLaunched(f"{interface.key} 必填，为文字，最多 {limit} 个字符")
    if not 0 < len(operator) <= 100:
        raise NotLaunched("operator 必填，为打开受理页的经办人员，最多 100 个字符")
    if origin not in client.origins:
        raise NotLaunched("opener_origin 不是这个调用方登记的网站（协议、主机、端口，末尾不加斜杠）")
    fitting = {one.name: prefill[one.name] for one in interface.request if one.name in prefill}
    fitting[str(interface.key)] = regino
    return Launch(client.app_id, client.origins, interface.name, regino, operator, origin, fitting)


def _named(values: Mapping[str, object], name: str) -> str:
    """A text that names something: left out of it, a character would make it name something else."""
    said = values.get(name)
    text = said.strip() if isinstance(said, str) else ""
    if unreadable(text):
        raise NotLaunched(f"{name} 含有无法识别的字符，请改正后重新调用")
    return text


def signed_address(clients: Mapping[str, Client], params: QueryParams) -> tuple[Client, Launch, str]:
    """What a signed address asks for.

    Args:
        clients: Those in use, by AppId.
        params: What stands behind the question mark.

    Returns:
        Who asks, the form, and the ticket that the address stands for: it is used up by the first request.

    Raises:
        NotLaunched: Its signature, its time or what it asks for is not right.
    """
    given = dict(params)
    shown = given.pop("sig", "").lower().encode()
    text = "&".join(f"{name}={value}" for name, value in sorted(given.items())).encode(errors="replace")
    client = clients.get(given.get("appid", ""))
    is_right = False
    for token_hash in client.token_hashes if client else (hashlib.sha256(b"").digest(),):
        expected = hmac.new(token_hash.hex().encode(), text, hashlib.sha256).hexdigest().encode()
        is_right |= hmac.compare_digest(shown, expected)
    if client is None or not is_right or len(params.multi_items()) != len(params):
        raise NotLaunched("校验信息不正确，请核对地址的签名")
    stamp = given.get("ts", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs(time.time() - int(stamp[:12])) > _SIGNED_FOR_S:
        raise NotLaunched("这个地址已过期，请在 12345 中重新打开")
    if given.keys() != _SIGNED or any("&" in value for value in given.values()):
        raise NotLaunched("地址的参数与约定不同，或参数值中含有 &")  # one signature must not fit two readings
    nonce = given["nonce"]
    if not _LEAST_NONCE <= len(nonce) <= 128:
        raise NotLaunched("nonce 应为 16 至 128 个字符，每次不同")
    return client, asked(client, given), f"{client.app_id}.{nonce}"
