"""Geometry of the small inline drawings (sparkline, bar with noise band, dot strip).

Pure: numbers in, coordinates of an SVG view box out. A missing value is a gap, never a zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .words import to_decimal


def _floats(values: Sequence[object]) -> list[float | None]:
    numbers = [to_decimal(value) for value in values]
    return [None if number is None else float(number) for number in numbers]


@dataclass(frozen=True)
class Sparkline:
    """``runs``: point lists of unbroken stretches; ``dots``: stretches of a single value; ``last``: the end point."""

    width: int
    height: int
    runs: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    last: tuple[float, float] | None
    reference: float | None


def sparkline(
    values: Sequence[object], reference: object = None, width: int = 96, height: int = 24
) -> Sparkline:
    """A line through ``values`` from oldest to newest; ``reference`` (a target) is drawn as a level."""
    numbers = _floats(values)
    level = _floats([reference])[0]
    known = [number for number in [*numbers, level] if number is not None]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    margin = 3.0

    def y(number: float) -> float:
        share = 0.5 if high == low else (number - low) / (high - low)
        return round(height - margin - share * (height - 2 * margin), 1)

    step = (width - 2 * margin) / max(len(numbers) - 1, 1)
    stretches: list[list[tuple[float, float]]] = [[]]
    for index, number in enumerate(numbers):
        if number is None:
            stretches.append([])
        else:
            stretches[-1].append((round(margin + index * step, 1), y(number)))
    stretches = [stretch for stretch in stretches if stretch]
    last = stretches[-1][-1] if stretches and numbers[-1] is not None else None
    return Sparkline(
        width,
        height,
        tuple(" ".join(f"{a},{b}" for a, b in stretch) for stretch in stretches if len(stretch) > 1),
        tuple(stretch[0] for stretch in stretches if len(stretch) == 1),
        last,
        None if level is None else y(level),
    )


@dataclass(frozen=True)
class Bar:
    """All in per cent of the width (0 to 100): the bar from zero, the noise band and the target mark."""

    length: float | None
    band_start: float | None
    band_length: float | None
    target: float | None


def bar(
    value: object, maximum: object, low: object = None, high: object = None, target: object = None
) -> Bar:
    """A bar that starts at zero and ends at ``value``; ``low`` to ``high`` is what chance alone explains."""
    number, top, lower, upper, mark = _floats([value, maximum, low, high, target])
    scale = top if top and top > 0 else 1.0

    def place(amount: float | None) -> float | None:
        return None if amount is None else round(min(max(amount / scale, 0.0), 1.0) * 100, 2)

    start, end = place(lower), place(upper)
    length = None if start is None or end is None else round(max(end - start, 0.5), 2)
    return Bar(place(number), start if length is not None else None, length, place(mark))


@dataclass(frozen=True)
class Dot:
    """A place on the strip: ``x`` in per cent, name and value as shown; outliers and the reader's own are named."""

    x: float
    name: str
    shown: str
    own: bool
    outlier: bool


@dataclass(frozen=True)
class DotStrip:
    """Dots in ascending order, quartile box and median in per cent of the width."""

    dots: tuple[Dot, ...]
    box_start: float
    box_length: float
    median: float
    low: str
    high: str
    missing: int


def dot_strip(rows: Sequence[tuple[str, object]], own: str | None = None) -> DotStrip | None:
    """A strip of (name, value); outliers lie 1.5 interquartile ranges beyond the quartiles. None when empty."""
    known = [(name, value, number) for name, value in rows if (number := _floats([value])[0]) is not None]
    if not known:
        return None
    known.sort(key=lambda row: row[2])
    numbers = [row[2] for row in known]
    low, high = numbers[0], numbers[-1]

    def quantile(share: float) -> float:
        position = share * (len(numbers) - 1)
        below = int(position)
        above = min(below + 1, len(numbers) - 1)
        return numbers[below] + (numbers[above] - numbers[below]) * (position - below)

    def x(number: float) -> float:
        return round(50.0 if high == low else 3 + 94 * (number - low) / (high - low), 2)

    first, third = quantile(0.25), quantile(0.75)
    fence = 1.5 * (third - first)
    dots = tuple(
        Dot(x(number), name, str(value), name == own, not first - fence <= number <= third + fence)
        for name, value, number in known
    )
    return DotStrip(
        dots,
        x(first),
        round(x(third) - x(first), 2),
        x(quantile(0.5)),
        str(known[0][1]),
        str(known[-1][1]),
        len(rows) - len(known),
    )


HEAT_STEPS = (0.1, 0.25, 0.5, 0.75)
"""Shares of lost points at which the next darker shade begins."""


def heat_level(lost: object, points: object) -> int | None:
    """Shade 0 (nothing lost) to 5 for ``lost`` out of ``points``; None when either is unknown or zero points."""
    amount, full = _floats([lost, points])
    if amount is None or not full:
        return None
    share = amount / full
    return 0 if share <= 0 else 1 + sum(share > step for step in HEAT_STEPS)
