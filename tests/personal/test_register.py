"""The register of personal data and the catalog say the same, and nobody has a right that it does not name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.contract import register
from hotline_bridge.contract.register import View, column_class, table_classes, tables, views

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = """
SELECT c.relname, a.attname FROM pg_class AS c INNER JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""
RIGHTS = {"analyst": "hotline_analyst", "text": "hotline_text_reader", "auditor": "hotline_auditor"}


def columns_of(conninfo: str, schema: str) -> dict[str, list[str]]:
    """Every table and view of a schema, with its columns."""
    found: dict[str, list[str]] = {}
    with psycopg.connect(conninfo) as session:
        for table, column in session.execute(COLUMNS, [schema]).fetchall():
            found.setdefault(table, []).append(column)
    return found


def test_every_column_of_every_table_has_a_class(local_store: str) -> None:
    found = columns_of(local_store, "hotline")
    for table, columns in found.items():
        for column in columns:
            assert column_class(table, column)
    assert set(tables()) == set(found), "the register names a table that is not there"
    gone = {table: set(table_classes(table)) - set(columns) for table, columns in found.items()}
    ours = set(register.load("personal.yaml")["typed"]["none"] + register.load("personal.yaml")["typed"]["key"])
    assert not {table: left - ours for table, left in gone.items() if left - ours}


def test_every_column_of_every_view_has_a_class(local_store: str) -> None:
    found = columns_of(local_store, "analytics")
    assert {name: sorted(view.columns) for name, view in views().items()} == {
        name: sorted(columns) for name, columns in found.items()
    }


@pytest.mark.parametrize("right", RIGHTS)
def test_a_role_reads_the_views_of_its_right_and_nothing_else(local_store: str, right: str) -> None:
    with psycopg.connect(local_store) as session:
        readable = session.execute(
            "SELECT format('%%s.%%s', n.nspname, c.relname) FROM pg_class AS c"
            " INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid"
            " WHERE n.nspname IN ('hotline', 'analytics') AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')"
            " AND (has_any_column_privilege(%(role)s, c.oid, 'SELECT')"
            " OR has_table_privilege(%(role)s, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'))",
            {"role": RIGHTS[right]},
        ).fetchall()
    wanted = {f"analytics.{view.name}" for view in views().values() if right in view.rights}
    assert {name for (name,) in readable} == wanted


def test_public_has_nothing_and_readers_call_only_what_views_call(local_store: str) -> None:
    with psycopg.connect(local_store) as session:
        callable_by = {
            role: {
                name
                for (name,) in session.execute(
                    "SELECT proname FROM pg_proc WHERE pronamespace IN ('hotline'::regnamespace,"
                    " 'analytics'::regnamespace) AND has_function_privilege(%s, oid, 'EXECUTE')",
                    [role],
                )
            }
            for role in (*RIGHTS.values(), "public")
        }
        open_to_public = session.execute(
            "SELECT relname FROM pg_class, aclexplode(relacl) AS g WHERE g.grantee = 0"
            " AND relnamespace IN ('hotline'::regnamespace, 'analytics'::regnamespace)"
        ).fetchall()
    assert callable_by["public"] == set()
    assert open_to_public == []
    for role in RIGHTS.values():
        assert not callable_by[role] & {"person_key", "identity_key", "keyed_hash", "make_person_secret"}


def view(classes: Mapping[str, list[str]], right: str = "analyst", **more: object) -> View:
    return View.model_validate({"name": "v", "right": right, "grain": "one", "classes": classes, **more})


@pytest.mark.parametrize("shown", ["number", "link", "body", "secret", "text"])
def test_what_tells_a_person_is_in_no_view(shown: str) -> None:
    with pytest.raises(ValueError, match="c must be in no view of right analyst"):
        view({"none": ["regino"], shown: ["c"]})


def test_free_text_has_a_right_of_its_own() -> None:
    assert view({"none": ["regino"], "text": ["content"]}, "text").classes["content"] == "text"


def test_a_column_has_one_class_and_an_aggregate_names_its_own_columns() -> None:
    with pytest.raises(ValueError, match="c stands in the register twice"):
        view({"none": ["c"], "name": ["c"]})
    with pytest.raises(ValueError, match="has no column area"):
        view({"none": ["day", "call_count"]}, dimensions=["day", "area"], counts=["call_count"])


def test_what_the_register_does_not_know_is_told_by_name() -> None:
    with pytest.raises(LookupError, match=r"hotline\.later stands in no register"):
        table_classes("later")
    with pytest.raises(LookupError, match=r"hotline\.call_log\.floor has no class"):
        column_class("call_log", "floor")
