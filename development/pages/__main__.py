"""`python -m development.pages`, in the project's folder."""

from __future__ import annotations

from pathlib import Path

from development.pages.pages import write_pages

for path in write_pages(Path()):
    print(f"{path} written")
