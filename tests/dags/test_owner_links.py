"""Where the owner's name leads to is a city's to set; a wrong value costs the link, not the DAGs."""

from __future__ import annotations

import pytest
from airflow.sdk import DAG

from hotline_bridge.dags.policy import OWNER, OWNER_LINK, owner_links


@pytest.mark.parametrize("link", ["mailto:duty@example.invalid", "https://wiki.example.invalid/12345"])
def test_a_usable_link_is_taken(monkeypatch: pytest.MonkeyPatch, link: str) -> None:
    monkeypatch.setenv(OWNER_LINK, link)
    assert owner_links() == {OWNER: link}
    assert DAG("any", schedule=None, owner_links=owner_links()).owner_links == {OWNER: link}


@pytest.mark.parametrize("link", ["", "duty@example.invalid", "mailto:", "https://", "javascript:alert(1)"])
def test_any_other_is_left_out(monkeypatch: pytest.MonkeyPatch, link: str) -> None:
    monkeypatch.setenv(OWNER_LINK, link)
    assert owner_links() == {}
    DAG("any", schedule=None, owner_links=owner_links()).validate()
