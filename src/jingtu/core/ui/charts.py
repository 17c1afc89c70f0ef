"""Charts as data: what is shown, in which unit, with its table twin. ``static/ui/charts.js`` draws them.

A chart is described here in the project's words, not in those of the drawing library; numbers may be anything
:func:`jingtu.core.ui.words.to_decimal` reads, and None is a gap.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from .words import format_number, rank_movement, rank_text, state_of, to_decimal

MAX_SERIES = 6


def _number(value: object) -> float | None:
    number = to_decimal(value)
    return None if number is None else float(number)


@dataclass(frozen=True)
class Series:
    """One line or one layer of bars. ``key`` names the place or thing: the same key has the same colour on a page."""

    name: str
    values: Sequence[object]
    key: str = ""
    emphasis: bool = False


@dataclass(frozen=True)
class Level:
    """A horizontal mark over the whole chart: a target, a red line, an average."""

    name: str
    value: object
    kind: Literal["target", "red", "average"] = "target"


@dataclass(frozen=True)
class Place:
    """A bar of a ranking. ``low`` and ``high``: noise band; ``rank_low`` and ``rank_high``: rank range."""

    name: str
    value: object
    rank: int | None = None
    tied: bool = False
    low: object = None
    high: object = None
    rank_low: int | None = None
    rank_high: int | None = None
    moved: int | None = None
    state: str = ""
    url: str = ""
    own: bool = False
    word: str = ""  # instead of a value: 缺报， 不适用…


@dataclass(frozen=True)
class Chart(ABC):
    """A chart and its table twin."""

    title: str
    unit: str
    decimals: int | None

    @abstractmethod
    def option(self) -> dict[str, Any]:
        """What charts.js needs, ready for ``json_script``."""

    @abstractmethod
    def columns(self) -> list[tuple[str, bool]]:
        """Head of the table twin: (label, numeric)."""

    @abstractmethod
    def rows(self) -> list[list[str]]:
        """Body of the table twin."""

    def links(self) -> list[str]:
        """Where each row of the table twin leads ("" nowhere), as a click on its mark in the drawing does."""
        return []

    @property
    def linked_column(self) -> int:
        """The column of the table twin that carries the links."""
        return 0

    def _base(self, kind: str) -> dict[str, Any]:
        return {"kind": kind, "title": self.title, "unit": self.unit, "decimals": self.decimals}

    def _shown(self, value: object) -> str:
        return format_number(value, self.decimals) or "–"

    def _with_unit(self, label: str) -> str:
        return f"{label}({self.unit})" if self.unit else label


@dataclass(frozen=True)
class Trend(Chart):
    """Lines over periods, oldest first, with targets and red lines. At most six series."""

    periods: Sequence[str] = ()
    series: Sequence[Series] = ()
    levels: Sequence[Level] = ()
    from_zero: bool = False
    running: Collection[int] = ()
    """Places of the periods that have not ended: their points are hollow, on a dashed line. Their names say so too."""

    def __post_init__(self) -> None:
        if len(self.series) > MAX_SERIES:
            raise ValueError(f"at most {MAX_SERIES} series in one chart, not {len(self.series)}")

    def option(self) -> dict[str, Any]:
        return {
            **self._base("trend"),
            "categories": list(self.periods),
            "from_zero": self.from_zero,
            "series": [_series(series) for series in self.series],
            "running": sorted(self.running),
            "levels": [
                {"name": level.name, "value": _number(level.value), "kind": level.kind}
                for level in self.levels
            ],
        }

    def columns(self) -> list[tuple[str, bool]]:
        names = [*(series.name for series in self.series), *(level.name for level in self.levels)]
        return [(_("周期"), False), *((self._with_unit(name), True) for name in names)]

    def rows(self) -> list[list[str]]:
        return [
            [
                period,
                *(self._shown(series.values[index]) for series in self.series),
                *(self._shown(level.value) for level in self.levels),
            ]
            for index, period in enumerate(self.periods)
        ]


@dataclass(frozen=True)
class Ranking(Chart):
    """Horizontal bars from best to worst, with noise band, rank range and movement."""

    places: Sequence[Place] = ()
    levels: Sequence[Level] = ()
    subject: str = ""
    """What the places are called in the table twin, where they are no regions."""

    def option(self) -> dict[str, Any]:
        return {
            **self._base("ranking"),
            "places": [
                {
                    "name": place.name,
                    "value": _number(place.value),
                    "low": _number(place.low),
                    "high": _number(place.high),
                    "rank": _rank(place) or None,
                    "range": _rank_range(place),
                    "moved": _moved_text(place.moved),
                    "state": place.state,
                    "url": place.url,
                    "own": place.own,
                    "word": place.word,
                }
                for place in self.places
            ],
            "levels": [
                {"name": level.name, "value": _number(level.value), "kind": level.kind}
                for level in self.levels
            ],
            "bands": [{"lane": lane, "rows": list(rows)} for lane, rows in in_lanes(self.bands)],
        }

    @property
    def bands(self) -> list[tuple[int, ...]]:
        """Groups of bars whose order may be chance: all their rank ranges share a rank."""
        return bands([(place.rank_low, place.rank_high) for place in self.places])

    def links(self) -> list[str]:
        return [place.url for place in self.places]

    @property
    def linked_column(self) -> int:
        return 1

    def columns(self) -> list[tuple[str, bool]]:
        columns = [(_("名次"), True), (self.subject or _("地区"), False), (self._with_unit(_("数值")), True)]
        if any(place.rank_low for place in self.places):
            columns.append((_("名次区间"), True))
        if any(place.moved is not None for place in self.places):
            columns.append((_("较上期"), True))
        if any(place.state for place in self.places):
            columns.append((_("状态"), False))
        return columns

    def rows(self) -> list[list[str]]:
        labels = [label for label, _numeric in self.columns()]
        rows = []
        for place in self.places:
            row = [_rank(place) or place.word or "–", place.name]
            row.append(format_number(place.value, self.decimals) or place.word or "–")
            if _("名次区间") in labels:
                row.append(_rank_range(place) or "–")
            if _("较上期") in labels:
                row.append(_moved_text(place.moved) or "–")
            if _("状态") in labels:
                row.append(
                    f"{state_of(place.state).mark} {state_of(place.state).word}" if place.state else "–"
                )
            rows.append(row)
        return rows


SHADES = 5


@dataclass(frozen=True)
class Bars(Chart):
    """Few categories with a bar of every series, beside each other, from zero. At most six series."""

    categories: Sequence[str] = ()
    series: Sequence[Series] = ()

    def __post_init__(self) -> None:
        if len(self.series) > MAX_SERIES:
            raise ValueError(f"at most {MAX_SERIES} series in one chart, not {len(self.series)}")

    def option(self) -> dict[str, Any]:
        return {
            **self._base("bars"),
            "categories": list(self.categories),
            "series": [_series(series) for series in self.series],
        }

    def columns(self) -> list[tuple[str, bool]]:
        return [
            (pgettext("chart", "类别"), False),
            *((self._with_unit(series.name), True) for series in self.series),
        ]

    def rows(self) -> list[list[str]]:
        return [
            [name, *(self._shown(series.values[index]) for series in self.series)]
            for index, name in enumerate(self.categories)
        ]


@dataclass(frozen=True)
class Tiles(Chart):
    """A tile for each place: no outline, no area that could be read as weight. The tile says the value in
    figures; its ground tells the state, or without states a shade from the lowest to the highest value.
    A place without a value is an empty frame with the word for it, never the lowest shade."""

    places: Sequence[Place] = ()
    subject: str = ""

    @property
    def by_state(self) -> bool:
        """Whether the ground tells states instead of a shade."""
        return any(place.state in ("met", "watch", "below") for place in self.places)

    @property
    def span(self) -> tuple[str, str]:
        """The lowest and the highest value as shown; empty texts without any."""
        values = [number for place in self.places if (number := to_decimal(place.value)) is not None]
        return (self._shown(min(values)), self._shown(max(values))) if values else ("", "")

    def option(self) -> dict[str, Any]:
        shades = _shades([place.value for place in self.places])
        return {
            **self._base("tiles"),
            "by_state": self.by_state,
            "places": [
                {
                    "name": place.name,
                    "value": _number(place.value),
                    "rank": place.rank,
                    "rank_text": _rank(place),
                    "moved": _moved_text(place.moved),
                    "state": place.state,
                    "shade": shade,
                    "word": place.word,
                    "url": place.url,
                    "own": place.own,
                }
                for place, shade in zip(self.places, shades, strict=True)
            ],
        }

    def links(self) -> list[str]:
        return [place.url for place in self.places]

    def columns(self) -> list[tuple[str, bool]]:
        columns = [(self.subject or _("地区"), False), (self._with_unit(_("数值")), True)]
        if any(place.rank is not None for place in self.places):
            columns.append((_("名次"), True))
        if self.by_state:
            columns.append((_("状态"), False))
        return columns

    def rows(self) -> list[list[str]]:
        ranked = any(place.rank is not None for place in self.places)
        rows = []
        for place in self.places:
            row = [place.name, format_number(place.value, self.decimals) or place.word or "–"]
            if ranked:
                row.append(_rank(place) or "–")
            if self.by_state:
                row.append(
                    f"{state_of(place.state).mark} {state_of(place.state).word}" if place.state else "–"
                )
            rows.append(row)
        return rows


def _shades(values: Sequence[object]) -> list[int | None]:
    """For each value a shade from 0 (lowest) to SHADES - 1, all alike when they are equal; None without one."""
    numbers = [to_decimal(value) for value in values]
    known = [number for number in numbers if number is not None]
    low, high = (min(known), max(known)) if known else (None, None)
    if low is None or high is None:
        return [None] * len(numbers)
    width = high - low
    return [
        None
        if number is None
        else SHADES // 2
        if not width
        else min(int((number - low) / width * SHADES), SHADES - 1)
        for number in numbers
    ]


def bands(ranges: Sequence[tuple[int | None, int | None]]) -> list[tuple[int, ...]]:
    """The largest groups (of two and more) of ranges that have a rank in common, by the places of their members.

    A place may stand in several groups: it can resemble both neighbours while these two differ.
    """
    known = [
        (number, low, high)
        for number, (low, high) in enumerate(ranges)
        if low is not None and high is not None
    ]
    groups = {tuple(number for number, low, high in known if low <= rank <= high) for _, rank, _ in known}
    return sorted(
        group for group in groups if len(group) > 1 and not any(set(group) < set(other) for other in groups)
    )


def in_lanes(groups: Sequence[tuple[int, ...]]) -> list[tuple[int, tuple[int, ...]]]:
    """Each group with the first lane in which it does not run into another one."""
    ends: list[int] = []
    found = []
    for group in groups:
        lane = next((number for number, end in enumerate(ends) if end < group[0]), len(ends))
        ends[lane:] = [max(group), *ends[lane + 1 :]]
        found.append((lane, group))
    return found


def _series(series: Series) -> dict[str, Any]:
    return {
        "name": series.name,
        "key": series.key or series.name,
        "emphasis": series.emphasis,
        "values": [_number(value) for value in series.values],
    }


def _rank(place: Place) -> str:
    return "" if place.rank is None else rank_text(place.rank, tied=place.tied)


def _rank_range(place: Place) -> str:
    if place.rank_low is None or place.rank_high is None:
        return ""
    low, high = place.rank_low, place.rank_high
    return str(low) if low == high else f"{low}–{high}"


def _moved_text(places: int | None) -> str:
    moved = rank_movement(places)
    return f"{moved.arrow}{moved.size}" if moved else ""
