"""Lets the command run in a terminal, or under a cron, of any character set: GBK, Latin-1, none at all."""

from __future__ import annotations

import codecs
import io
import locale
import os
import sys


def bear_any_locale() -> None:
    """Read files as UTF-8 whatever the locale is, and print in the terminal's own encoding, `?` for what it lacks.

    Airflow and libraries open their files in the locale's encoding; only Python's UTF-8 mode changes that for all of
    them, and only from the start of a process. So a process without it is replaced by one that has it.
    """
    encoding = locale.getpreferredencoding(do_setlocale=False)
    if not sys.flags.utf8_mode and codecs.lookup(encoding).name != "utf-8":
        os.environ["PYTHONUTF8"] = "1"
        os.environ.setdefault("PYTHONIOENCODING", encoding)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  (this very command, no shell)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
