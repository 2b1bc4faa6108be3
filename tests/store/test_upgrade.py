"""A store of each release comes to the newest revision with its rows, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotline_bridge.errors import StopRun
from hotline_bridge.store import before_release
from hotline_bridge.store.differences import read_differences
from hotline_bridge.store.migrate import current_revision, downgrade_local, head_revision, migrate_local
from tests.store.contents import catalog, contents, execute, fewer, fill

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.slow

RELEASED = ["0001_initial"]
"""The newest of each release: where a store in service stands."""


@pytest.mark.parametrize("revision", RELEASED)
def test_a_filled_store_of_each_release_comes_to_the_newest_and_back(local: str, revision: str) -> None:
    migrate_local(local, revision)
    then = catalog(local)
    fill(local)
    held = contents(local)
    assert min(held.values()) > 0
    migrate_local(local)
    assert current_revision(local) == head_revision()
    assert read_differences(local) == []
    assert fewer(local, held) == {}
    downgrade_local(local, revision)
    assert catalog(local) == then
    assert contents(local) == held


def test_a_store_of_the_last_version_before_0_1_0_is_taken_over(local: str) -> None:
    migrate_local(local, before_release.FIRST)
    fill(local)
    held = contents(local)
    execute(local, "UPDATE hotline.alembic_version SET version_num = '0029_counted_days'")
    told, *_ = migrate_local(local)
    assert told == f"0029_counted_days is called {before_release.FIRST} from now on; the schema is the same"
    assert current_revision(local) == head_revision()
    assert held.items() <= contents(local).items()  # later migrations add tables


def test_a_store_of_the_steps_since_0_1_0_is_taken_over(local: str) -> None:
    migrate_local(local, "0002_analysts_pages_gateway")
    before = catalog(local)
    execute(local, "UPDATE hotline.alembic_version SET version_num = '0017_lists_by_due'")
    told, *_ = migrate_local(local, "0002_analysts_pages_gateway")
    assert told == "0017_lists_by_due is called 0002_analysts_pages_gateway from now on; the schema is the same"
    assert current_revision(local) == "0002_analysts_pages_gateway"
    assert catalog(local) == before


@pytest.mark.parametrize("revision", ["0001_outbound", "0016_open_deadlines", "0028_table_names"])
def test_an_older_store_is_told_the_way_and_stays_as_it_is(local: str, revision: str) -> None:
    migrate_local(local, before_release.FIRST)
    execute(local, f"UPDATE hotline.alembic_version SET version_num = '{revision}'")  # noqa: S608
    before = catalog(local)
    for run in (migrate_local, downgrade_local):
        with pytest.raises(
            StopRun, match=rf"at {revision}, from before release 0\.1\.0; run `hotline migrate` of the last"
        ):
            run(local)
    assert catalog(local) == before
    assert current_revision(local) == revision
