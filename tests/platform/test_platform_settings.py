from __future__ import annotations

import json
from dataclasses import fields

import pytest

from hotline_bridge.contract.model import Interface
from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.platform_client.settings import PLATFORM_EXTRAS, PlatformSettings, read_settings


def test_the_defaults_are_those_of_the_specification_and_of_the_architecture() -> None:
    settings = PlatformSettings("http://10.0.0.1:8080/", "app", "token")
    assert (settings.timeout_s, settings.tries, settings.auth_header) == (30.0, 4, "Authorization")
    assert not settings.duplicate_codes
    assert not settings.retry_codes
    assert settings.base_url == "http://10.0.0.1:8080"


@pytest.mark.parametrize("url", ["https://h", "http://h:1/base/path", "http://[::1]:8080", "HTTP://h"])
def test_usable_addresses(url: str) -> None:
    assert PlatformSettings(url, "app", "token").base_url == url


def test_the_cap_on_an_answer_lets_500_full_rows_pass() -> None:
    def row(interface: Interface) -> dict[str, str]:
        # A field without printed length counts as 100 characters.
        return {field.name: "字" * (field.limit or 100) for field in interface.response}

    # ASCII-only JSON, the longest way to write Chinese.
    greatest = max(len(json.dumps(row(each))) * (each.limits.max_rows or 500) for each in contract().values())
    assert greatest < PlatformSettings("http://h", "app", "token").max_answer_bytes


UNUSABLE: list[tuple[dict[str, object], str]] = [
    *(
        ({"base_url": url}, "host")
        for url in (
            *("", "h", "ftp://h", "//h", "http://", "http://:80", "http://h:99999", "http://h:0", "http://h:x"),
            *(
                "http://u:MARKED@h",
                "http://h?a=1",
                "http://h?",
                "http://h#f",
                "http://h/ a",
                "http://h\n",
                "http://主机",
            ),
            *("http://a..b", f"http://{'x' * 64}.cn", "http://.", "http://a\\b", "http://[::zz]"),
        )
    ),
    *(({"app_id": value}, "login") for value in ("", "a&b", "a\r\nX: 1", "应用", "a\x00", " a", "a ", "é")),
    *(
        ({"token": value}, "password")
        for value in ("", "MARKED\r", "MARKED\nX: 1", "MARKED密", "MARKED\x7f", " MARKED")
    ),
    *(
        ({"auth_header": value}, "auth_header")
        for value in (
            "",
            "Author ization",
            "A:",
            "A\r\n",
            "头",
            "Host",
            "content-length",
            "Transfer-Encoding",
            "Cookie",
        )
    ),
    *(({"timeout_s": value}, "timeout_s") for value in (0, -1, float("nan"), float("inf"), True, "30")),
    *(({"retry_after_cap_s": value}, "retry_after_cap_s") for value in (0, -1, float("nan"))),
    *(
        ({name: value}, name)
        for name in ("tries", "max_concurrency", "max_answer_bytes", "breaker_failures")
        for value in (0, -1, 1.5, True, "4")
    ),
    ({"duplicate_codes": frozenset({"0"})}, "duplicate_codes"),
    ({"retry_codes": frozenset({"0000"})}, "retry_codes"),
    ({"duplicate_codes": frozenset({"7"}), "retry_codes": frozenset({"7"})}, "retry_codes"),
    ({"ca_file": " "}, "ca_file"),
    ({"areas": frozenset({"44020"})}, "areas"),
    ({"areas": frozenset({"４４０２００"})}, "areas"),
]


@pytest.mark.parametrize(("wrong", "named"), UNUSABLE, ids=lambda value: repr(value)[:60])
def test_an_unusable_value_says_what_to_mend_and_does_not_repeat_it(wrong: dict[str, object], named: str) -> None:
    values = {"base_url": "http://h", "app_id": "app", "token": "token", **wrong}
    with pytest.raises(StopRun) as caught:
        PlatformSettings(**values)  # type: ignore[arg-type]  # wrong types are part of the test
    assert named in str(caught.value)
    assert "connection platform_12315" in str(caught.value)
    assert "MARKED" not in str(caught.value)


def test_every_extra_is_a_setting_and_every_optional_setting_an_extra() -> None:
    optional = [entry.name for entry in fields(PlatformSettings)][3:]
    assert [extra.name for extra in PLATFORM_EXTRAS] == optional
    defaults = PlatformSettings("http://h", "app", "token")
    assert all(extra.default == getattr(defaults, extra.name) and extra.meaning for extra in PLATFORM_EXTRAS)


@pytest.mark.parametrize(
    ("extras", "expected"),
    [
        ({"timeout_s": "5"}, {"timeout_s": 5.0}),
        ({"timeout_s": 5, "tries": "2", "max_concurrency": 8.0}, {"timeout_s": 5.0, "tries": 2, "max_concurrency": 8}),
        ({"duplicate_codes": "1003, 1004,"}, {"duplicate_codes": frozenset({"1003", "1004"})}),
        ({"duplicate_codes": ["1003", 1004]}, {"duplicate_codes": frozenset({"1003", "1004"})}),
        (
            {"retry_codes": '["9001"]', "duplicate_codes": 7},
            {"retry_codes": frozenset({"9001"}), "duplicate_codes": {"7"}},
        ),
        ({"areas": "440203,440204"}, {"areas": frozenset({"440203", "440204"})}),
        ({"auth_header": " X-Auth "}, {"auth_header": "X-Auth"}),
        ({"audit_required": True}, {"audit_required": True}),
        ({"audit_required": " ON "}, {"audit_required": True}),
        ({"audit_required": "false"}, {"audit_required": False}),
        ({"audit_required": ""}, {"audit_required": False}),
        ({"timeout_s": "", "ca_file": None, "retry_codes": ""}, {"timeout_s": 30.0, "ca_file": None}),
        ({"timeout": "1", "verify": False, "headers": {"A": "b"}}, {"timeout_s": 30.0}),
    ],
)
def test_extras_are_read_by_name_as_numbers_or_texts(extras: dict[str, object], expected: dict[str, object]) -> None:
    settings = read_settings("http://h", "app", "token", extras)
    assert {name: getattr(settings, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("timeout_s", value) for value in ("soon", True, [1], "nan", "1e999")),
        *(("tries", value) for value in ("2.5", "inf", {})),
        *(("duplicate_codes", value) for value in ({"a": 1}, True, [None], 1.5)),
        *(("retry_codes", value) for value in ("[1", [[1]])),
        ("auth_header", 7),
        ("ca_file", 3),
        *(("audit_required", value) for value in ("perhaps", 1, [])),
    ],
)
def test_an_unreadable_extra_is_named(name: str, value: object) -> None:
    with pytest.raises(StopRun, match=f"extra {name} of connection platform_12315"):
        read_settings("http://h", "app", "token", {name: value})


def test_unknown_extras_are_told_by_name() -> None:
    assert PLATFORM_EXTRAS.unknown({"timeout_s": 1, "verify": 2, "Timeout_s": 3}) == ["Timeout_s", "verify"]
