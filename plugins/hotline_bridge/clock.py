"""The one time zone of hotline and platform: what a time without a zone means, and how staff read one."""

from __future__ import annotations

from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
