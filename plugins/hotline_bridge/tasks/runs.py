"""What every run keeps to: it waits out a restore of the local store, and leaves a trace once it has finished.

By that trace a DAG that stands still is seen from outside it. Heavy imports stand inside the functions, so that a DAG
file that names a guarded step stays light to parse.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def unless_restoring(step: Callable[P, T]) -> Callable[P, T]:
    """Keep a step from running while a restore of the local store has not ended, and a restore while the step runs.

    The step raises StopRun where one has not ended, and TryAgainLater where the local store cannot say.
    """

    @wraps(step)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        from hotline_bridge.hooks.postgres import conninfo
        from hotline_bridge.restore.mark import none_under_way
        from hotline_bridge.store.database import connect

        with connect(conninfo("local_db")) as local, none_under_way(local):
            return step(*args, **kwargs)

    return guarded


def record_run(dag: str) -> None:
    """Write that a DAG with one job finished a run.

    Raises:
        StopRun: Connection `local_db` is missing or refused.
        TryAgainLater: The local store cannot be reached.
    """
    from hotline_bridge.hooks.postgres import conninfo
    from hotline_bridge.store.database import connect

    with connect(conninfo("local_db")) as local:
        local.execute("INSERT INTO hotline.run_log (dag, subject) VALUES (%s, '')", [dag])
