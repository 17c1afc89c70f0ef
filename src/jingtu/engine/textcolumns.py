"""Exact values as columns of text: the digits that a publication gives one by one, many at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from jingtu.engine.publication import part_text
from jingtu.engine.rational import BELOW_MINIMUM, OK, IntArray, Rational, decimal_text

_PLAIN_DECIMALS = 6
"""Arrow writes more of them with an exponent."""
_TERMINATING = 9
"""As :func:`part_text`: fractions that need more decimals stay fractions."""
_INT64 = 2**63 - 1

Chosen = NDArray[np.bool_]


def decimal_texts(scaled: IntArray, decimals: int, chosen: Chosen) -> pa.Array:
    """Scaled whole numbers as plain digits, null where not ``chosen``; as :func:`decimal_text`."""
    if scaled.dtype == object or decimals > _PLAIN_DECIMALS:
        return _one_by_one(len(scaled), chosen, lambda place: decimal_text(int(scaled[place]), decimals))
    low = np.where(chosen, scaled, 0).astype("<i8")
    words = np.stack([low, low >> 63], axis=1)  # 128 bits, the sign carried on
    kind = pa.decimal128(19, decimals)
    return _where(
        chosen, pa.Array.from_buffers(kind, len(low), [None, pa.py_buffer(words)]).cast(pa.string())
    )


def part_texts(values: Rational | None, chosen: Chosen, *, fraction: bool = False) -> pa.Array:
    """Exact values as text, null where there is none or not ``chosen``; as :func:`part_text`."""
    if values is None:
        return pa.nulls(len(chosen), pa.string())
    chosen = chosen & ((values.state == OK) | (values.state == BELOW_MINIMUM))
    if values.num.dtype == object or values.den.dtype == object:
        return _one_by_one(len(values), chosen, lambda place: part_text(values, place, fraction=fraction))
    num, den = np.where(chosen, values.num, 0), np.where(chosen, values.den, 1)
    divisor = np.gcd(num, den)
    num, den = num // divisor, den // divisor
    text = decimal_texts(num, 0, chosen)
    rest = den != 1
    for decimals in range(1, 0 if fraction else _TERMINATING + 1):
        power = 10**decimals
        here = rest & (power % den == 0)
        if not here.any():
            continue
        rest &= ~here
        if np.abs(num[here]).max() > _INT64 // power:
            scaled: IntArray = num[here].astype(object) * power // den[here]
        else:
            scaled = num[here] * power // den[here]
        text = pc.replace_with_mask(text, here, decimal_texts(scaled, decimals, np.ones(len(scaled), bool)))
    if rest.any():
        parts = [pa.array(part[rest]).cast(pa.string()) for part in (num, den)]
        text = pc.replace_with_mask(text, rest, pc.binary_join_element_wise(*parts, "/"))
    return text


def _where(chosen: Chosen, text: pa.Array) -> pa.Array:
    return pc.if_else(pa.array(chosen), text, pa.scalar(None, pa.string()))


def _one_by_one(size: int, chosen: Chosen, text: Callable[[int], str | None]) -> pa.Array:
    return pa.array([text(place) if chosen[place] else None for place in range(size)], type=pa.string())
