"""What the results of a run look like to a screen: plain values, already trimmed to what the actor may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..models import Run
from .opened import Mark


@dataclass(frozen=True)
class SectionPoints:
    """Points of one block of the card."""

    code: str
    name: str
    points: Decimal
    maximum: Decimal


@dataclass(frozen=True)
class RankRow:
    """One ranked place. ``rank`` None: not ranked, and why in ``unranked`` (coverage, no_value).

    ``moved``: places gained since the run before (negative: lost), None without a comparable one, as is
    ``previous_rank``. ``tied``: another place has the same rank. ``peer_sizes``: how many are ranked in each
    peer group the place belongs to.
    ``counts``: how many of the card's indicators are met, watch, below. ``own``: the actor may open it.
    """

    region_id: int
    code: str
    name: str
    rank: int | None
    total: Decimal | None
    previous_rank: int | None
    previous_total: Decimal | None
    moved: int | None
    sections: Sequence[SectionPoints]
    bonus: Decimal
    vetoes: Sequence[str]
    sibling_rank: int | None
    peer_ranks: Mapping[str, int]
    reported: int
    expected: int
    counts: Mapping[str, int]
    unranked: str
    own: bool
    tied: bool
    peer_sizes: Mapping[str, int]


@dataclass(frozen=True)
class Ranking:
    """The ranking of a run. ``previous``: the published run of the period before, if the actor sees one.

    ``comparable``: that run ranked the same places. A renamed place is the same; after a merger or a split
    ranks are places among others, so no movement is told.
    """

    run: Run
    rows: Sequence[RankRow]
    total_points: Decimal
    previous: Run | None
    comparable: bool


@dataclass(frozen=True)
class IndicatorRow:
    """One place by one indicator, with its noise band (best and worst rank it could hold)."""

    region_id: int
    code: str
    name: str
    rank: int | None
    value: Decimal | None
    mark: Mark
    qualifier: str
    low_rank: int | None
    high_rank: int | None
    on_previous: Decimal | None
    on_last_year: Decimal | None
    streak: int
    own: bool
    tied: bool


@dataclass(frozen=True)
class ItemHead:
    """A row of the scorecard: an indicator with its points and requirement."""

    section: str
    section_name: str
    indicator: str
    name: str
    unit: str
    decimals: int
    points: Decimal
    requirement: str
    red_line: str
    unverified: bool


@dataclass(frozen=True)
class Cell:
    """One item of one place. ``lost_share`` (0 to 1) is the share of the item's points that was lost.
    Points are None where they would tell a hidden count."""

    points: Decimal | None
    maximum: Decimal
    lost: Decimal | None
    lost_share: float
    value: Decimal | None
    mark: Mark
    qualifier: str

    @property
    def points_state(self) -> str:
        """Why there are no points to show."""
        return "suppressed" if self.points is None else ""


@dataclass(frozen=True)
class Matrix:
    """Items as rows, places as columns: ``cells[item][place]``."""

    run: Run
    items: Sequence[ItemHead]
    places: Sequence[RankRow]
    cells: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Shortfall:
    """What is missing to a requirement. ``units``: whole countable things (None for a rate stated without
    its parts, outside the actor's reach, or where a small count would show); ``difference``: in the
    indicator's own unit."""

    difference: Decimal
    units: Decimal | None = None
    unit_word: str = ""
    more: bool = True


@dataclass(frozen=True)
class RedLineRow:
    """An indicator of a place that misses its requirement or crosses its red line."""

    region_id: int
    place: str
    indicator: str
    name: str
    unit: str
    decimals: int
    value: Decimal | None
    mark: Mark
    requirement: str
    red_line: str
    shortfall: Shortfall | None
    direction: str
    on_previous: Decimal | None
    streak: int
    own: bool


@dataclass(frozen=True)
class ItemRow:
    """One item of one place with what it rests on; parts None where the actor may not see them."""

    head: ItemHead
    cell: Cell
    numerator: Decimal | None
    denominator: Decimal | None
    parts_hidden: bool
    rank: int | None
    reported: int
    expected: int
    on_previous: Decimal | None
    on_last_year: Decimal | None
    shortfall: Shortfall | None
