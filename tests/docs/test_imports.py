"""Imports point one way, as docs/architecture.md draws it, and the bridge never imports what is there to try it out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "plugins" / "hotline_bridge"
PAGE = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")


def levels() -> dict[str, int]:
    """The folders of the chain, from the top down."""
    section = PAGE.partition("### Imports point one way")[2]
    chain = section.split(". ")[0].split("→")
    return {name: level for level, names in enumerate(chain) for name in re.findall(r"`(\w+)`", names)}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, also where it does so late or for types alone."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


def test_the_chain_names_folders() -> None:
    assert len(levels()) > 6
    assert [name for name in levels() if not (PACKAGE / name).is_dir()] == []


def test_no_import_points_up() -> None:
    level = levels()
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {module}"
        for name, here in level.items()
        for path in (PACKAGE / name).rglob("*.py")
        for module in imports(path)
        if module.startswith("hotline_bridge.") and level.get(module.split(".")[1], here) < here
    ]
    assert wrong == []


def test_the_bridge_imports_nothing_of_the_sandbox() -> None:
    files = [*PACKAGE.rglob("*.py"), *PROJECT.glob("dags/*.py"), *PROJECT.glob("plugins/*.py")]
    wrong = [str(path) for path in files if any(module.startswith("hotline_sandbox") for module in imports(path))]
    assert wrong == []
