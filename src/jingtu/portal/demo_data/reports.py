"""What the generators share: months, rows, seeded randomness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SEED = 20260627
"""Seed of every draw; one PCG64 stream per month and kind of report, so blocks do not disturb each other."""

MONTHS: tuple[str, ...] = tuple(
    f"{year}-{month:02d}"
    for year, month in [(2025, m) for m in range(7, 13)] + [(2026, m) for m in range(1, 10)]
)

OPEN_MONTH = "2026-10"
"""The month that is being reported: known to the forms, not yet to the figures."""

CALENDAR: tuple[str, ...] = (*MONTHS, OPEN_MONTH)

Counts = NDArray[np.int64]
Rates = NDArray[np.float64]


@dataclass(frozen=True)
class ReportRow:
    """One figure of a report, in the columns of a long import file; ``value`` as written."""

    region: str
    element: str
    period: str
    value: str
    category: str = ""


def stream(month: int, block: int) -> np.random.Generator:
    """The random stream of a block of reports in a month (numbered from 0)."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([SEED, month, block])))


def chance(base: float, per_quality: float, quality: Rates) -> Rates:
    """The probability that a duty is done, for each place: never below 40 % or quite certain."""
    result: Rates = np.clip(base + per_quality * quality, 0.40, 0.9995)
    return result


def done_of(generator: np.random.Generator, due: Counts, probability: Rates) -> Counts:
    """How many of ``due`` were done; never more than due."""
    result: Counts = generator.binomial(due, probability).astype(np.int64)
    return result


def steadily_done_of(block: int, due: Counts, probability: Rates) -> Counts:
    """As :func:`done_of` for standing numbers: the same luck every month, so that they move with the trend.

    Redrawing a stock each month would let people drop out and return at random.
    """
    return done_of(stream(0, block), due, probability)


def split_whole(whole: Counts, shares: Rates) -> Counts:
    """Split each whole into parts by shares (places × parts) so that the parts add up exactly."""
    exact = whole[:, None] * shares
    parts = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - parts), axis=1, kind="stable")
    left = whole - parts.sum(axis=1)
    rank = np.argsort(order, axis=1, kind="stable")
    result: Counts = parts + (rank < left[:, None])
    return result


def rows_of(codes: list[str], period: str, values: dict[str, Counts]) -> list[ReportRow]:
    """Rows of one month: ``values`` maps an element, or ``element|category``, to a count per place."""
    rows = []
    for key, counts in values.items():
        element, _, category = key.partition("|")
        rows += [
            ReportRow(code, element, period, str(int(count)), category)
            for code, count in zip(codes, counts, strict=True)
        ]
    return rows
