"""One changed figure: its ancestors, the indicators that read it, the ranks they move, nothing else.

After any number of changes the assessment equals one computed from scratch on the changed facts.
A figure that already has a fact takes the short way; a new or withdrawn one, or one with a
qualifier, takes the long way (assessing again).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jingtu.engine import rational
from jingtu.engine.assess import Assessment, PeriodResult, assess, card_coverage
from jingtu.engine.cards import better_of, score_card
from jingtu.engine.catalogue.model import RankRule
from jingtu.engine.elements import ElementKind
from jingtu.engine.evaluate import Evaluator, IndicatorValues
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.formula import elements_of, periods_of
from jingtu.engine.periods import Period
from jingtu.engine.ranking import Better, Ranks, competition_ranks, order_codes
from jingtu.engine.rational import IntArray, Rational
from jingtu.engine.rollup import ElementValues, FactView, Selection

_ROOM = 2**61


class Recomputer:
    """Owns an assessment and keeps it right while facts change. ``assessment`` is always up to date."""

    def __init__(self, assessment: Assessment) -> None:
        self._adopt(assessment)

    def change(
        self, element: str, position: int, period: str, value: int | None, category: str = ""
    ) -> list[int]:
        """Set (None: withdraw) one fact of the region at a tree position; ``value`` is scaled.

        Returns the tree positions whose figures may have changed, the region itself first.
        """
        a = self.assessment
        path = [position, *(above for above in a.tree.ancestors(position) if above >= a.within)]
        row = self._row(element, position - a.within, period, category)
        if row is None or value is None or a.view.has_qualifiers(element):
            self._again(FactRow(element, int(a.tree.ids[position]), period, value, category))
            return path
        if value != int(a.view.value[row]):
            self._change_row(element, row, value, path)
        return path

    # -- inside ---------------------------------------------------------------------------------

    def _adopt(self, assessment: Assessment) -> None:
        self.assessment = assessment
        # The arrays are about to change in place; the caller's facts must not.
        self._facts = replace(assessment.facts, value=assessment.facts.value.copy())
        assessment.facts = assessment.view.facts = self._facts
        self._readers: dict[str, list[str]] = {}
        for code, indicator in assessment.catalogue.indicators.items():
            for element in elements_of(indicator.formula):
                self._readers.setdefault(element, []).append(code)

    def _again(self, fact: FactRow) -> None:
        a = self.assessment
        self._adopt(
            assess(
                a.tree,
                FactTable.concat([a.facts, FactTable.from_rows([fact])]),
                a.catalogue,
                a.scorecard.code,
                a.period,
                a.within,
                a.level,
                {name: members.tolist() for name, members in a.peer_groups.items()},
                a.base,
                a.view.expected_rule,
            )
        )

    def _row(self, element: str, place: int, period: str, category: str) -> int | None:
        return self.assessment.view.row_of(element, place, period, category)

    def _change_row(self, element: str, row: int, value: int, path: list[int]) -> None:
        a, view = self.assessment, self.assessment.view
        delta = value - int(view.value[row])
        touched: set[Period] = set()
        places = np.array(path, dtype=np.int64) - a.within
        for (code, selection, period, kind), values in view.cached(element):
            if row not in view.chosen_rows(code, period, selection, kind):
                continue
            touched.add(period)
            where = places[:1] if kind is ElementKind.REPORTED else places
            view.replace_cached((code, selection, period, kind), _moved(values, where, delta))
        view.value[row] = value
        self._facts.value[view.row[row]] = value
        a.evaluator.forget()
        for name in ("sibling_ranks", "peer_ranks", "movements", "coverage"):
            a.__dict__.pop(name, None)
        along = Evaluator(_PathView(view, places))
        for result in (a.current, a.previous, a.last_year):
            if result is not None:
                codes = [
                    code
                    for code in self._readers.get(element, [])
                    if periods_of(a.catalogue.indicators[code].formula, result.period) & touched
                ]
                self._update(result, codes, along, places)

    def _update(
        self, result: PeriodResult, codes: list[str], along: Evaluator, places: NDArray[np.int64]
    ) -> None:
        a = self.assessment
        subject = np.flatnonzero(np.isin(a.local, places))
        values = result.values
        if not isinstance(values, dict):
            raise TypeError("only a computed assessment can be changed")
        for code in codes:
            old = values[code]
            new = _scattered(old, along.indicator(old.indicator, result.period), places)
            values[code] = new
            better = better_of(new.indicator)
            if subject.size and better is not None:
                index = int(subject[0])
                _rerank(result.ranks[code], old.exact.take(a.local), new.exact.take(a.local), index, better)
        used = set(a.scorecard.indicators)
        if subject.size and used.intersection(codes):
            self._rescore(result, set(codes), int(subject[0]))

    def _rescore(self, result: PeriodResult, codes: set[str], index: int) -> None:
        """Points of the one subject again; all subjects where an item is scored by rank."""
        a, card = self.assessment, result.card
        by_rank = any(isinstance(i.rule, RankRule) and i.indicator in codes for i in a.scorecard.items)
        chosen = np.arange(len(a.subjects)) if by_rank else np.array([index])
        places = a.local[chosen]
        if not by_rank and any(isinstance(item.rule, RankRule) for item in a.scorecard.items):
            chosen, places = np.arange(len(a.subjects)), a.local
        over = {code: result.values[code].exact.take(places) for code in a.scorecard.indicators}
        coverage = card_coverage(a.view, a.catalogue, a.scorecard, result.period, places)
        new = score_card(a.scorecard, a.catalogue, over, coverage)
        for name in (
            "points", "maxima", "section_points", "section_maxima", "bonus", "bonus_items", "vetoes",
            "before_veto", "totals", "ranked",
        ):  # fmt: skip
            getattr(card, name)[chosen] = getattr(new, name)
        to_end = [k for k, veto in enumerate(a.scorecard.vetoes) if veto.effect == "rank_last"]
        card.keys[0][chosen] = card.vetoes[chosen][:, to_end].any(axis=1)
        card.keys[1][:] = int(card.totals.max()) - card.totals
        for key, code in zip(card.keys[2:], a.scorecard.tie_breaks, strict=True):
            if code in codes:
                better = better_of(a.catalogue.indicators[code]) or "up"
                key[:] = order_codes(result.values[code].exact.take(a.local), better)
        card.ranks[:] = competition_ranks(card.keys, card.ranked)


class _PathView(FactView):
    """A view of a few places only: enough for an evaluator."""

    def __init__(self, view: FactView, places: NDArray[np.int64]) -> None:
        self._whole, self._places = view, places
        self.elements, self.size = view.elements, len(places)

    def values(
        self, element: str, period: Period, selection: Selection = (), kind: ElementKind | None = None
    ) -> ElementValues:
        values = self._whole.values(element, period, selection, kind)
        at = self._places
        return ElementValues(
            values.value[at],
            values.reported[at],
            values.expected[at],
            None if values.qualifier is None else values.qualifier[at],
            values.scale,
        )


def _moved(values: ElementValues, where: NDArray[np.int64], delta: int) -> ElementValues:
    """The values with ``delta`` added at some places."""
    amounts: IntArray = values.value
    largest = max((abs(int(amount)) for amount in amounts[where]), default=0)
    if amounts.dtype != object and largest + abs(delta) >= _ROOM:
        amounts = amounts.astype(object)
    amounts[where] += delta
    return replace(values, value=amounts)


def _scattered(old: IndicatorValues, new: IndicatorValues, places: NDArray[np.int64]) -> IndicatorValues:
    """``old`` with the values of ``new`` at ``places``."""
    return IndicatorValues(
        old.indicator,
        old.period,
        _put(old.exact, new.exact, places),
        _put_array(old.scaled, new.scaled, places),
        _put_maybe(old.numerator, new.numerator, places),
        _put_maybe(old.denominator, new.denominator, places),
        _put_array(old.reported, new.reported, places),
        _put_array(old.expected, new.expected, places),
        old.qualifier,
    )


def _put_maybe(old: Rational | None, new: Rational | None, places: NDArray[np.int64]) -> Rational | None:
    return None if old is None or new is None else _put(old, new, places)


def _put(old: Rational, new: Rational, places: NDArray[np.int64]) -> Rational:
    return Rational(
        _put_array(old.num, new.num, places),
        _put_array(old.den, new.den, places),
        _put_array(old.state, new.state, places),
    )


def _put_array(old: IntArray, new: IntArray, places: NDArray[np.int64]) -> IntArray:
    changed = old.astype(object) if new.dtype == object and old.dtype != object else old.copy()
    changed[places] = new
    return changed


def _rerank(ranks: Ranks, old: Rational, new: Rational, index: int, better: Better) -> None:
    """Move one place from its old value to its new one; all others kept theirs."""
    sign = 1 if better == "up" else -1
    others = new.ok.copy()
    others[index] = False
    for values, step in ((old, -1), (new, 1)):
        if not values.ok[index]:
            continue
        mine = values.take(np.full(len(values), index))
        order = rational.compare(mine, new) * sign
        ranks[others & (order > 0)] += step
        if step > 0:
            ranks[index] = 1 + int((others & (order < 0)).sum())
    if not new.ok[index]:
        ranks[index] = 0
