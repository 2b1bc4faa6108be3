"""What the rules of intake say of one order before anybody writes it down: for forms (受理页、补录)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from psycopg import sql

from hotline_bridge.docking.contract_sql import names_of_fields, row_rules
from hotline_bridge.outbound.versions import PLAIN, Policy, Record, prepare, run_soft_checks
from hotline_bridge.platform_client.request import build_request
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg import Connection

    from hotline_bridge.contract.model import Interface


class Judged(NamedTuple):
    """What holds an order back, and what is only odd about it; each as `field:rule`, by wire name."""

    reasons: tuple[str, ...]
    flags: tuple[str, ...]


def judge(local: Connection, interface: Interface, values: Mapping[str, str], policy: Policy = PLAIN) -> Judged:
    """Judge an order by the row rules of intake (architecture: printed rules only). Nothing is kept.

    Args:
        local: Session on the local store; needs no right on a table but `hotline.seat`.
        interface: A report interface.
        values: By wire name; what is missing is the empty text.
        policy: What the deployment sets, as for intake.
    """
    body = build_request(interface, {field.name: values.get(field.name, "") for field in interface.request})
    prepare(local)
    with local.transaction(force_rollback=True):
        local.execute(
            "INSERT INTO batch (source_tid, written_at, body) VALUES ('', clock_timestamp(), %s)", [body.decode()]
        )
        _check_rows(local, interface, policy)
        run_soft_checks(local, interface)
        [(reasons, flags)] = local.execute("SELECT reasons, flags FROM version").fetchall()
    return Judged(tuple(reasons), tuple(flags))


def judge_contents(
    local: Connection, interface: Interface, contents: Sequence[Mapping[str, object]], policy: Policy = PLAIN
) -> list[tuple[str, ...]]:
    """The printed rules that each of several contents breaks, judged together. Nothing is kept.

    Args:
        local: Session on the local store.
        interface: A report interface.
        contents: By wire name, as they would be sent.
        policy: What the deployment sets, as for intake.
    """
    bodies = [json.dumps(content, ensure_ascii=False) for content in contents]
    prepare(local)
    with local.transaction(force_rollback=True):
        local.execute(
            "INSERT INTO batch (source_tid, written_at, body)"
            " SELECT '', clock_timestamp(), b.body FROM unnest(%s::text []) AS b (body)",
            [bodies],
        )
        _check_rows(local, interface, policy)
        judged = local.execute("SELECT convert_from(body, 'UTF8'), reasons FROM version").fetchall()
    # Contents that are the same are judged once.
    reasons = {body: tuple(of_body) for body, of_body in judged}
    return [reasons[body] for body in bodies]


def _check_rows(local: Connection, interface: Interface, policy: Policy) -> None:
    local.execute(
        read_sql("outbound/row_rules.sql", "check_rows"),
        {
            "fields": json.dumps(row_rules(interface)),
            "key": interface.key,
            "hold": interface.hold,
            "areas": list(policy.areas),
        },
    )


def is_other_record(local: Connection, interface: Interface, one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two contents of one key are of two records: of what both say of `named_by`, nothing is the same.

    Args:
        local: Session on the local store.
        interface: Of both.
        one: By wire name.
        other: Likewise.
    """
    if not interface.named_by:
        return False
    query = sql.SQL("SELECT {} FROM (SELECT %s::jsonb AS fields) AS v").format(
        names_of_fields(interface, sql.SQL("v.fields"))
    )
    [(first,)], [(second,)] = (local.execute(query, [json.dumps(dict(said))]).fetchall() for said in (one, other))
    record = Record()
    record.add(first)
    return record.is_other(second)
