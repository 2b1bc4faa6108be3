"""What Airflow's loader of plugins finds in a plugins folder, whichever syntax its ignore files have."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow._shared.module_loading import find_path_from_directory

PLUGINS = Path(__file__).parents[2] / "plugins"


@pytest.mark.parametrize("syntax", ["glob", "regexp"])
@pytest.mark.parametrize("whose", ["ours", "of others"])
def test_the_loader_executes_the_plugin_alone(tmp_path: Path, syntax: str, whose: str) -> None:
    """Any other module would be executed under its bare name, and take the place of another one in the process."""
    folder = PLUGINS
    if whose == "of others":
        folder = tmp_path
        (folder / ".airflowignore").write_text("tests/\n", encoding="utf-8")
        for name in ("hotline_bridge", "hotline_bridge_plugin.py"):
            (folder / name).symlink_to(PLUGINS / name)
    found = [Path(path) for path in find_path_from_directory(str(folder), ".airflowignore", syntax)]
    assert [path.name for path in found if path.suffix == ".py"] == ["hotline_bridge_plugin.py"]
