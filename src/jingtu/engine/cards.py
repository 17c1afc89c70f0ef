"""Applying a whole scorecard to many places at once: items, sections, bonus, vetoes, total, rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from jingtu.engine import rational, scoring
from jingtu.engine.catalogue.model import (
    BonusRule,
    Catalogue,
    DeductionRule,
    Indicator,
    Item,
    LinearRule,
    RankRule,
    Scorecard,
    StepsRule,
    ThresholdRule,
)
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.ledger import NO_LEDGER, CardLedger
from jingtu.engine.ranking import Better, Codes, Ranks, competition_ranks, order_codes, rank_values
from jingtu.engine.rational import BELOW_MINIMUM, MISSING, NOT_APPLICABLE, BoolArray, Rational, constant
from jingtu.engine.scoring import Scaled
from jingtu.engine.targets import Marks

NO_MARKS: Mapping[str, Marks] = {}


@dataclass(frozen=True, eq=False)
class CardResult:
    """Points of every subject, as whole numbers × 10**digits.

    ``points`` and ``maxima`` are subjects × items (in the card's order), ``section_points`` and
    ``section_maxima`` subjects × sections. ``vetoes`` (subjects × vetoes) took effect, ``fired`` met
    their condition. ``ranked`` says who takes part in ``ranks``; a subject none of whose items has a value, or whose coverage is below the
    card's minimum, does not.
    """

    digits: int
    points: Scaled
    maxima: Scaled
    section_points: Scaled
    section_maxima: Scaled
    bonus: Scaled
    bonus_items: Scaled
    vetoes: BoolArray
    before_veto: Scaled
    totals: Scaled
    ranked: BoolArray
    keys: tuple[Codes, ...]
    ranks: Ranks
    fired: BoolArray

    @property
    def proposed(self) -> BoolArray:
        """Vetoes whose condition is met and that nobody has ruled to apply."""
        return np.asarray(self.fired & ~self.vetoes)


def section_numbers(card: Scorecard) -> list[int]:
    """For each item of ``card.items`` the number of its section."""
    return [number for number, section in enumerate(card.sections) for _ in section.items]


def better_of(indicator: Indicator) -> Better | None:
    """Which way is better; None for indicators that only describe."""
    if indicator.direction == "up":
        return "up"
    return "down" if indicator.direction == "down" else None


def requirement(indicator: Indicator, item: Item | None = None) -> Threshold | None:
    """The target in force: the item's own, else the indicator's."""
    if item is not None and item.target is not None:
        return item.target
    return indicator.target


def item_share(item: Item, indicator: Indicator, values: Rational, marks: Marks | None = None) -> Rational:
    """What share of the item's points each value earns, before policies for absent values.

    ``marks``: the requirements assigned to single places. They stand for the target that the item, its
    rule or the indicator states; steps, deductions, ranks and bonuses know no target and stay as they are.
    """
    if marks is None or not isinstance(item.rule, ThresholdRule | LinearRule):
        return _share(item, indicator, values, requirement(indicator, item), assigned=False)
    parts = [
        (places, _share(item, indicator, values.take(places), threshold, assigned=assigned))
        for threshold, assigned, places in marks.by_threshold(requirement(indicator, item))
    ]
    return scoring.share_by_place(parts, len(values))


def full_mark(rule: LinearRule, target: Threshold | None, *, assigned: bool) -> Decimal | None:
    """Where a linear rule gives all points; None where an assigned target leaves no line to draw.

    An assigned target at or on the wrong side of the floor is a plain requirement: met or not.
    """
    if not assigned or target is None:
        return rule.target if rule.target is not None else (target.value if target else Decimal(0))
    if target.side == "point" or target.value == rule.floor:
        return None
    return target.value if (target.value > rule.floor) == (target.side == "high") else None


def _share(
    item: Item, indicator: Indicator, values: Rational, target: Threshold | None, *, assigned: bool
) -> Rational:
    rule = item.rule
    match rule:
        case ThresholdRule():
            if target is None:
                return Rational(values.num * 0, values.den, np.full(len(values), NOT_APPLICABLE, np.uint8))
            return scoring.threshold_share(values, target, rule.met, rule.unmet)
        case StepsRule():
            return scoring.steps_share(values, [(step.when, step.share) for step in rule.steps])
        case LinearRule():
            goal = full_mark(rule, target, assigned=assigned)
            if goal is None and target is not None:
                return scoring.threshold_share(values, target)
            return scoring.linear_share(values, rule.floor, goal if goal is not None else 0)
        case DeductionRule():
            return scoring.deduction_share(values, rule.per_event, item.points, rule.cap)
        case RankRule():
            better = better_of(indicator) or "up"
            return scoring.rank_share(rank_values(values, better), rule.best, rule.worst)
        case BonusRule():
            most = rule.cap if rule.cap is not None else item.points
            earned = scoring.bonus_points(values, rule.per_unit, min(most, item.points))
            return rational.divide(earned, constant(Fraction(item.points), len(values)))
    raise TypeError(rule)


def score_card(
    card: Scorecard,
    catalogue: Catalogue,
    values: Mapping[str, Rational],
    coverage: tuple[NDArray[np.int64], NDArray[np.int64]],
    marks: Mapping[str, Marks] = NO_MARKS,
    ledger: CardLedger = NO_LEDGER,
) -> CardResult:
    """Score and rank all subjects; ``values`` holds one array over the subjects per indicator.

    ``coverage`` is (regions that reported, regions expected) per subject over the card's elements,
    ``marks`` the requirements assigned to single subjects, by indicator; ``ledger`` what people added.
    """
    items, sections, digits = card.items, section_numbers(card), card.decimals
    size = len(coverage[0])
    shares: list[Rational] = []
    dropped = np.zeros((size, len(items)), dtype=bool)
    anything = np.zeros(size, dtype=bool)
    for column, item in enumerate(items):
        definition = catalogue.indicators[item.indicator]
        counted = values[item.indicator]
        if isinstance(item.rule, DeductionRule):
            counted = ledger.counted("deduction", item.indicator, counted)
        share = item_share(item, definition, counted, marks.get(item.indicator))
        missing = share.state == MISSING
        absent = (share.state == NOT_APPLICABLE) | (share.state == BELOW_MINIMUM)
        anything |= share.ok
        share, gone = scoring.apply_policy(share, missing, item.missing)
        share, gone_too = scoring.apply_policy(share, absent, item.not_applicable)
        dropped[:, column] = gone | gone_too
        shares.append(share)
    maxima = scoring.item_maxima([item.points for item in items], sections, dropped, digits)
    points = np.zeros((size, len(items)), dtype=np.int64)
    for column, share in enumerate(shares):
        points[:, column] = scoring.points_of(share, maxima[:, column], digits)
    bonus_items, bonus = _bonus(card, values, size, ledger)
    before_veto = points.sum(axis=1) + bonus
    fired, vetoes, totals = _vetoes(card, values, before_veto, ledger)

    reported, expected = coverage
    least = Fraction(card.min_coverage)
    covered = reported * least.denominator >= least.numerator * expected
    ranked = anything & covered
    keys = _keys(card, catalogue, values, totals, vetoes)
    return CardResult(
        digits,
        points,
        maxima,
        _by_section(points, sections, len(card.sections)),
        _by_section(maxima, sections, len(card.sections)),
        bonus,
        bonus_items,
        vetoes,
        before_veto,
        totals,
        ranked,
        keys,
        competition_ranks(keys, ranked),
        fired,
    )


def _bonus(
    card: Scorecard, values: Mapping[str, Rational], size: int, ledger: CardLedger
) -> tuple[Scaled, Scaled]:
    digits = card.decimals
    if card.bonus is None or not card.bonus.items:
        return np.zeros((size, 0), dtype=np.int64), np.zeros(size, dtype=np.int64)
    earned = np.zeros((size, len(card.bonus.items)), dtype=np.int64)
    for column, item in enumerate(card.bonus.items):
        rule = item.rule
        if not isinstance(rule, BonusRule):
            raise TypeError(rule)
        most = rule.cap if rule.cap is not None else card.bonus.cap
        counted = ledger.counted("bonus", item.indicator, values[item.indicator])
        got = scoring.bonus_points(counted, rule.per_unit, most)
        earned[:, column] = rational.round_half_up(got, digits)
    cap = int(Fraction(card.bonus.cap) * 10**digits)
    return earned, np.minimum(earned.sum(axis=1), cap)


def _vetoes(
    card: Scorecard, values: Mapping[str, Rational], totals: Scaled, ledger: CardLedger
) -> tuple[BoolArray, BoolArray, Scaled]:
    """Which vetoes fired, which of them take effect, and the totals they leave."""
    fired = np.zeros((len(totals), len(card.vetoes)), dtype=bool)
    for column, veto in enumerate(card.vetoes):
        fired[:, column] = scoring.meets(values[veto.indicator], veto.when)
    hits = fired.copy() if ledger.applies is None else fired & ledger.applies
    for column, veto in enumerate(card.vetoes):
        hit = hits[:, column]
        if veto.effect == "zero":
            totals = np.where(hit, 0, totals)
        elif veto.effect == "cap":
            totals = scoring.cap_total(totals, hit, veto.cap or 0, card.decimals)
    return fired, hits, totals


def _keys(
    card: Scorecard,
    catalogue: Catalogue,
    values: Mapping[str, Rational],
    totals: Scaled,
    vetoes: BoolArray,
) -> tuple[Codes, ...]:
    """What the rank compares, in order: vetoed to the end, total, stated tie-breaks; lower is better."""
    to_end = [column for column, veto in enumerate(card.vetoes) if veto.effect == "rank_last"]
    keys: list[Codes] = [np.asarray(vetoes[:, to_end].any(axis=1), dtype=np.int64)]
    # Highest total first; shifted to be non-negative because −1 means "no value" in a key.
    most = int(totals.max()) if totals.size else 0
    keys.append(np.asarray(most - totals, dtype=np.int64))
    for code in card.tie_breaks:
        keys.append(order_codes(values[code], better_of(catalogue.indicators[code]) or "up"))
    return tuple(keys)


def _by_section(columns: Scaled, sections: Sequence[int], count: int) -> Scaled:
    sums = np.zeros((columns.shape[0], count), dtype=np.int64)
    for column, section in enumerate(sections):
        sums[:, section] += columns[:, column]
    return sums
