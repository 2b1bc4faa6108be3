"""A run of `docking_publish` in a process of its own, for tests that kill it; without Airflow."""

from __future__ import annotations

from hotline_bridge.tasks.publish import publish_tables

if __name__ == "__main__":
    publish_tables()
