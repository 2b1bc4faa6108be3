"""What counts as a doubt about a number, and what must not."""

from __future__ import annotations

import random

import pytest
from stdnum.cn import ric, uscc

from hotline_bridge.outbound.versions import is_odd_credit_code, is_odd_identity, is_odd_phone


@pytest.mark.parametrize(
    "text",
    [
        *(
            "13800138000",
            "138 0013 8000",
            "138-0013-8000",
            "+86 13800138000",
            "008613800138000",
            "１３８００１３８０００",
        ),
        *("0751-8888888", "07518888888", "(0751)8888888", "0755-82345678 转 801", "0755-82345678转801"),
        *("400-810-0011", "4008100011", "13800138000、0751-8888888", "13800138000/13900139000", "0755-82345678 分机 8"),
    ],
)
def test_numbers_that_can_be_dialled(text: str) -> None:
    assert not is_odd_phone(text)


@pytest.mark.parametrize(
    "text", ["12345", "匿名", "无", "1380013800", "23800138000", "8888888", "不详", "、", "138001380001"]
)
def test_numbers_that_cannot(text: str) -> None:
    assert is_odd_phone(text)


def identity(area: str, birth: str, serial: str) -> str:
    number = f"{area}{birth}{serial}"
    return number + ric.calc_check_digit(f"{number}0")


def test_an_identity_number_is_not_doubted_for_a_region_that_was_renamed() -> None:
    rng = random.Random(6)  # noqa: S311  (repeatable, no secret)
    areas = ("440203", "440282", "330113", "110228", "512501")
    numbers = [
        identity(
            rng.choice(areas), f"{rng.randint(1940, 2010)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}", f"{n:03}"
        )
        for n in range(999)
    ]
    assert not any(is_odd_identity(number) for number in numbers)
    assert not any(is_odd_identity(number.lower()) for number in numbers)
    wrong = [number[:-1] + ("0" if number[-1] != "0" else "1") for number in numbers]
    assert all(is_odd_identity(number) for number in wrong)
    assert is_odd_identity(identity("440203", "19490230", "002"))


@pytest.mark.parametrize("text", ["E12345678", "H1234567890", "粤字第1号", "44020319900101123", "护照"])
def test_other_papers_are_no_doubt(text: str) -> None:
    assert not is_odd_identity(text)


def test_a_credit_code_is_doubted_for_its_form_and_check_character() -> None:
    code = "9144020031519210X"
    good = code + uscc.calc_check_digit(code)
    assert not is_odd_credit_code(good)
    assert not is_odd_credit_code(f" {good.lower()} ")
    assert is_odd_credit_code(good[:-1])
    assert is_odd_credit_code(good[:-1] + ("0" if good[-1] != "0" else "1"))
    assert is_odd_credit_code("9133011075174")
