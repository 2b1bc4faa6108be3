"""`POST /embed/orders`: 12345's server asks for the address of an order form (specification 4.1.2, step 3)."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from hotline_bridge.contract.reader import interfaces_of
from hotline_bridge.gateway.calls import Call, Gateway, LoggedRoute, signed
from hotline_bridge.gateway.described import SCHEME, answer_of, refusals
from hotline_bridge.gateway.envelope import Answer, Code, TurnedAway
from hotline_bridge.gateway.form_asked import NotLaunched
from hotline_bridge.gateway.form_html import PATH
from hotline_bridge.gateway.form_pages import Forms

NAME = "embedorders"
"""How the interface is named in the interaction log."""
_ANSWER = {
    "type": "object",
    "required": ["url"],
    "additionalProperties": False,
    "properties": {
        "url": {"type": "string", "format": "uri", "description": "受理页的地址：十分钟内打开，只能打开一次"}
    },
}


def launch_routes(forms: Forms) -> APIRouter:
    """The route by which forms are asked for."""

    async def launch(request: Request, call: Annotated[Call, Depends(signed)]) -> Answer:
        gateway: Gateway = request.app.state.gateway
        try:
            path = await forms.launch(call.client, call.values())
        except NotLaunched as away:
            raise TurnedAway(Code.WRONG_FIELD, away.what) from None
        base = gateway.settings.public_url or str(request.base_url).rstrip("/")
        return Answer(data=json.dumps({"url": f"{base}{path}"}).encode())

    router = APIRouter(route_class=LoggedRoute)
    router.add_api_route(f"{PATH}/orders", launch, methods=["POST"], name=NAME, **_described())
    return router


def _described() -> dict[str, Any]:
    kinds = interfaces_of("order")
    key = str(kinds[0].key)
    # What breaks a rule of its interface is told to the clerk, who can mend it: it opens all the same.
    fields = {
        field.name: {"type": ["string", "number", "null"], "description": field.zh or field.name}
        for kind in kinds
        for field in kind.request
    }
    limit = next(field.limit for field in kinds[0].request if field.name == key)
    schema = {
        "type": "object",
        "required": ["method", key, "operator", "opener_origin"],
        "properties": {
            "method": {"type": "string", "enum": [kind.name for kind in kinds], "description": "工单的接口名"},
            "operator": {"type": "string", "maxLength": 100, "minLength": 1, "description": "打开受理页的经办人员"},
            "opener_origin": {"type": "string", "description": "嵌入受理页的网站：协议、主机、端口，须已登记"},
            **fields,
            key: {**fields[key], "type": "string", "minLength": 1, "maxLength": limit},
        },
    }
    return {
        "summary": "打开受理页",
        "description": "规范 4.1.2 第三步。报文为 4.8.2.1.4 工单受理接口中已知的字段，另加 operator、opener_origin。",
        "tags": ["4.1 受理页"],
        "response_model": None,
        "response_description": Code.DONE.msg,
        "responses": {200: answer_of([Code.DONE], _ANSWER, Code.DONE.msg), **refusals({"type": "null"})},
        "openapi_extra": {
            "security": [{SCHEME: []}],
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        },
    }
