"""`python -m development.analysts`, in the project's folder; half a minute, on a PostgreSQL that is gone afterwards."""

from __future__ import annotations

from pathlib import Path

from development.analysts.pages import write_analysts_pages

for path in write_analysts_pages(Path()):
    print(f"{path} written")
