"""What the results of a run look like to a program: the answers of :mod:`.results`."""

from __future__ import annotations

from typing import Any

from ninja import Schema

from .runs import RunOut


class SectionScore(Schema):
    """Points of one block of the card."""

    code: str
    name: str
    points: str
    maximum: str


class Ranked(Schema):
    """One ranked place. No rank: why is in `unranked`. `moved`: places gained since the run before.

    `tied`: another place has the same rank; `peer_sizes`: how many are ranked in each peer group.
    """

    region: int
    code: str
    name: str
    rank: int | None
    total: str | None
    previous_rank: int | None
    previous_total: str | None
    moved: int | None
    sections: list[SectionScore]
    bonus: str
    vetoes: list[str]
    sibling_rank: int | None
    peer_ranks: dict[str, int]
    reported: int
    expected: int
    met: int
    watch: int
    below: int
    unranked: str
    own: bool
    tied: bool
    peer_sizes: dict[str, int]


class RankingOut(Schema):
    """The ranking of a run, best first. `previous`: the published run of the period before; `comparable`: it
    ranked the same places, else no movement is told."""

    run: RunOut
    total_points: str
    previous: int | None
    comparable: bool
    items: list[Ranked]


class IndicatorRank(Schema):
    """One place by one indicator; `low_rank` to `high_rank` are the ranks it could hold by chance."""

    region: int
    code: str
    name: str
    rank: int | None
    value: str | None
    mark: str
    qualifier: str
    low_rank: int | None
    high_rank: int | None
    on_previous: str | None
    on_last_year: str | None
    streak: int
    own: bool
    tied: bool


class IndicatorRanking(Schema):
    """Places by one indicator of the card."""

    indicator: str
    items: list[IndicatorRank]


class Head(Schema):
    """A row of the card."""

    section: str
    indicator: str
    name: str
    unit: str
    decimals: int
    points: str
    requirement: str
    red_line: str
    unverified: bool


class CellOut(Schema):
    """One item of one place."""

    points: str | None
    maximum: str
    lost: str | None
    value: str | None
    mark: str
    qualifier: str


class MatrixOut(Schema):
    """The whole card: `cells[item][place]`, places by rank."""

    items: list[Head]
    places: list[Ranked]
    cells: list[list[CellOut]]


class ShortfallOut(Schema):
    """What is missing to a requirement: `difference` in the indicator's unit, `units` in countable things."""

    difference: str
    units: str | None
    unit_word: str
    more: bool


class RedLine(Schema):
    """An indicator of a place that misses its requirement or crosses its red line."""

    region: int
    place: str
    indicator: str
    name: str
    unit: str
    value: str | None
    mark: str
    requirement: str
    red_line: str
    shortfall: ShortfallOut | None
    on_previous: str | None
    streak: int
    own: bool


class RedLines(Schema):
    """Requirements missed, red lines crossed first."""

    items: list[RedLine]


class PlaceItem(Schema):
    """One item of one place with what it rests on."""

    head: Head
    cell: CellOut
    numerator: str | None
    denominator: str | None
    parts_hidden: bool
    rank: int | None
    reported: int
    expected: int
    on_previous: str | None
    on_last_year: str | None
    shortfall: ShortfallOut | None


class Items(Schema):
    """The card of one place, the largest loss first."""

    items: list[PlaceItem]


class StepOut(Schema):
    """One step of a derivation and the steps it came from. A withheld number has value null and
    `params.hidden` true."""

    kind: str
    label: str
    value: str | None
    params: dict[str, Any]
    children: list[StepOut]


class Stored(Schema):
    """The batch that stored a fact of the derivation."""

    sequence: int
    kind: str
    actor: str
    file: str | None
    created_at: str


class Part(Schema):
    """A place directly below."""

    region: int
    name: str


class ExplanationOut(Schema):
    """A published number opened into its derivation, as far as the caller may look.

    `closed`: what lies below the published value is not the caller's; `suppressed`: something counts few
    persons; `ways`: what would meet the requirement, one sentence each.
    """

    run: int
    region: int
    name: str
    indicator: str | None
    sentence: str
    closed: bool
    suppressed: bool
    shortfall: ShortfallOut | None
    ways: list[str]
    root: StepOut
    batches: list[Stored]
    children: list[Part]


class DifferenceOut(Schema):
    """One thing that changed between two versions."""

    kind: str
    place: str
    what: str
    old: str
    new: str
    why: str


class Differences(Schema):
    """What changed from the older version to the newer, and why."""

    older: RunOut
    newer: RunOut
    reasons: list[str]
    items: list[DifferenceOut]
