"""One form of the pages, sent in a process of its own, for tests that kill it."""

from __future__ import annotations

import json
import os
import sys

from tests.pages.conftest import Browser

if __name__ == "__main__":
    path, data, file = json.loads(sys.argv[1])
    files = {"files": {"file": (file[0], file[1].encode())}} if file else {}
    Browser(os.environ["LOCAL"]).post(path, data=data, **files)
