"""Runs suites by Great Expectations: as SQL inside PostgreSQL, on a window of each table.

Importing Great Expectations takes seconds: only `validate` does, and only tasks and commands call it.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import contextmanager
from functools import reduce
from operator import and_
from types import ModuleType
from typing import TYPE_CHECKING, Any

from psycopg import sql

from hotline_bridge.errors import TryAgainLater
from hotline_bridge.quality.results import KEY_LIMIT, Result, evaluate
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.datasource.fluent.postgres_datasource import PostgresDatasource
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from hotline_bridge.errors import Failures
    from hotline_bridge.quality.results import Window
    from hotline_bridge.quality.suites import Rule, Suite

# Without values, the rules of a table are counted by few statements. Keys cost a statement a rule, so only rules that
# failed are asked for them.
_COUNTS = {"result_format": "BASIC", "partial_unexpected_count": 0}
_KEYS = {
    "result_format": "SUMMARY",
    "partial_unexpected_count": KEY_LIMIT,
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
}


def validate(conninfo: str, suites: Sequence[Suite], window: Window, failures: Failures) -> list[Result]:
    """The result of every rule of these suites.

    Args:
        conninfo: libpq connection string of the local store; it is not handed to Great Expectations.
        suites: From `quality.suites`.
        window: Which rows are judged.
        failures: Learns of which tables Great Expectations could not run a rule.

    Raises:
        TryAgainLater: The store cannot be reached.
    """
    results: list[Result] = []
    with _datasource(conninfo) as datasource:
        for suite in suites:
            with failures.apart():
                results += _validate(datasource, suite, window)
    return results


@contextmanager
def _datasource(conninfo: str) -> Iterator[PostgresDatasource]:
    """A data source in memory whose sessions are ours: read only, Asia/Shanghai, bounded, and closed at the end."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # it is read at import
    # Its own words about a failing statement could repeat a value; what failed is told below, by rule.
    silent = logging.getLogger("great_expectations")
    silent.addHandler(logging.NullHandler())
    silent.propagate = False
    with _left_out("scipy", "scipy.stats", "altair"):
        import great_expectations as gx  # noqa: PLC0415  (takes seconds, see above)
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415  (the same)

    sessions: list[Connection[TupleRow]] = []

    def open_session() -> Connection[TupleRow]:
        session = connect(conninfo)
        session.set(default_transaction_read_only="on")
        sessions.append(session)
        return session

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    try:
        # The address is a mere form: `creator` opens the sessions, so that no password stands in a configuration.
        yield context.data_sources.add_postgres(
            "local_db",
            connection_string="postgresql+psycopg://user@host/local",
            kwargs={"creator": open_session},  # type: ignore[call-arg]  # missing in its stub, not in its documentation
        )
    finally:
        for session in sessions:
            session.close()


@contextmanager
def _left_out(*names: str) -> Iterator[None]:
    """Empty modules in place of these: rules over distributions need them, of which there are none here.

    They are a third of the time to load, 80 MB of memory, and in the image 140 MB that are not there.
    """
    put = {name: ModuleType(name) for name in names if name not in sys.modules}
    sys.modules.update(put)
    try:
        yield
    finally:
        for name in put:
            del sys.modules[name]


def _validate(datasource: PostgresDatasource, suite: Suite, window: Window) -> list[Result]:
    rows = sql.SQL("SELECT * FROM {} WHERE {column} >= {} AND {column} < {}").format(
        sql.Identifier("hotline", suite.table), window.begin, window.end, column=sql.Identifier(suite.window_column)
    )
    asset = datasource.add_query_asset(suite.table, query=rows.as_string(None))
    batch = asset.add_batch_definition_whole_table("window").get_batch()
    counted = _run(batch, suite, suite.rules, _COUNTS)
    failed = [rule for rule in suite.rules if counted[rule.name]["unexpected_count"]]
    keyed = {}
    if failed and suite.key:
        keyed = _run(batch, suite, failed, {**_KEYS, "unexpected_index_column_names": [suite.key]})
    return [_result(suite, rule, counted[rule.name], keyed.get(rule.name, {})) for rule in suite.rules]


def _run(
    batch: Batch, suite: Suite, rules: Sequence[Rule], result_format: dict[str, object]
) -> dict[str, dict[str, Any]]:
    """Great Expectations' own result of each rule, by the rule's name."""
    import great_expectations as gx  # noqa: PLC0415  (loaded already)
    from great_expectations import expectations  # noqa: PLC0415  (the same)

    done = batch.validate(
        gx.ExpectationSuite(
            name=suite.table,
            expectations=[
                getattr(expectations, rule.expectation)(
                    **rule.arguments, row_condition=_condition(rule), meta={"rule": rule.name}
                )
                for rule in rules
            ],
        ),
        result_format=result_format,
    )
    if broken := sorted(_name(result) for result in done.results if "unexpected_count" not in result.result):
        raise TryAgainLater(
            f"rules of hotline.{suite.table} could not be checked: {', '.join(broken)}",
            remedy="see whether the local store is well; the server's log says which statement failed",
        )
    return {_name(result): result.result for result in done.results}


def _name(result: ExpectationValidationResult) -> str:
    config = result.expectation_config
    return str((config.meta or {})["rule"]) if config else ""


def _condition(rule: Rule) -> object:
    from great_expectations.expectations.row_conditions import Column  # noqa: PLC0415  (the same)

    parts = [
        Column(name).is_not_null() if expected == "filled" else Column(name) == expected
        for name, expected in rule.where.items()
    ]
    return reduce(and_, parts) if parts else None


def _result(suite: Suite, rule: Rule, counted: dict[str, Any], keyed: dict[str, Any]) -> Result:
    return evaluate(
        suite.table,
        rule.name,
        error_above=rule.error_above,
        checked=counted["element_count"] - counted.get("missing_count", 0),
        failing=counted["unexpected_count"] or 0,  # None: there was no row
        keys=(key for group in keyed.get("partial_unexpected_index_list", ()) for key in group[suite.key]),
    )
