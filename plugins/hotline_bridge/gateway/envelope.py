"""What the gateway answers: `code`, `msg`, `data` (4.8.2.1.3.4), and the codes, which the specification leaves open."""

from __future__ import annotations

import json
from enum import Enum
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.types import Receive, Scope, Send


class Code(Enum):
    """The codes of answers: number, HTTP status, and what the caller should do, in the words of `msg`."""

    DONE = (0, 200, "成功")
    NOT_JSON = (40001, 400, "报文不是 UTF-8 编码的 JSON 对象，请按接口文档改正后重新调用")
    WRONG_FIELD = (40002, 400, "字段不符合要求")
    NOT_HTTP = (40003, 400, "HTTP 请求的格式有误，请核对请求行、请求头和报文长度")
    NO_SIGNATURE = (40101, 401, "请求头中没有校验信息，请按 AppId&Token&MD5(yyyymmdd-body) 填写")
    MALFORMED_SIGNATURE = (
        40102,
        401,
        "校验信息应为用 & 连接的三段（没有报文体时可以只有前两段），且这个请求头只能出现一次",
    )
    UNKNOWN_CALLER = (40103, 401, "AppId 或 Token 不正确，或已停用，请向市场监管局核对")
    WRONG_DIGEST = (40104, 401, "MD5 不符：请对发送的报文体原样计算，日期取北京时间当天")
    NOT_FOUND = (40401, 404, "没有这个接口，请核对地址")
    WRONG_METHOD = (40501, 405, "请求方法不正确，请核对接口文档")
    TOO_SLOW = (40801, 408, "报文没有在时限内传完，请检查网络后重新调用")
    TOO_LARGE = (41301, 413, "报文过大，请分几次调用")
    ENCODED = (41501, 415, "不接受压缩的报文体，请去掉 Content-Encoding 后重新调用")
    TOO_MANY = (42901, 429, "调用过于频繁，请按 Retry-After 给出的秒数稍后再试")
    FAULT = (50001, 500, "处理出错，不能确定是否已执行；可以原样重新调用，仍然出错时请把调用时间告知市场监管局")
    STORE_DOWN = (50301, 503, "系统暂时不能处理，不能确定是否已执行；请稍后原样重新调用")

    @property
    def number(self) -> int:
        """`code` of the envelope."""
        return self.value[0]

    @property
    def status(self) -> int:
        """Of the HTTP answer."""
        return self.value[1]

    @property
    def msg(self) -> str:
        """`msg` of the envelope."""
        return self.value[2]


class TurnedAway(Exception):  # noqa: N818  (an answer, not an error of ours)
    """A call that is answered with a code instead of what it asked for.

    Args:
        code: Why.
        msg: What is said instead of the code's own words; it holds no value of the call.
        retry_after_s: When to come again.
    """

    def __init__(self, code: Code, msg: str = "", *, retry_after_s: int | None = None) -> None:
        super().__init__(code.name)
        self.code = code
        self.msg = msg or code.msg
        self.retry_after_s = retry_after_s


class Answer(Response):
    """An answer in the envelope.

    Args:
        code: Its code.
        msg: Its words, where they are not those of the code.
        data: JSON as bytes.
        headers: Further headers.
    """

    media_type = "application/json"

    def __init__(
        self, code: Code = Code.DONE, msg: str = "", data: bytes = b"null", headers: Mapping[str, str] | None = None
    ) -> None:
        words = json.dumps(msg or code.msg, ensure_ascii=False).encode()
        self.code = code
        self.on_sent: Callable[[], None] | None = None
        super().__init__(b'{"code":%d,"msg":%b,"data":%b}' % (code.number, words, data), code.status, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it; `on_sent` is called once it is with the caller, or the caller has gone."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.on_sent:
                self.on_sent()


def as_answer(away: TurnedAway, *, issuc: str | None = None) -> Answer:
    """The envelope of a call that was turned away.

    Args:
        away: Why.
        issuc: Name of the member that says whether it was done, of interfaces that have one (4.2.5(2)).
    """
    headers = {}
    if away.retry_after_s is not None:
        headers["Retry-After"] = str(away.retry_after_s)
    if away.code in {Code.TOO_SLOW, Code.TOO_LARGE}:
        headers["Connection"] = "close"  # the rest of the body may still be on its way
    data = json.dumps({issuc: "0"}).encode() if issuc else b"null"
    return Answer(away.code, away.msg, data, headers)
