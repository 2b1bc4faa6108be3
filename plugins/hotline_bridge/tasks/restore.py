"""`hotline restore` with its connections resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hotline_bridge.by_hand import ByHand


def plan(since: str) -> dict[str, int]:
    """Docking rows that a restore would read again, by table; nothing is changed.

    Raises:
        StopRun: A connection, table or right is missing, or `since` is no moment that has passed.
        TryAgainLater: A store cannot be reached.
    """
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.restore.again import count_again
    from hotline_bridge.restore.run import moment_of
    from hotline_bridge.store.database import connect

    with connect(conninfo("docking_db")) as docking, connect(conninfo("local_db")) as local:
        docking.set(statement_timeout="0")
        return count_again(docking, moment_of(local, since))


def restore(
    since: str, by: ByHand, tell: Callable[[str], object], *, budget_s: float = 6 * 3600.0
) -> Mapping[str, int]:
    """Find out what the restored local store does not know; nothing is sent. It goes on where a killed one ended.

    Args:
        since: When the backup was begun. ISO text; Asia/Shanghai where it names no zone. The end of the last run that
            the backup knows counts where it is earlier.
        by: Who runs it, and why.
        tell: Is told each step in a line.
        budget_s: Seconds after which the platform is asked nothing more.

    Returns:
        Counts by what they count; all flows may run again.

    Raises:
        StopRun: A run is under way, a connection, table or right is missing, or contents are marked as collected and
            not known even now: then `since` was too late. The flows stay stopped.
        TryAgainLater: A store or the platform did not answer. The flows stay stopped.
    """
    from hotline_bridge.hooks.platform import platform_settings
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.restore import mark
    from hotline_bridge.restore.run import Restore, moment_of
    from hotline_bridge.store.database import connect
    from hotline_bridge.tasks.inbound import collect_from_of

    settings = platform_settings()
    with connect(conninfo("docking_db")) as docking, connect(conninfo("local_db")) as local:
        for session in (docking, local):
            session.set(statement_timeout="0")
        with mark.alone(local):
            moment = mark.begin(local, moment_of(local, since), by)
            tell(f"rows collected since {moment:%Y-%m-%d %H:%M:%S} are read again")
            run = Restore(
                docking,
                local,
                conninfo("local_db"),
                settings,
                by,
                tell,
                collect_from=collect_from_of(settings),
                budget_s=budget_s,
            )
            run.carry_out(moment)
            return run.counts
