"""What Airflow's loader of plugins finds in the plugins folder, whichever syntax its ignore files have."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow._shared.module_loading import find_path_from_directory

PLUGINS = Path(__file__).parents[2] / "plugins"


@pytest.mark.parametrize("syntax", ["glob", "regexp"])
def test_the_loader_executes_the_plugin_alone(syntax: str) -> None:
    """Any other module would be executed under its bare name, and take the place of another one in the process."""
    found = [Path(path) for path in find_path_from_directory(str(PLUGINS), ".airflowignore", syntax)]
    assert [path.name for path in found if path.suffix == ".py"] == ["hotline_bridge_plugin.py"]
