"""What `hotline check` says of the DAGs: all are switched on, and each has finished a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hotline_bridge.cities import here

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def dag_findings() -> Iterator[tuple[Literal["good", "warning", "bad"], str]]:
    """Level and text of each finding; none where the local store cannot say what ran.

    Raises:
        StopRun: The limits of alerts cannot be read.
    """
    import psycopg

    from hotline_bridge.alerts.conditions import find_alerts
    from hotline_bridge.alerts.limits import limits_of_deployment
    from hotline_bridge.hooks.airflow_admin import paused
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    limits = limits_of_deployment()
    dags = [dag for dag, _ in limits.longest_pause]
    try:
        with connect(conninfo("local_db")) as local:
            ran = {dag for (dag,) in local.execute("SELECT DISTINCT dag FROM hotline.run_log").fetchall()}
            late = {case.subject for case in find_alerts(local, limits, ["not_running"])}
    except psycopg.Error:
        return
    known = paused(dags)
    off = {dag for dag in dags if known and known.get(dag)}
    unknown = {dag for dag in dags if known is not None and dag not in known}
    # Before the first start everything is off: that is the next step, and no fault.
    level: Literal["warning", "bad"] = "bad" if ran else "warning"
    if off:
        yield level, f"paused, so nothing of it runs: {_named(off)}; run `airflow dags unpause --yes {_regexp(off)}`"
    if unknown:
        yield (
            level,
            f"Airflow knows no DAG {_named(unknown)}: set AIRFLOW__CORE__DAGS_FOLDER, start its processor",
        )
    if stopped := late - off - unknown:
        yield (
            level,
            f"no finished run in time: {_named(stopped)}; see its log, and the scheduler; {_switch_on(stopped)}",
        )
    if never := {*dags} - ran - late - off - unknown:
        yield "warning", f"no finished run yet: {_named(never)}; {_switch_on(never)}"
    if not (off or unknown or late or never):
        yield "good", f"all {len(dags)} DAGs run"


def _named(dags: Collection[str]) -> str:
    return ", ".join(sorted(map(here().named, dags)))


def _regexp(dags: Collection[str]) -> str:
    return f"--treat-dag-id-as-regex '^({'|'.join(sorted(map(here().named, dags)))})$'"


def _switch_on(dags: Collection[str]) -> str:
    return f"where it is paused, `airflow dags unpause --yes {_regexp(dags)}`"
