"""What apps above tell the catalogue: which elements their forms ask for, and what a draft does to their figures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from jingtu.engine.catalogue import Catalogue

Asked = Callable[[], Mapping[str, Sequence[tuple[str, str]]]]
"""Elements asked for, each with the name and the address of whatever asks."""


Use = Callable[[Catalogue], Collection[str]]
"""Elements and indicators that a page, sheet or target uses by itself, though no card or formula names them."""


@dataclass(frozen=True)
class PlaceMoved:
    """A ranked place: total and rank as published, and as the draft would have them."""

    region: int
    name: str
    total: tuple[str | None, str | None]
    rank: tuple[int | None, int | None]

    @property
    def moved(self) -> bool:
        """Whether anything differs."""
        return self.total[0] != self.total[1] or self.rank[0] != self.rank[1]


@dataclass(frozen=True)
class IndicatorMoved:
    """An indicator of the card: at how many places its value, and its points, would differ."""

    code: str
    names: tuple[str, str]
    values: int
    points: int
    note: str = ""


@dataclass(frozen=True)
class Impact:
    """What other definitions would have made of one published result, everything else being equal.

    ``gone``: the card is not in the other catalogue, or does not fit the period or the places any more.
    """

    run: int
    region: int
    link: str
    scorecard: str
    names: tuple[str, str]
    region_name: str
    period: str
    places: Sequence[PlaceMoved] = ()
    indicators: Sequence[IndicatorMoved] = ()
    gone: Mapping[str, Any] | None = field(default=None)


@dataclass(frozen=True)
class Judged:
    """A published result an impact can be worked out for; ``size``: how many regions are computed."""

    run: int
    region: int
    size: int


@dataclass(frozen=True)
class Judge:
    """Whoever publishes results: the latest of each card, and each as another catalogue would have it."""

    latest: Callable[[], Sequence[Judged]]
    impact: Callable[[int, Catalogue], Impact | None]


@dataclass(frozen=True)
class Asking:
    """An app whose forms ask for elements: its name, the page where its forms are drawn up, what they ask for."""

    label: str | Promise
    page: str | Promise
    asked: Asked


_asking: dict[str, Asking] = {}
_judges: dict[str, Judge] = {}
_uses: dict[str, Use] = {}


def register_asking(key: str, asking: Asking) -> None:
    """Say which elements an app asks people for."""
    _asking[key] = asking


def asking() -> list[Asking]:
    """Everybody who asks for elements."""
    return [_asking[key] for key in sorted(_asking)]


def asked_elements() -> dict[str, list[tuple[str, str]]]:
    """Every element some form asks for, with who asks."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in asking():
        for code, who in one.asked().items():
            found.setdefault(code, []).extend(who)
    return found


def register_use(key: str, use: Use) -> None:
    """Say which definitions an app uses by itself."""
    _uses[key] = use


def used_definitions(catalogue: Catalogue) -> set[str]:
    """Every definition some app uses by itself. One query for each such app at most."""
    return {code for _, use in sorted(_uses.items()) for code in use(catalogue)}


def register_judge(key: str, judge: Judge) -> None:
    """Offer to work out what a draft does to published results."""
    _judges[key] = judge


def judges() -> list[Judge]:
    """Everybody who can."""
    return [_judges[key] for key in sorted(_judges)]
