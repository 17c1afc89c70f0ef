"""Who is named in a bulletin, and by which rule: pure functions over one run's results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from jingtu.assessment.bulletins.source import BulletinSource, Place


class BulletinKind(StrEnum):
    """How much a bulletin says: all of it, a week's notice, or one page for the day."""

    FULL = "full"
    WEEKLY = "weekly"
    DAILY = "daily"


class EntryKind(StrEnum):
    """What a line of a distribution list names."""

    REGION = "region"
    LEVEL = "level"
    UNIT = "unit"
    POST = "post"


def ranked(places: Iterable[Place]) -> list[Place]:
    """Ranked places in order of rank, then the unranked ones, each group by name."""
    return sorted(places, key=lambda place: (place.rank is None, place.rank or 0, place.name))


def leaders(places: Sequence[Place], count: int = 3) -> list[Place]:
    """The best ``count`` places, or more when the last shares its rank; none if that would name half of all."""
    order = [place for place in ranked(places) if place.rank is not None]
    if len(order) < 2 * count:
        count = max(1, len(order) // 3)
    if not order:
        return []
    edge = order[min(count, len(order)) - 1].rank
    return [place for place in order if place.rank is not None and edge is not None and place.rank <= edge]


def trailers(places: Sequence[Place], count: int = 3) -> list[Place]:
    """The last ``count`` ranked places, worst first; never one that also leads."""
    order = [place for place in ranked(places) if place.rank is not None]
    if len(order) < 2 * count:
        count = max(1, len(order) // 3)
    leading = {place.region_id for place in leaders(places, count)}
    tail = order[-count:] if order else []
    if tail:
        edge = tail[0].rank
        tail = [
            place for place in order if place.rank is not None and edge is not None and place.rank >= edge
        ]
    return [place for place in reversed(tail) if place.region_id not in leading]


def average(places: Iterable[Place]) -> Decimal | None:
    """Mean total of the ranked places, to two digits, half-up."""
    totals = [place.total for place in places if place.rank is not None and place.total is not None]
    if not totals:
        return None
    return (sum(totals, Decimal(0)) / len(totals)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def weakest_sections(source: BulletinSource, count: int = 2) -> list[tuple[str, str, Decimal]]:
    """Sections with the largest mean share of points lost: ``(name_zh, name_en, mean share of full points)``."""
    found = []
    for section in source.sections:
        points = [
            value
            for place in source.places
            if place.rank is not None and (value := place.section_points.get(section.code)) is not None
        ]
        if points and section.points:
            share = sum(points, Decimal(0)) / len(points) / section.points
            found.append((section.name_zh, section.name_en, share))
    return sorted(found, key=lambda item: item[2])[:count]


def points_text(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:.2f}"


def percent_text(share: Decimal) -> str:
    return f"{(share * 100).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


MARKED_PERCENT = Decimal(10)
MARKED_POINTS = Decimal(1)


@dataclass(frozen=True)
class Move:
    """A change worth a line: its words, and by how many times it passes what counts as marked."""

    text: str
    weight: Decimal


def marked_change(now: Decimal, earlier: Decimal, *, is_percent: bool) -> Move | None:
    """How a value moved, if it is marked: a rate by at least one point, a count by at least ten per cent.

    A count that was 0 has no percentage; then its difference is given and weighs as much as doubling.
    """
    difference = now - earlier
    sign = "+" if difference > 0 else "−"
    if is_percent:
        if abs(difference) < MARKED_POINTS:
            return None
        return Move(f"{sign}{abs(difference):f}", abs(difference) / MARKED_POINTS)
    if earlier == 0:
        return Move(f"{sign}{abs(difference):f}", 100 / MARKED_PERCENT) if difference else None
    percent = difference / abs(earlier) * 100
    if abs(percent) < MARKED_PERCENT:
        return None
    rounded = abs(percent).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return Move(f"{sign}{rounded:f}%", abs(percent) / MARKED_PERCENT)
