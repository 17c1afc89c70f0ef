"""One assessment: facts and definitions in, values, points, totals and ranks out.

The computation is a pure function of its inputs. Two orders of the same facts, a file or a
database, a full or an incremental run give the same :class:`Assessment` and so the same
publication.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jingtu.engine import rational
from jingtu.engine.cards import CardResult, better_of, score_card
from jingtu.engine.catalogue.model import Catalogue, Indicator, Scorecard
from jingtu.engine.evaluate import Evaluator, IndicatorValues, parts_of, references
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.formula import Call
from jingtu.engine.intervals import poisson_bounds, rank_ranges, wilson_bounds
from jingtu.engine.ledger import NO_LEDGER, CardLedger, Ledger
from jingtu.engine.periods import Period
from jingtu.engine.problems import Problem, refuse, register_texts
from jingtu.engine.ranking import Ranks, competition_ranks, movement, order_codes
from jingtu.engine.rational import Rational
from jingtu.engine.rollup import FactView
from jingtu.engine.targets import NO_TARGETS, Asked, Marks, Requirements, Target, TargetTable
from jingtu.engine.tree import RegionTree

register_texts(
    {
        "assess.unknown_scorecard": (
            "目录中没有评分表“{scorecard}”，可用：{known}",
            'the catalogue has no scorecard "{scorecard}"; it has: {known}',
        ),
        "assess.no_subjects": (
            "{region}之内没有级别为“{level}”的地区，可用级别：{known}",
            '{region} has no region of level "{level}"; it has: {known}',
        ),
        "assess.no_facts": (
            "{region}在{period}没有评分表所需的任何数据",
            "{region} has none of the scorecard's figures in {period}",
        ),
        "assess.bad_cadence": (
            "评分表“{scorecard}”不按“{kind}”类期间考核，可用：{known}",
            'the scorecard "{scorecard}" is not run by periods of kind "{kind}"; it takes: {known}',
        ),
        "assess.outside": (
            "有{count}条数据所属地区不在行政区划树中，未计入",
            "{count} facts belong to regions outside the tree and were left out",
        ),
    }
)

HISTORY = 24
"""How many earlier periods are looked at for trends and streaks."""


class Change(NamedTuple):
    """A comparison of values: the difference in the indicator's unit, and in % of the earlier value."""

    difference: Rational
    relative: Rational


@dataclass(frozen=True, eq=False)
class PeriodResult:
    """What one period gives: values by indicator over local positions, the card over the subjects."""

    period: Period
    values: Mapping[str, IndicatorValues]
    card: CardResult
    ranks: Mapping[str, Ranks]


@dataclass(eq=False)
class Assessment:
    """The result, with everything it was made from.

    Positions: ``subjects`` are tree positions (ascending); arrays over subjects follow that order;
    arrays of :class:`IndicatorValues` follow the subtree of ``within`` (tree position − within).
    ``current.ranks[code]`` ranks the subjects by one indicator, ``current.card.ranks`` by total.
    """

    tree: RegionTree
    facts: FactTable
    catalogue: Catalogue
    scorecard: Scorecard
    period: Period
    within: int
    level: str
    base: Period | None
    subjects: NDArray[np.int32]
    view: FactView
    evaluator: Evaluator
    current: PeriodResult
    previous: PeriodResult | None
    last_year: PeriodResult | None
    peer_groups: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    targets: TargetTable = NO_TARGETS
    ledger: Ledger | None = None
    warnings: list[Problem] = field(default_factory=list)

    # -- places ---------------------------------------------------------------------------------

    @cached_property
    def local(self) -> NDArray[np.int64]:
        """Where the subjects are in arrays over local positions."""
        return self.subjects.astype(np.int64) - self.within

    def subject_index(self, position: int) -> int:
        """Where a tree position is among the subjects; KeyError when it is none."""
        place = int(np.searchsorted(self.subjects, position))
        if place >= len(self.subjects) or self.subjects[place] != position:
            raise KeyError(position)
        return place

    # -- targets --------------------------------------------------------------------------------

    @cached_property
    def requirements(self) -> Requirements:
        """What is asked of single places of this assessment."""
        return Requirements(self.targets, self.tree, self.within, self.peer_groups)

    def assigned(self, code: str, position: int, what: Asked = "requirement") -> Target | None:
        """The dated target that decides for one tree position in this period; None where there is none."""
        marks = self.requirements.marks(code, self.period, what)
        return None if marks is None else marks.at(position - self.within)

    # -- ranks ----------------------------------------------------------------------------------

    @cached_property
    def sibling_groups(self) -> NDArray[np.int64]:
        """For each subject the position of its parent."""
        return self.tree.parent[self.subjects].astype(np.int64)

    @cached_property
    def sibling_ranks(self) -> Ranks:
        """Rank by total among the subjects with the same parent."""
        card = self.current.card
        return competition_ranks(card.keys, card.ranked, self.sibling_groups)

    @cached_property
    def peer_ranks(self) -> Mapping[str, Ranks]:
        """Rank by total within each peer group; 0 for subjects outside it."""
        card = self.current.card
        return {
            name: competition_ranks(card.keys, card.ranked & np.isin(self.subjects, members))
            for name, members in self.peer_groups.items()
        }

    def indicator_ranks(self, code: str, group: str | None = None) -> Ranks:
        """Rank by one indicator among all subjects, siblings (``group="siblings"``) or a peer group."""
        if group is None:
            return self.current.ranks[code]
        values = self.current.values[code]
        exact = values.exact.take(self.local)
        better = better_of(values.indicator)
        if better is None:
            return np.zeros(len(self.subjects), dtype=np.int32)
        if group == "siblings":
            return competition_ranks([order_codes(exact, better)], exact.ok, self.sibling_groups)
        inside = np.isin(self.subjects, self.peer_groups[group])
        return competition_ranks([order_codes(exact, better)], exact.ok & inside)

    @cached_property
    def movements(self) -> NDArray[np.int32]:
        """Places gained by total since the previous period; 0 where either has no rank."""
        if self.previous is None:
            return np.zeros(len(self.subjects), dtype=np.int32)
        return movement(self.previous.card.ranks, self.current.card.ranks)

    def rank_range(self, code: str) -> tuple[Ranks, Ranks] | None:
        """Best and worst rank each subject can hold by a single rate, from its interval.

        Wilson's interval for shares of whole counts, the exact Poisson one for ``per``; None for
        anything else (composite and reported figures get no false intervals).
        """
        bounds = self.interval(code)
        better = better_of(self.current.values[code].indicator)
        if bounds is None or better is None:
            return None
        low, high = (ends[self.local] for ends in bounds)
        ranked = self.current.values[code].exact.ok[self.local]
        low, high = np.where(ranked, low, np.nan), np.where(ranked, high, np.nan)
        return rank_ranges(low, high, better == "up")

    def interval(
        self, code: str, confidence: float = 0.95
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Ends of the indicator's interval in its own unit over local positions; None if it has none."""
        values = self.current.values[code]
        top, bottom = values.numerator, values.denominator
        if top is None or bottom is None or top.den.dtype == object or bottom.den.dtype == object:
            return None
        elements = [self.view.elements[ref.code] for ref, _ in references(values.indicator.formula)]
        if any(element.decimals or element.kind == "reported" for element in elements):
            return None
        factor = parts_of(values.indicator.formula, self.period).factor
        usable = top.ok & bottom.ok
        if factor is None or not usable.any() or (top.den != 1).any() or (bottom.den != 1).any():
            return None
        counts, of = np.where(usable, top.num, -1), np.where(usable, bottom.num, 0)
        formula = values.indicator.formula
        if isinstance(formula, Call) and formula.name == "per":
            return poisson_bounds(counts, of.astype(np.float64), float(factor), confidence)
        low, high = wilson_bounds(counts, of, confidence)
        return low * float(factor), high * float(factor)

    # -- comparisons ----------------------------------------------------------------------------

    def change(self, code: str, other: PeriodResult | None) -> Change | None:
        """The indicator now against another period of this assessment, over local positions."""
        if other is None:
            return None
        return self._change(self.current.values[code].exact, other.values[code].exact)

    def change_since(self, code: str, base: Period) -> Change:
        """The indicator now against a fixed base period."""
        indicator = self.catalogue.indicators[code]
        return self._change(self.current.values[code].exact, self.evaluator.indicator(indicator, base).exact)

    def trend(self, code: str, periods: int = HISTORY) -> list[IndicatorValues]:
        """The indicator for this period and up to ``periods`` (at most 24) before it, oldest first.

        Periods before the first one with any fact are left out.
        """
        indicator = self.catalogue.indicators[code]
        return [self.evaluator.indicator(indicator, period) for period in self.history(periods)]

    def streaks(self, code: str) -> NDArray[np.int32]:
        """For local positions: n rises in a row up to this period (n > 0), or −n falls; 0 for neither."""
        formula = self.catalogue.indicators[code].formula
        streak = np.zeros(self.view.size, dtype=np.int32)
        going = np.ones(self.view.size, dtype=bool)
        history = self.history()
        for later, earlier in zip(history[:0:-1], history[-2::-1], strict=True):
            now, before = self.evaluator.value(formula, later), self.evaluator.value(formula, earlier)
            sign = rational.compare(now, before)
            going &= now.ok & before.ok & (sign != 0) & ((streak == 0) | (np.sign(streak) == sign))
            if not going.any():
                break
            streak[going] += sign[going].astype(np.int32)
        return streak

    @cached_property
    def coverage(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Per subject: regions that reported and regions expected, over all elements of the card."""
        return card_coverage(self.view, self.catalogue, self.scorecard, self.period, self.local)

    def history(self, periods: int = HISTORY) -> list[Period]:
        """This period and up to ``periods`` before it, oldest first, none before the first fact."""
        return self._known_periods[-periods - 1 :]

    @cached_property
    def _known_periods(self) -> list[Period]:
        known = [self.view.periods[place] for place in self.view.used_periods]
        first = min((period.start for period in known), default=self.period.start)
        history = [self.period]
        while len(history) <= HISTORY:
            earlier = history[-1].previous()
            if earlier.end < first:
                break
            history.append(earlier)
        return history[::-1]

    def _change(self, now: Rational, before: Rational) -> Change:
        difference = rational.subtract(rational.shown(now), rational.shown(before))
        relative = rational.divide(difference, rational.absolute(rational.shown(before)))
        return Change(difference, rational.multiply(relative, rational.constant(100, len(now))))


def assess(
    tree: RegionTree,
    facts: FactTable,
    catalogue: Catalogue,
    scorecard: str,
    period: Period,
    within: int = 0,
    level: str | None = None,
    peer_groups: Mapping[str, Sequence[int]] | None = None,
    base: Period | None = None,
    expected: str = "ever",
    targets: TargetTable = NO_TARGETS,
    ledger: Ledger | None = None,
) -> Assessment:
    """Assess the regions of a level inside ``within`` (a tree position) by one scorecard.

    ``level`` defaults to the scorecard's; ``peer_groups`` maps names to tree positions; ``base`` is
    a fixed period for comparisons; ``expected`` says who is due to report ("ever" reported, or all
    "leaves"); ``targets`` are what documents ask of single places. ``ledger`` holds entries and rulings: a
    veto applies only where it rules so; without a ledger (None) nobody rules and what fires applies.
    InvalidInput for an unknown scorecard, a level without regions, no figures at all.
    """
    card = catalogue.scorecards.get(scorecard)
    if card is None:
        raise refuse(
            "assess.unknown_scorecard", scorecard=scorecard, known="、".join(catalogue.scorecards) or "—"
        )
    level = level or card.level
    subjects = tree.at_level(level, within)
    if not len(subjects):
        known = "、".join(dict.fromkeys(tree.levels[tree.subtree(within)]))
        raise refuse("assess.no_subjects", region=tree.names[within], level=level, known=known)
    if card.cadence and period.kind not in card.cadence:
        raise refuse(
            "assess.bad_cadence", scorecard=scorecard, kind=str(period.kind), known="、".join(card.cadence)
        )
    facts = FactTable.concat([facts])
    view = FactView(tree, facts, catalogue.elements, within, expected)
    evaluator = Evaluator(view)
    needed = [
        ref.code for code in card.indicators for ref, _ in references(catalogue.indicators[code].formula)
    ]
    if not view.has_facts(period, needed):
        raise refuse("assess.no_facts", region=tree.names[within], period=period.key)
    local = subjects.astype(np.int64) - within
    groups = {name: np.array(members, dtype=np.int64) for name, members in (peer_groups or {}).items()}
    requirements = Requirements(targets, tree, within, groups)

    def result(of: Period) -> PeriodResult:
        added = card_ledger(ledger, card, of, tree, subjects)
        return compute_period(view, evaluator, catalogue, card, of, local, requirements, added)

    def result_if_known(of: Period) -> PeriodResult | None:
        return result(of) if view.has_facts(of, needed) else None

    assessment = Assessment(
        tree,
        facts,
        catalogue,
        card,
        period,
        within,
        level,
        base,
        subjects,
        view,
        evaluator,
        result(period),
        result_if_known(period.previous()),
        result_if_known(period.last_year()),
        groups,
        targets,
        ledger,
    )
    unknown = int((tree.positions_of_ids(facts.region_id) < 0).sum())
    if unknown:
        assessment.warnings.append(Problem("assess.outside", {"count": unknown}, severity="warning"))
    return assessment


def assess_with(assessment: Assessment, fact: FactRow) -> Assessment:
    """The same assessment with one fact more, which takes the place of an earlier one of its region and period."""
    a = assessment
    return assess(
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
        a.targets,
        a.ledger,
    )


def compute_period(
    view: FactView,
    evaluator: Evaluator,
    catalogue: Catalogue,
    card: Scorecard,
    period: Period,
    local: NDArray[np.int64],
    requirements: Requirements,
    added: CardLedger = NO_LEDGER,
) -> PeriodResult:
    """Values of every indicator of the catalogue, the card and the ranks of one period."""
    values = {
        code: evaluator.indicator(indicator, period) for code, indicator in catalogue.indicators.items()
    }
    over_subjects = {code: values[code].exact.take(local) for code in values}
    coverage = card_coverage(view, catalogue, card, period, local)
    marks = card_marks(card, requirements, period, local)
    result = score_card(card, catalogue, over_subjects, coverage, marks, added)
    ranks = {code: indicator_rank(catalogue.indicators[code], over_subjects[code]) for code in over_subjects}
    return PeriodResult(period, values, result, ranks)


def card_ledger(
    ledger: Ledger | None, card: Scorecard, period: Period, tree: RegionTree, places: NDArray[np.int32]
) -> CardLedger:
    """What people added for some tree positions; nothing, and vetoes that apply, where nobody rules."""
    return NO_LEDGER if ledger is None else ledger.for_card(card, period, tree, places)


def card_marks(
    card: Scorecard, requirements: Requirements, period: Period, local: NDArray[np.int64]
) -> dict[str, Marks]:
    """What is asked of single subjects, by indicator of the card; indicators without are absent."""
    found = {item.indicator: requirements.marks(item.indicator, period) for item in card.items}
    return {code: marks.take(local) for code, marks in found.items() if marks is not None}


def indicator_rank(indicator: Indicator, values: Rational) -> Ranks:
    """Ranks by one indicator; all 0 for one without a direction."""
    better = better_of(indicator)
    if better is None:
        return np.zeros(len(values), dtype=np.int32)
    return competition_ranks([order_codes(values, better)], values.ok)


def card_coverage(
    view: FactView, catalogue: Catalogue, card: Scorecard, period: Period, local: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Reports received and reports due, added over the distinct elements of the card."""
    reported = np.zeros(len(local), dtype=np.int64)
    expected = np.zeros(len(local), dtype=np.int64)
    elements = {
        ref.code for code in card.indicators for ref, _ in references(catalogue.indicators[code].formula)
    }
    for code in sorted(elements):
        values = view.values(code, period)
        reported += values.reported[local]
        expected += values.expected[local]
    return reported, expected
