"""`make docs`: every page of the project that holds generated parts, written anew."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from development.pages import fields, published, settings
from development.pages.commands import command_list, dag_list, option_list
from development.pages.markdown import code, fill, table
from development.pages.reliability import reliability
from development.pages.specification import specification
from hotline_bridge.cli.main import app
from hotline_bridge.contract.model import RULE_ZH
from hotline_bridge.gateway.app import make_gateway
from hotline_bridge.gateway.form_pages import FormStores
from hotline_bridge.gateway.settings import GatewaySettings
from hotline_bridge.outbound.status import STATES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


def parts(project: Path) -> Mapping[str, Callable[[], str]]:
    """What can be generated, by the name that stands in a page's mark."""
    return {
        "alert-causes": settings.alert_causes,
        "commands": lambda: command_list(app),
        "dags": lambda: dag_list(project / "dags"),
        "docking-fields": fields.docking_fields,
        "docking-grants": fields.docking_grants,
        "environment": settings.environment,
        "fixed-values": settings.fixed_values,
        "gateway-codes": settings.gateway_codes,
        "gateway-extras": settings.gateway_extras,
        "interface-fields": fields.interface_fields,
        "interface-list": fields.interface_list,
        "options": lambda: option_list(app),
        "not-carried": published.not_carried,
        "platform-extras": settings.platform_extras,
        "postgres-extras": settings.postgres_extras,
        "published-columns": published.published_columns,
        "published-list": published.published_list,
        "quality-rules": settings.quality_rules,
        "reliability": lambda: reliability(project),
        "retention": settings.retentions,
        "rules": lambda: table(("rule", "中文"), ((code(rule), zh) for rule, zh in RULE_ZH.items())),
        "specification": lambda: specification(project),
        "states": lambda: table(("state", "中文"), ((code(state), zh) for state, zh in STATES.items())),
    }


def generated(project: Path) -> dict[Path, str]:
    """What README.md and the pages below docs/ should hold, by file.

    Args:
        project: The project's folder.

    Raises:
        ValueError: A page's marks are wrong; the message names the page.
    """
    pages = {}
    for path in sorted([*project.glob("README*.md"), *project.glob("docs/**/*.md")]):
        try:
            pages[path] = fill(path.read_text(encoding="utf-8"), parts(project))
        except ValueError as error:
            raise ValueError(f"{path.relative_to(project)}: {error}") from error
    for path in project.glob("docs/gateway.openapi.json"):
        pages[path] = _openapi()
    return pages


def _openapi() -> str:
    """What the gateway tells 12345's vendor of its interfaces."""
    nowhere = cast("Any", None)  # no store is opened to write it
    app = make_gateway(GatewaySettings(), nowhere, FormStores(nowhere, nowhere))
    return json.dumps(app.openapi(), ensure_ascii=False, indent=1) + "\n"


def write_pages(project: Path) -> list[Path]:
    """Write the generated parts. Returns the pages that changed."""
    changed = [(path, text) for path, text in generated(project).items() if path.read_text(encoding="utf-8") != text]
    for path, text in changed:
        path.write_text(text, encoding="utf-8")
    return [path for path, _ in changed]
