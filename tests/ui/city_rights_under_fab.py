"""Run in a process of its own: what somebody may do in two cities whose FAB role is for one of them, as JSON.

Argument: what the role has, as JSON: pairs of action and resource.
"""

from __future__ import annotations

import json
import sys


def main(granted: list[tuple[str, str]]) -> dict[str, list[str]]:
    from airflow.api_fastapi.app import init_auth_manager
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    from hotline_bridge.cities import acting_for, cities

    init_auth_manager()
    with get_application_builder() as builder:
        manager = builder.sm
        role = manager.add_role("of one city")
        for action, resource in granted:
            manager.add_permission_to_role(role, manager.create_permission(action, resource))
        user = manager.add_user("li", "li", "li", "li@bureau.example", role, "of this test alone")
        from hotline_bridge.pages.in_airflow import with_rights

        found = {}
        for city in cities():
            with acting_for(city):
                found[city.name] = sorted(right.name for right in with_rights(user).rights)
        return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))) + "\n")
