"""CSV of PostgreSQL as Excel shows it right: a text that it would take for a formula or a number gets a mark before it.

Excel takes a text for a formula by its first sign, full-width or behind blanks too; for a number, a date or a time
where it is made of digits: leading zeros and what is beyond 15 digits would be gone. The server writes plain CSV as
fast as it can; marks are set here beside it, in blocks of rows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

_BLOCK_BYTES = 2**18
_FORMULA = re.compile(r"\s*[-=+@＝＋－＠]|[\t\r\n]")
_NUMBER = re.compile(r"0[0-9]|[0-9]{12,}|[0-9]+[-/:.eE年月][0-9]|\s+[0-9]")
_LONG = 12
_BEFORE_FORMULA, _BEFORE_NUMBER = b"'\t"


def _one_of(signs: bytes) -> NDArray[np.bool_]:
    """By byte: whether it is one of these."""
    return np.isin(np.arange(256), list(signs))


_DIGIT, _OF_FORMULA, _IN_NUMBER = _one_of(b"0123456789"), _one_of(b"-=+@\t\r\n"), _one_of(b"-/:.eE")
# Seldom, so that the expressions may decide: blanks, the first byte of a full-width sign; the first ones of 年 and 月.
_BEGINS_SELDOM, _IN_NUMBER_SELDOM = _one_of(b" \v\f\xef"), _one_of(b"\xe5\xe6")


def for_excel(
    rows: Iterable[bytes | bytearray | memoryview], is_text: Sequence[bool], block_bytes: int = _BLOCK_BYTES
) -> Iterator[tuple[int, bytes]]:
    """Blocks of the same rows with a `'` before formulas and a tab before numbers, and how many rows each block has.

    Args:
        rows: As COPY gives them: one whole row each, in UTF-8.
        is_text: For each column whether it holds texts; others stay as they are.
        block_bytes: From which a block is large enough; what one holds stays in the processor's cache.
    """
    texts, block, count = np.flatnonzero(is_text), bytearray(), 0
    for row in rows:
        block += row
        count += 1
        if len(block) >= block_bytes:
            yield count, _marked(bytes(block), len(is_text), texts)
            block, count = bytearray(), 0
    if count:
        yield count, _marked(bytes(block), len(is_text), texts)


def _marked(block: bytes, columns: int, texts: NDArray[np.intp]) -> bytes:
    signs = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero((signs == ord(",")) | (signs == ord("\n")))
    if (quotes := np.flatnonzero(signs == ord('"'))).size:
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    begins = np.append(0, ends[:-1] + 1).reshape(-1, columns)[:, texts].ravel()
    ends = ends.reshape(-1, columns)[:, texts].ravel()
    is_there = begins < ends
    begins, ends = begins[is_there], ends[is_there]
    begins += signs[begins] == ord('"')
    first = signs[begins]

    marks = np.where(_OF_FORMULA[first], _BEFORE_FORMULA, 0).astype(np.uint8)
    digits = np.flatnonzero(_DIGIT[first])
    others = np.flatnonzero(signs - ord("0") > 9)  # below "0" it turns around
    stops = others[np.searchsorted(others, begins[digits])]
    length, stop = stops - begins[digits], signs[stops]
    goes_on = _IN_NUMBER[stop] & _DIGIT[signs[np.minimum(stops + 1, len(signs) - 1)]]
    is_number = (length >= _LONG) | ((first[digits] == ord("0")) & (length > 1)) | goes_on
    marks[digits[is_number]] = _BEFORE_NUMBER

    for cell in (*np.flatnonzero(_BEGINS_SELDOM[first]), *digits[_IN_NUMBER_SELDOM[stop]]):
        text = block[begins[cell] : ends[cell]].decode()
        if _FORMULA.match(text):
            marks[cell] = _BEFORE_FORMULA
        elif _NUMBER.match(text):
            marks[cell] = _BEFORE_NUMBER
    marked = np.flatnonzero(marks)
    return np.insert(signs, begins[marked], marks[marked]).tobytes()
