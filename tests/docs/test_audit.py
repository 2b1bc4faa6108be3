"""`make audit`: what bandit finds has its reason beside it; a vulnerability ends it, a list that is away does not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from development import audit

PROJECT = Path(__file__).parents[2]


def pip_audit_says(monkeypatch: pytest.MonkeyPatch, stdout: str, stderr: str = "") -> None:
    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, stdout, stderr)

    monkeypatch.setattr(audit.subprocess, "run", run)
    monkeypatch.setattr(audit, "findings", lambda _: [])


def packages(*found: dict[str, object]) -> str:
    return json.dumps({"dependencies": [{"name": "a", "version": "1", "vulns": []}, *found]})


def test_a_vulnerability_ends_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    known = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
    pip_audit_says(monkeypatch, packages(known))
    assert not audit.audit(PROJECT)
    assert "b 2: PYSEC-1, mended in 3" in capsys.readouterr().out


def test_no_vulnerability_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pip_audit_says(monkeypatch, packages())
    assert audit.audit(PROJECT)
    assert "requirements.txt: no known vulnerability" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stdout", "stderr", "words"),
    [
        ("", "ConnectionError: no route to host", "cannot be reached (ConnectionError: no route to host)"),
        (packages({"name": "b", "skip_reason": "not found on PyPI"}), "", "knows nothing of 1 of 2 packages"),
    ],
)
def test_what_was_not_audited_is_said_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stdout: str, stderr: str, words: str
) -> None:
    pip_audit_says(monkeypatch, stdout, stderr)
    assert audit.audit(PROJECT)
    said = capsys.readouterr().out
    assert "NOT AUDITED" in said
    assert words in said


def test_a_list_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def hang(command: list[str], timeout: float, **_: Any) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    pip_audit_says(monkeypatch, "")
    monkeypatch.setattr(audit.subprocess, "run", hang)
    assert audit.audit(PROJECT)
    assert "did not answer within" in capsys.readouterr().out


def test_a_finding_without_its_reason_ends_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "meant.py").write_text("eval('1')  # noqa: S307  (a constant)\n", encoding="utf-8")
    (folder / "not_meant.py").write_text("import subprocess\neval('1')\n", encoding="utf-8")
    monkeypatch.setattr(audit, "FOLDERS", ("plugins",))
    [found] = audit.findings(tmp_path)
    assert "not_meant.py:2: B307" in found
