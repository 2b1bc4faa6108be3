"""What Airflow's UI asks for: two types of connections, with our extras as fields of their forms.

Connections of the types `http` and `postgres` work as well; these show what can be set, and their test button asks the
way the bridge does. Airflow finds this by the entry point `apache_airflow_provider` of pyproject.toml.
"""

from __future__ import annotations

from typing import Any

from hotline_bridge.platform_client.settings import PLATFORM_EXTRAS
from hotline_bridge.store.extras import POSTGRES_EXTRAS


def get_provider_info() -> dict[str, Any]:
    """In the form of Airflow's provider_info.schema.json; every process of Airflow asks for it."""
    return {
        "package-name": "hotline-bridge",
        "name": "hotline-bridge",
        "description": "The bridge between a city's 12345 hotline and the national 12315 platform.",
        "connection-types": [
            {
                "connection-type": "hotline_platform",
                "hook-class-name": "hotline_bridge.hooks.platform_hook.PlatformHook",
                "hook-name": "12315 平台 (hotline-bridge)",
                "ui-field-behaviour": {
                    "hidden-fields": [],
                    "relabeling": {"login": "AppId", "password": "Token", "schema": "http or https"},  # nosec B105  (a label)
                    "placeholders": {"host": "http://10.0.0.1:8080"},
                },
                "conn-fields": {
                    extra.name: _field(extra.name, f"{extra.meaning}: {extra.expects}", extra.default)
                    for extra in PLATFORM_EXTRAS
                },
            },
            {
                "connection-type": "hotline_store",
                "hook-class-name": "hotline_bridge.hooks.store_hook.StoreHook",
                "hook-name": "12345 对接库、本地库 (hotline-bridge)",
                "ui-field-behaviour": {
                    "hidden-fields": [],
                    "relabeling": {"schema": "Database"},
                    "placeholders": {"port": "5432"},
                },
                "conn-fields": {
                    extra.name: _field(extra.name, extra.meaning, extra.default) for extra in POSTGRES_EXTRAS
                },
            },
        ],
    }


def _field(name: str, meaning: str, default: object) -> dict[str, Any]:
    """A field of a form, always as text: that is how the readers of extras take every value, and empty is unset."""
    if isinstance(default, frozenset):
        default = ", ".join(sorted(default))
    unset = f" (default {default})" if default not in (None, "") else ""
    return {"label": name, "description": f"{meaning}{unset}", "schema": {"type": ["string", "null"]}}
