"""Run in a process of its own: adds a user of each of FAB's roles, by its name. Argument: the password of all."""

from __future__ import annotations

import sys


def main(password: str) -> None:
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        builder.sm.sync_roles()
        for name in ("viewer", "user", "op", "admin"):
            role = builder.sm.find_role(name.capitalize())
            assert builder.sm.add_user(name, name, name, f"{name}@bureau.example", role, password)


if __name__ == "__main__":
    main(sys.argv[1])
