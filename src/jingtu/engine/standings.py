"""What changes people ask about: totals, ranks and indicator values, taken before and held against after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jingtu.engine.assess import Assessment
from jingtu.engine.ranking import Ranks
from jingtu.engine.rational import BELOW_MINIMUM, OK, decimal_text


class PlaceMove(NamedTuple):
    """A ranked place (own id) whose total or rank moved; None where it has none."""

    region_id: int
    old_total: str | None
    new_total: str | None
    old_rank: int | None
    new_rank: int | None


class IndicatorMove(NamedTuple):
    """A place's value or rank by one indicator that moved; the whole has values and no rank."""

    region_id: int
    indicator: str
    old: str | None
    new: str | None
    old_rank: int | None
    new_rank: int | None


@dataclass(frozen=True, eq=False)
class Standings:
    """Totals and ranks over the subjects, and every indicator over the subjects and the whole."""

    totals: NDArray[np.int64]
    ranked: NDArray[np.bool_]
    ranks: Ranks
    values: Mapping[str, tuple[NDArray[Any], NDArray[np.uint8], Ranks]]


def standings(a: Assessment) -> Standings:
    """Copies, so that what happens to the assessment afterwards leaves them alone."""
    card, places, whole = a.current.card, _places(a), _whole_is_apart(a)
    values = {}
    for code, found in a.current.values.items():
        ranks = np.zeros(len(places), dtype=np.int32)
        ranks[int(whole) :] = a.current.ranks[code]
        values[code] = (found.scaled[places], found.exact.state[places], ranks)
    return Standings(card.totals.copy(), card.ranked.copy(), card.ranks.copy(), values)


def moved(before: Standings, after: Standings, a: Assessment) -> tuple[list[PlaceMove], list[IndicatorMove]]:
    """What differs between two standings of one assessment, in the order of the tree; values before mere ranks."""
    ids, digits = a.tree.ids, a.current.card.digits
    differs = (
        (before.totals != after.totals) | (before.ranks != after.ranks) | (before.ranked != after.ranked)
    )
    places = [
        PlaceMove(
            int(ids[a.subjects[at]]),
            decimal_text(int(before.totals[at]), digits) if before.ranked[at] else None,
            decimal_text(int(after.totals[at]), digits) if after.ranked[at] else None,
            int(before.ranks[at]) or None,
            int(after.ranks[at]) or None,
        )
        for at in np.flatnonzero(differs).tolist()
    ]
    where = _places(a) + a.within
    by_value: list[IndicatorMove] = []
    by_rank: list[IndicatorMove] = []
    for code, (scaled, state, ranks) in before.values.items():
        new_scaled, new_state, new_ranks = after.values[code]
        valued = np.asarray((scaled != new_scaled) | (state != new_state), dtype=bool)
        decimals = a.catalogue.indicators[code].decimals
        for at in np.flatnonzero(valued | (ranks != new_ranks)).tolist():
            move = IndicatorMove(
                int(ids[where[at]]),
                code,
                _text(scaled[at], int(state[at]), decimals),
                _text(new_scaled[at], int(new_state[at]), decimals),
                int(ranks[at]) or None,
                int(new_ranks[at]) or None,
            )
            (by_value if valued[at] else by_rank).append(move)
    return places, by_value + by_rank


def _places(a: Assessment) -> NDArray[np.int64]:
    """Local positions: the whole, unless it is itself ranked, and the subjects."""
    return np.concatenate([np.zeros(1, dtype=np.int64), a.local]) if _whole_is_apart(a) else a.local


def _whole_is_apart(a: Assessment) -> bool:
    return bool(a.local[0] != 0)


def _text(scaled: Any, state: int, decimals: int) -> str | None:
    return decimal_text(int(scaled), decimals) if state in (OK, BELOW_MINIMUM) else None
