#!/usr/bin/env python3
"""Makes the bureau's roles in the UI and its first users, where they are missing; a user who is there is left alone.

    ui-accounts     by the service `airflow-init`, after `airflow db migrate`

Environment:
    HOTLINE_UI_USERS       name:role of each, with commas between them
    HOTLINE_UI_PASSWORDS   JSON: name to first password; from the secret ui_passwords
"""

from __future__ import annotations

import json
import os
import sys

READ, CREATE, EDIT = "can_read", "can_create", "can_edit"
RUNS, DECISIONS = "DAG:order_report", "HITL Detail"

# What docs/pages.md lists as rights, on top of what Airflow's Viewer may. FAB asks for `can edit` on the DAG for
# whatever is done in it.
ROLES: dict[str, list[tuple[str, str]]] = {
    "bureau-viewer": [],
    "bureau-decider": [(EDIT, RUNS), (EDIT, DECISIONS)],
    "bureau-operator": [(EDIT, RUNS), (EDIT, DECISIONS), (CREATE, "DAG Runs")],
    "bureau-auditor": [(READ, "Connections")],
}
NAMES = {"admin": "Admin", **{name.removeprefix("bureau-"): name for name in ROLES}}
"""How HOTLINE_UI_USERS names a role, and what it is called in the UI."""


def main() -> None:
    """Make what is missing. Ends with 1 and one sentence where a user has no known role or no password."""
    users = [user.strip().partition(":") for user in os.environ["HOTLINE_UI_USERS"].split(",")]
    passwords = json.loads(os.environ["HOTLINE_UI_PASSWORDS"])
    if wrong := [name for name, _, role in users if role not in NAMES]:
        known = ", ".join(NAMES)
        sys.exit(f"ui-accounts: HOTLINE_UI_USERS gives {', '.join(wrong)} no known role: write name:role, of {known}")

    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder  # noqa: PLC0415 (seconds)

    with get_application_builder() as builder:
        manager = builder.sm
        manager.sync_roles()
        seen = [*manager.VIEWER_PERMISSIONS, (READ, "Plugins")]  # the menu entry of the pages
        manager.bulk_sync_roles([{"role": name, "perms": [*seen, *more]} for name, more in ROLES.items()])
        for name, _, role in users:
            if manager.find_user(username=name):
                continue
            address = f"{name}@localhost"  # FAB wants one, and sends nothing
            if not manager.add_user(name, name, "", address, manager.find_role(NAMES[role]), password=passwords[name]):
                sys.exit(f"ui-accounts: user {name} could not be made: see what is written above")
            print(f"ui-accounts: made {name}, {NAMES[role]}")  # noqa: T201  (its log)


if __name__ == "__main__":
    main()
