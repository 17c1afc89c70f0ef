"""One changed figure: its ancestors, the indicators that read it, the ranks they move, nothing else.

After any number of changes the assessment equals one computed from scratch on the changed facts.
A figure may be stated, corrected or withdrawn. Only what touches everything at once takes the long
way (assessing again): a qualifier, the first or last fact of an element, the first or last of a
period that is compared with, ranked places inside one another.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jingtu.engine import rational
from jingtu.engine.assess import (
    Assessment,
    PeriodResult,
    assess_with,
    card_coverage,
    card_ledger,
    card_marks,
)
from jingtu.engine.cards import better_of, item_share, score_card, section_numbers
from jingtu.engine.catalogue.model import RankRule
from jingtu.engine.elements import ElementKind
from jingtu.engine.evaluate import Evaluator, IndicatorValues, Measured
from jingtu.engine.factedit import FactEditor
from jingtu.engine.facttable import FactRow
from jingtu.engine.formula import elements_of, periods_of
from jingtu.engine.periods import Period
from jingtu.engine.qualifiers import Qualifier
from jingtu.engine.ranking import Ranks, competition_ranks, order_codes
from jingtu.engine.rational import BoolArray, IntArray, Rational
from jingtu.engine.rollup import ElementValues, FactView, Selection
from jingtu.engine.scoring import points_of

_ROOM = 2**61


class Recomputer:
    """Owns an assessment and keeps it right while facts change. ``assessment`` is always up to date."""

    def __init__(self, assessment: Assessment) -> None:
        self._adopt(assessment)

    def change(
        self,
        element: str,
        position: int,
        period: str,
        value: int | None,
        category: str = "",
        qualifier: Qualifier = Qualifier.EXACT,
    ) -> list[int]:
        """Set (None: withdraw) one fact of the region at a tree position; ``value`` is scaled.

        Returns the tree positions whose figures may have changed, the region itself first. Raises
        InvalidInput, and stays as it was, where nothing would be left to assess.
        """
        a = self.assessment
        path = [position, *(above for above in a.tree.ancestors(position) if above >= a.within)]
        fact = FactRow(element, int(a.tree.ids[position]), period, value, category, qualifier)
        row = a.view.row_of(element, position - a.within, period, category)
        if row is None and value is None:
            return path
        if self._touches_everything(fact, row, np.array(path, dtype=np.int64)):
            self._again(fact)
        elif row is None or value != int(a.view.value[row]):
            self._edit(fact, row, path)
        return path

    # -- inside ---------------------------------------------------------------------------------

    def _adopt(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self._editor = FactEditor(assessment.view)
        assessment.facts = assessment.view.facts
        self._inexact: dict[str, bool] = {}
        self._owned: set[tuple[Period, str]] = set()
        self._over_subjects: dict[tuple[Period, str], _Standing] = {}
        results = (assessment.current, assessment.previous, assessment.last_year)
        self._results = [result for result in results if result is not None]
        self._readers: dict[tuple[Period, str], list[tuple[str, frozenset[Period]]]] = {}
        for code, indicator in assessment.catalogue.indicators.items():
            for result in self._results:
                reads = periods_of(indicator.formula, result.period)
                for element in elements_of(indicator.formula):
                    self._readers.setdefault((result.period, element), []).append((code, reads))
        # What was read for trends would have to be kept right too; it is read again when asked for.
        assessment.view.keep_cached(
            {result.period for result in self._results}.union(
                *(reads for readers in self._readers.values() for _, reads in readers)
            )
        )
        self._needed = {
            element
            for code in assessment.scorecard.indicators
            for element in elements_of(assessment.catalogue.indicators[code].formula)
        }

    def _again(self, fact: FactRow) -> None:
        self._adopt(assess_with(self.assessment, fact))

    def _touches_everything(self, fact: FactRow, row: int | None, places: NDArray[np.int64]) -> bool:
        """Whether more than the path to the root can change."""
        a, view = self.assessment, self.assessment.view
        if fact.element not in self._inexact:
            self._inexact[fact.element] = view.has_qualifiers(fact.element)
        # Where one ranked place holds another, their ranks move together.
        if (
            fact.qualifier is not Qualifier.EXACT
            or self._inexact[fact.element]
            or len(_common(a.subjects, places)) > 1
        ):
            return True
        if row is not None and fact.value is not None:
            return False
        counts = view.counts(fact.element)
        last = row is not None  # a withdrawal
        if sum(counts.values()) == last:
            return True  # who is due to report it depends on whether anybody ever did
        return counts.get(fact.period, 0) == last and self._stands_alone(fact)

    def _stands_alone(self, fact: FactRow) -> bool:
        """Whether a period that is assessed or compared with has no other figures of the card."""
        a, view = self.assessment, self.assessment.view
        own = Period.parse(fact.period)
        if fact.element not in self._needed:
            return False
        others = [
            view.periods[place]
            for code in self._needed
            for place in view.groups.get(code, ())
            if (code, view.periods[place]) != (fact.element, own)
        ]
        return any(
            of.contains(own) and not any(of.contains(period) for period in others)
            for of in (a.period, a.period.previous(), a.period.last_year())
        )

    def _edit(self, fact: FactRow, row: int | None, path: list[int]) -> None:
        a, view, element = self.assessment, self.assessment.view, fact.element
        places = np.array(path, dtype=np.int64) - a.within
        place = int(places[0])
        stated = row is None or fact.value is None  # whether what is stated changes, not only how much
        before = [(key, values, view.own_at(key, place)) for key, values in view.cached(element)]
        was_due = view.states(element, place) if stated else True
        expected = view.expected(element)  # as it was; shared by every value of the element
        if row is None:
            self._editor.add(fact, place)
        elif fact.value is None:
            self._editor.withdraw(fact, place)
        else:
            self._editor.replace(row, fact.value)
        a.facts = view.facts
        due = int(view.states(element, place)) - was_due if stated and view.expected_rule == "ever" else 0
        if due:
            expected[places] += due
        touched: set[Period] = set()
        for key, values, (amount, counted) in before:
            new_amount, new_counted = view.own_at(key, place)
            reports = int(new_counted) - int(counted)
            if new_amount == amount and not reports and not due:
                continue
            touched.add(key[2])
            single = key[3] is ElementKind.REPORTED
            where = places[:1] if single else places
            values.reported[where] += reports
            if single:
                values.expected[where] += due
            view.replace_cached(key, _moved(values, where, new_amount - amount))
        a.evaluator.forget()
        for name in ("sibling_ranks", "peer_ranks", "movements", "coverage", "_known_periods"):
            a.__dict__.pop(name, None)
        along = Evaluator(_PathView(view, places))
        for result in self._results:
            readers = self._readers.get((result.period, element), [])
            codes = [code for code, reads in readers if stated or reads & touched]
            if codes:
                self._update(result, codes, along, places, stated)

    def _update(
        self,
        result: PeriodResult,
        codes: list[str],
        along: Evaluator,
        places: NDArray[np.int64],
        stated: bool,
    ) -> None:
        a = self.assessment
        common = _common(a.local, places)
        subject = int(common[0]) if common.size else None
        values = result.values
        if not isinstance(values, dict):
            raise TypeError("only a computed assessment can be changed")
        for code in codes:
            old, key = values[code], (result.period, code)
            better = better_of(old.indicator)
            ranked = subject is not None and better is not None
            if ranked and key not in self._over_subjects:
                self._over_subjects[key] = _Standing(old.exact.take(a.local))
            new = along.measured(old.indicator, result.period)
            values[code] = _scattered(old, new, places, in_place=key in self._owned)
            if stated:
                reported, expected = along.coverage(old.indicator.formula, result.period)
                values[code].reported[places], values[code].expected[places] = reported, expected
            self._owned.add(key)
            if subject is not None and better is not None:
                place = a.local[subject : subject + 1]
                sign = 1 if better == "up" else -1
                self._over_subjects[key].move(
                    result.ranks[code], subject, values[code].exact.take(place), sign
                )
        used = set(a.scorecard.indicators)
        changed = used.intersection(codes)
        if subject is not None and changed:
            if stated or not self._rescore_items(result, changed, subject):
                self._rescore(result, changed, subject)
            self._rank_again(result, changed)

    def _rescore_items(self, result: PeriodResult, codes: set[str], index: int) -> bool:
        """Points of the changed items only; False where more than points could have changed."""
        a, card, scorecard = self.assessment, result.card, self.assessment.scorecard
        elsewhere = {veto.indicator for veto in scorecard.vetoes}
        if scorecard.bonus is not None:
            elsewhere.update(item.indicator for item in scorecard.bonus.items)
        if codes & elsewhere or card.vetoes[index].any():
            return False
        place = a.subjects[index : index + 1]
        if card_ledger(a.ledger, scorecard, result.period, a.tree, place).touches(codes):
            return False
        if any(isinstance(item.rule, RankRule) for item in scorecard.items):
            return False
        section = section_numbers(scorecard)
        for column, item in enumerate(scorecard.items):
            if item.indicator not in codes:
                continue
            values = result.values[item.indicator].exact.take(a.local[index : index + 1])
            marks = a.requirements.marks(item.indicator, result.period)
            mine = None if marks is None else marks.take(a.local[index : index + 1])
            share = item_share(item, a.catalogue.indicators[item.indicator], values, mine)
            if not share.ok[0] or not card.maxima[index, column] or not card.ranked[index]:
                return False
            points = points_of(share, card.maxima[index, column : column + 1], card.digits)[0]
            gained = int(points) - int(card.points[index, column])
            card.points[index, column] = points
            card.section_points[index, section[column]] += gained
            card.before_veto[index] += gained
            if card.totals is not card.before_veto:
                card.totals[index] += gained
        return True

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
        marks = card_marks(a.scorecard, a.requirements, result.period, places)
        added = card_ledger(a.ledger, a.scorecard, result.period, a.tree, a.subjects[chosen])
        new = score_card(a.scorecard, a.catalogue, over, coverage, marks, added)
        for name in (
            "points", "maxima", "section_points", "section_maxima", "bonus", "bonus_items", "vetoes",
            "before_veto", "totals", "ranked", "fired",
        ):  # fmt: skip
            getattr(card, name)[chosen] = getattr(new, name)
        to_end = [k for k, veto in enumerate(a.scorecard.vetoes) if veto.effect == "rank_last"]
        card.keys[0][chosen] = card.vetoes[chosen][:, to_end].any(axis=1)

    def _rank_again(self, result: PeriodResult, codes: set[str]) -> None:
        a, card = self.assessment, result.card
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


def _scattered(
    old: IndicatorValues, new: Measured, places: NDArray[np.int64], *, in_place: bool
) -> IndicatorValues:
    """``old`` with the values of ``new`` at ``places``; arrays nobody else holds are changed in place."""

    def put(before: NDArray[Any], after: NDArray[Any]) -> NDArray[Any]:
        if after.dtype == object and before.dtype != object:
            before = before.astype(object)
        elif not in_place:
            before = before.copy()
        before[places] = after
        return before

    def put_exact(before: Rational, after: Rational) -> Rational:
        return Rational(
            put(before.num, after.num), put(before.den, after.den), put(before.state, after.state)
        )

    def put_part(before: Rational | None, after: Rational | None) -> Rational | None:
        return None if before is None or after is None else put_exact(before, after)

    return replace(
        old,
        # Counts of reports may be shared with the element they come from until they are owned here.
        reported=old.reported if in_place else old.reported.copy(),
        expected=old.expected if in_place else old.expected.copy(),
        exact=put_exact(old.exact, new.exact),
        scaled=put(old.scaled, new.scaled),
        numerator=put_part(old.numerator, new.numerator),
        denominator=put_part(old.denominator, new.denominator),
    )


def _common(ascending: NDArray[Any], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """The indices in ``ascending`` of those places that are in it."""
    at = np.searchsorted(ascending, places)
    found: NDArray[np.int64] = at[ascending[np.minimum(at, len(ascending) - 1)] == places]
    return found


class _Standing:
    """The values of all subjects by one indicator, with doubles that settle most comparisons at once."""

    def __init__(self, values: Rational) -> None:
        # Copies, because they change in place.
        self.values = Rational(values.num.copy(), values.den.copy(), values.state.copy())
        self.doubles = np.where(values.ok, values.floats(), np.nan)  # NaN: not ranked

    def move(self, ranks: Ranks, index: int, new: Rational, sign: int) -> None:
        """Move one subject from its value to a new one (an array of one); all others kept theirs."""
        was_ranked = self.values.state[index] == rational.OK
        self.doubles[index] = np.nan
        if was_ranked:
            beaten, _ = self._against(self.values.take(slice(index, index + 1)), sign)
            ranks[beaten] -= 1
        values = self.values
        if new.num.dtype == object or new.den.dtype == object:
            values = Rational(values.num.astype(object), values.den.astype(object), values.state)
        values.num[index], values.den[index], values.state[index] = new.num[0], new.den[0], new.state[0]
        self.values = values
        ranks[index] = 0
        if new.state[0] == rational.OK:
            beaten, ahead = self._against(new, sign)
            ranks[beaten] += 1
            ranks[index] = 1 + ahead
            self.doubles[index] = new.num[0] / new.den[0]

    def _against(self, mine: Rational, sign: int) -> tuple[BoolArray, int]:
        """Which ranked subjects one value beats, and how many beat it."""
        value = float(mine.num[0] / mine.den[0])
        lead = (value - self.doubles) * sign
        # Doubles are within 1e-15 of the fractions; only what is nearer than this needs the fractions.
        margin = 1e-9 * abs(value)
        beaten, behind = lead > margin, lead < -margin
        ahead = int(np.count_nonzero(behind))
        near = np.flatnonzero(np.abs(lead) <= margin)
        if near.size:
            same = mine.take(np.zeros(near.size, dtype=np.int64))
            order = rational.compare(same, self.values.take(near)) * sign
            beaten[near] = order > 0
            ahead += int(np.count_nonzero(order < 0))
        return beaten, ahead
