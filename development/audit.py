"""`make audit`: what bandit finds in the code, and what is known of the pinned packages (pip-audit).

A place where a finding of bandit is meant carries ruff's mark for the same rule (`# noqa: S603` for B603) and its
reason; whatever has none ends the audit. A known vulnerability ends it too. Where the list of vulnerabilities cannot be
reached, or does not know the packages, the audit says so and goes on.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bandit.core.config import BanditConfig
from bandit.core.manager import BanditManager

FOLDERS = ("plugins", "sandbox/hotline_sandbox", "development", "dags")
PINNED = ("requirements.txt", "requirements-celery.txt")
_ASK_S = 30
"""How long asking may take for each file."""
_MEANT = {
    "B404": "importing subprocess does nothing; each call is looked at by itself (B602 to B607)",
    "B405": "what is parsed as XML is the program's own (charts)",
}
"""Rules about an import alone, which ruff has not either, and why they say nothing here."""


def findings(project: Path) -> list[str]:
    """What bandit finds in the code and no mark explains, one line each."""
    logging.getLogger("bandit").setLevel(logging.ERROR)  # it tells of each word of a reason
    manager = BanditManager(BanditConfig(), "file", quiet=True)
    manager.discover_files([str(project / folder) for folder in FOLDERS], recursive=True)
    manager.run_tests()
    found = manager.get_issue_list()
    return [f"{issue.fname}:{issue.lineno}: {issue.test_id} {issue.text}" for issue in found if not _is_meant(issue)]


def _is_meant(issue: Any) -> bool:  # noqa: ANN401  (bandit has no types)
    lines = Path(issue.fname).read_text(encoding="utf-8").splitlines()
    marks = lines[min(issue.linerange) - 1 : max(issue.linerange)]
    return issue.test_id in _MEANT or any(f"S{issue.test_id[1:]}" in line.partition("# noqa:")[2] for line in marks)


def vulnerabilities(file: Path) -> tuple[list[str], str]:
    """What is known of the packages that a file pins.

    Returns:
        Vulnerabilities, one line each; and why nothing is known, or of how many packages, where that is so.
    """
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(file), "--disable-pip", "--require-hashes"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=_ASK_S, check=False)  # noqa: S603  (ours)
        packages = json.loads(ran.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return [], f"NOT AUDITED: the list of vulnerabilities did not answer within {_ASK_S} s"
    except ValueError:
        said = ran.stderr.strip().splitlines() or ["nothing"]
        return [], f"NOT AUDITED: the list of vulnerabilities cannot be reached ({said[-1][:200]})"
    known = [
        f"{package['name']} {package['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'none'}"
        for package in packages
        for found in package.get("vulns", ())
    ]
    skipped = sum("skip_reason" in package for package in packages)
    unknown = f"NOT AUDITED: the list knows nothing of {skipped} of {len(packages)} packages" if skipped else ""
    return known, unknown


def audit(project: Path) -> bool:
    """Say what was found. Returns whether all is well as far as is known."""
    with ThreadPoolExecutor() as apart:
        asked = apart.map(vulnerabilities, [project / name for name in PINNED])
        bad = findings(project)
    print("\n".join(bad) or "bandit: nothing that is not explained")
    for name, (known, unknown) in zip(PINNED, asked, strict=True):
        print(*known, *([f"{name}: {unknown}"] if unknown else []), sep="\n", end="\n" if known or unknown else "")
        if not known and not unknown:
            print(f"{name}: no known vulnerability")
        bad += known
    return not bad


if __name__ == "__main__":
    sys.exit(not audit(Path()))
