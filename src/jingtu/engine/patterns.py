"""Figures that look written down rather than counted: last period's again, and too many round ones.

Neither says that somebody did wrong; both say what a person should look at. Only whole counts of a period
(flows) are looked at: a number of people on a register may rightly stay, and a rate is not counted.

*Copy of last period.* Of the figures that a region itself stated both for this period and for the one
before, and that are not zero in either, the share that is equal. Spoken of from ``at_least`` such figures
and a share of ``limit`` on.

*Round numbers.* Counted figures of two digits end in 0 or 5 two times in ten, figures of three digits and
more in 00 once in a hundred; that last digits are even is the common assumption of digit tests (Mosimann
and others, "Data fabrication: can people generate random digits?", Accountability in Research 4, 1995; Beber
and Scacco, Political Analysis 20, 2012). Over this period and the five before it, ``n`` figures of which
``k`` are round: the chance of ``k`` or more is the tail of the binomial ``(n, p)``. Spoken of from ``at_least``
figures on where that chance is ``limit`` or less, and a figure of this period is among the round ones.
With ``limit`` 0.001 one honest region in a thousand is named by chance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtrc

from jingtu.engine.catalogue.model import CheckRule
from jingtu.engine.elements import Element, ElementKind
from jingtu.engine.periods import Period
from jingtu.engine.rollup import FactView

ROUND_PERIODS = 6
ENDINGS: tuple[tuple[int, int, float], ...] = ((5, 10, 0.2), (100, 100, 0.01))
"""(figures divisible by it, among those from this size on, how often that happens by itself)"""


class Copied(NamedTuple):
    """A region whose figures are last period's: ``same`` of ``compared``."""

    place: int
    same: int
    compared: int


class Rounded(NamedTuple):
    """A region with more round figures than counting gives: ``found`` of ``figures`` divisible by ``ending``."""

    place: int
    ending: int
    found: int
    figures: int
    periods: int


def counted(elements: list[Element]) -> list[Element]:
    """The elements whose figures are whole counts of one period."""
    return [one for one in elements if one.kind is ElementKind.FLOW and not one.decimals]


def copied_period(
    view: FactView, elements: list[Element], period: Period, before: Period, rule: CheckRule
) -> list[Copied]:
    """Local places whose own figures repeat those of the period before."""
    same = np.zeros(view.size, dtype=np.int64)
    compared = np.zeros(view.size, dtype=np.int64)
    for element in counted(elements):
        now, earlier = own_figures(view, element, period), own_figures(view, element, before)
        both = (now > 0) & (earlier > 0)
        compared += both
        same += both & (now == earlier)
    # Exact: shares are compared as fractions, so that nine in ten is nine in ten.
    top, bottom = rule.limit.as_integer_ratio()
    found = np.flatnonzero((compared >= rule.at_least) & (same * bottom >= compared * top))
    return [Copied(place, int(same[place]), int(compared[place])) for place in found.tolist()]


def round_numbers(
    view: FactView, elements: list[Element], periods: list[Period], rule: CheckRule
) -> list[Rounded]:
    """Local places whose own figures of the periods (the last one is the one looked at) are round too often."""
    watched = counted(elements)
    looked_at = periods[-ROUND_PERIODS:]
    figures = np.zeros((len(ENDINGS), view.size), dtype=np.int64)
    hits = np.zeros_like(figures)
    newest = np.zeros_like(figures)
    for period in looked_at:
        newest[:] = 0
        for element in watched:
            own = own_figures(view, element, period)
            for number, (ending, least, _chance) in enumerate(ENDINGS):
                large = own >= least
                figures[number] += large
                newest[number] += large & (own % ending == 0)
        hits += newest
    found: dict[int, Rounded] = {}
    for number, (ending, _least, chance) in enumerate(ENDINGS):
        n, k = figures[number], hits[number]
        usable = np.flatnonzero((n >= rule.at_least) & (k > 0) & (newest[number] > 0))
        # The chance of k or more of n; bdtrc gives that of more than its first argument.
        tail = bdtrc(k[usable] - 1, n[usable], chance)
        for place in usable[tail <= float(rule.limit)].tolist():
            found[place] = Rounded(place, ending, int(k[place]), int(n[place]), len(looked_at))
    return [found[place] for place in sorted(found)]


def own_figures(view: FactView, element: Element, period: Period) -> NDArray[np.int64]:
    """What every region itself stated for a period; 0 where it stated nothing."""
    # Rolled up as well, so that a stored copy of the facts keeps what was looked at.
    view.values(element.code, period)
    rows = view.chosen_rows(element.code, period)
    own = np.zeros(view.size, dtype=np.int64)
    np.add.at(own, view.position[rows], view.value[rows])
    return own
