"""What the figures look like before anybody signs them. Checks only speak; they change nothing.

Findings carry the numbers they rest on, so that a reader can judge them without a second query.
Thresholds are practice, not law. Those stated here hold where the catalogue sets none (its ``checks``); the
checks of :mod:`jingtu.engine.patterns` speak only where it sets them, so that a run published under an older
catalogue stays what was signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from jingtu.engine import rational
from jingtu.engine.catalogue.model import Catalogue, CheckKind, CheckRule, Indicator
from jingtu.engine.elements import Element, ElementKind
from jingtu.engine.evaluate import references
from jingtu.engine.formula import Call
from jingtu.engine.patterns import copied_period, round_numbers
from jingtu.engine.problems import Language, Problem, register_texts
from jingtu.engine.rational import decimal_text

if TYPE_CHECKING:
    from jingtu.engine.assess import Assessment

HISTORY_MIN = 6
"""With fewer earlier values nothing is said about what is usual."""
HISTORY_DISTANCE = 6
PEERS_MIN = 8
PEERS_DISTANCE = 6
"""How many robust standard deviations (1.4826 × median absolute deviation) make an outlier."""
ZERO_MEDIAN = 5
"""A sudden zero is worth a word when the usual value is at least this."""

register_texts(
    {
        "check.missing": (
            "{region}在{period}未报“{element}”，此前曾报",
            "{region} has not reported “{element}” for {period}, though it did before",
        ),
        "check.outlier_history": (
            "{region}“{element}”本期为{value}，与自身以往（中位数{median}，{periods}期）相差悬殊",
            "{region}, “{element}”: {value} is far from its own past (median {median} of {periods} periods)",
        ),
        "check.outlier_peers": (
            "{region}“{indicator}”为{value}，与同类地区（中位数{median}，{places}个）相差悬殊",
            "{region}, “{indicator}”: {value} is far from its peers (median {median} of {places} places)",
        ),
        "check.sudden_zero": (
            "{region}“{element}”本期为0，以往中位数为{median}",
            "{region}, “{element}”: 0 this period, the usual value is {median}",
        ),
        "check.parts": (
            "{region}“{element}”为{whole}，其组成之和为{parts}，二者不符",
            "{region}, “{element}”: {whole}, but its parts add up to {parts}",
        ),
        "check.above_whole": (
            "{region}“{indicator}”的分子{numerator}大于分母{denominator}",
            "{region}, “{indicator}”: numerator {numerator} is above denominator {denominator}",
        ),
        "check.above_whole_lagging": (
            "{region}“{indicator}”的分子{numerator}大于分母{denominator}；二者统计时段不同，允许如此，请核对",
            "{region}, “{indicator}”: numerator {numerator} is above denominator {denominator}; counted at "
            "different times this may be so, please check",
        ),
        "check.copied_period": (
            "{region}本期与上期均不为零的{compared}个数字中有{same}个完全相同，请核实本期是否已重新统计",
            "{region}: {same} of the {compared} figures that are not zero now or the period before are the same; "
            "please confirm that this period was counted anew",
        ),
        "check.round_fives": (
            "{region}近{periods}期{figures}个两位以上的数字中有{found}个以0或5结尾，自然计数约为{usual}个，请核实",
            "{region}: {found} of {figures} figures of two digits or more over {periods} periods end in 0 or 5, "
            "where counting gives about {usual}; please confirm them",
        ),
        "check.round_hundreds": (
            "{region}近{periods}期{figures}个三位以上的数字中有{found}个以00结尾，自然计数约为{usual}个，请核实",
            "{region}: {found} of {figures} figures of three digits or more over {periods} periods end in 00, "
            "where counting gives about {usual}; please confirm them",
        ),
        "check.both_levels": (
            "{region}“{element}”既有本级数据{own}，又有下级数据{below}，两者已相加，请核对是否重复",
            "{region}, “{element}”: given for the region itself ({own}) and below it ({below}); both were "
            "added, please check for double counting",
        ),
    }
)


@dataclass(frozen=True)
class Finding:
    """One thing noticed about one region.

    ``code`` names a registered sentence, ``params`` its numbers (text, in plain digits).
    ``severity`` "error" holds a run back until answered.
    """

    code: str
    position: int
    severity: Literal["error", "warning"] = "warning"
    element: str | None = None
    indicator: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, str] = ("", "")

    def text(self, language: Language = "zh") -> str:
        """The sentence, with the element or indicator called by its name in the language."""
        name = self.names[0 if language == "zh" else 1]
        return Problem(self.code, {"element": name, "indicator": name, **self.params}).text(language)

    def plain(self) -> dict[str, Any]:
        """What a publication keeps: codes and numbers, no names that depend on a language."""
        kept = {key: value for key, value in self.params.items() if key not in ("region", "period")}
        return {**kept, "element": self.element, "indicator": self.indicator}


def check(assessment: Assessment) -> list[Finding]:
    """All findings about the elements and indicators of the card, by position, then check."""
    a = assessment
    definitions = [a.catalogue.indicators[code] for code in a.scorecard.indicators]
    elements = sorted({ref.code for item in definitions for ref, _ in references(item.formula)})
    findings: list[Finding] = []
    findings += _written_down(a, [a.catalogue.elements[code] for code in elements])
    for code in elements:
        element = a.catalogue.elements[code]
        findings += _missing(a, element)
        findings += _own_history(a, element)
        findings += _both_levels(a, element)
        findings += _parts(a, element)
    for definition in definitions:
        findings += _above_whole(a, definition)
        findings += _peers(a, definition)
    return sorted(
        findings, key=lambda found: (found.position, found.code, found.element or "", found.indicator or "")
    )


def _missing(a: Assessment, element: Element) -> Iterator[Finding]:
    rows = a.view.chosen_rows(element.code, a.period)
    absent = a.view.due(element.code).copy()
    absent[a.view.position[rows]] = False
    if absent.all() or not len(a.view.all_rows(element.code)):
        return
    for place in np.flatnonzero(absent).tolist():
        yield Finding(
            "check.missing",
            place + a.within,
            element=element.code,
            names=(element.name("zh"), element.name("en")),
            params={
                "region": a.tree.names[place + a.within],
                "period": a.period.key,
            },
        )


def _own_history(a: Assessment, element: Element) -> Iterator[Finding]:
    """Reporting regions and subjects whose value is far from their own past, or suddenly zero."""
    periods = [period for period in a.history() if period != a.period]
    now = a.view.values(element.code, a.period)
    least, limit, severity = _set(a.catalogue, "outlier_history", HISTORY_MIN, HISTORY_DISTANCE)
    usual, _unused, severity_zero = _set(a.catalogue, "sudden_zero", ZERO_MEDIAN)
    if len(periods) < least:
        return
    past = [a.view.values(element.code, period) for period in periods]
    watched = a.view.due(element.code) | np.isin(np.arange(a.view.size), a.local)
    known = np.sum([values.present for values in past], axis=0)
    places = np.flatnonzero(now.present & watched & (known >= least))
    if not places.size:
        return
    series = np.array([np.where(v.present[places], v.value[places], np.nan) for v in past], dtype=np.float64)
    current = now.value[places].astype(np.float64)
    middle, distance = _robust(series, current, element.scale)
    zero = (current == 0) & (middle >= usual * element.scale)
    for index in np.flatnonzero(zero | (distance > limit)).tolist():
        place = int(places[index])
        yield Finding(
            "check.sudden_zero" if zero[index] else "check.outlier_history",
            place + a.within,
            severity_zero if zero[index] else severity,
            element=element.code,
            names=(element.name("zh"), element.name("en")),
            params={
                "region": a.tree.names[place + a.within],
                "value": decimal_text(int(now.value[place]), element.decimals),
                "median": decimal_text(int(middle[index]), element.decimals),
                "periods": int(known[place]),
            },
        )


def _peers(a: Assessment, definition: Indicator) -> Iterator[Finding]:
    """Subjects whose indicator is far from the other subjects'."""
    values = a.current.values[definition.code]
    exact = values.exact.take(a.local)
    least, limit, severity = _set(a.catalogue, "outlier_peers", PEERS_MIN, PEERS_DISTANCE)
    if int(exact.ok.sum()) < least:
        return
    floats = exact.floats()
    ranked = np.flatnonzero(exact.ok)
    middle, distance = _robust(floats[ranked][:, None], floats[ranked], 1.0)
    far = np.flatnonzero(distance > limit)
    if not far.size:
        return
    # The median as a published value: the exact one nearest to it, so that no double is printed.
    nearest = int(ranked[np.argmin(np.abs(floats[ranked] - middle[0]))])
    for index in ranked[far].tolist():
        yield Finding(
            "check.outlier_peers",
            int(a.subjects[index]),
            severity,
            indicator=definition.code,
            names=(definition.name("zh"), definition.name("en")),
            params={
                "region": a.tree.names[int(a.subjects[index])],
                "value": values.text(int(a.local[index])),
                "median": values.text(int(a.local[nearest])),
                "places": len(ranked),
            },
        )


def _above_whole(a: Assessment, definition: Indicator) -> Iterator[Finding]:
    formula = definition.formula
    values = a.current.values[definition.code]
    top, bottom = values.numerator, values.denominator
    if not (isinstance(formula, Call) and formula.name == "share") or top is None or bottom is None:
        return
    above = top.ok & bottom.ok & (rational.compare(top, bottom) > 0)
    own = np.isin(np.arange(a.view.size), a.local)
    for element in {ref.code for ref, _ in references(formula)}:
        own |= a.view.due(element)
    for place in np.flatnonzero(above & own).tolist():
        numerator, denominator = top.fraction(place), bottom.fraction(place)
        yield Finding(
            "check.above_whole_lagging" if definition.lagging else "check.above_whole",
            place + a.within,
            "warning" if definition.lagging else "error",
            indicator=definition.code,
            names=(definition.name("zh"), definition.name("en")),
            params={
                "region": a.tree.names[place + a.within],
                "numerator": str(numerator),
                "denominator": str(denominator),
            },
        )


def _both_levels(a: Assessment, element: Element) -> Iterator[Finding]:
    if element.kind is ElementKind.REPORTED:
        return
    rows = a.view.chosen_rows(element.code, a.period)
    own: NDArray[np.int64] = np.zeros(a.view.size, dtype=np.int64)
    np.add.at(own, a.view.position[rows], a.view.value[rows])
    given = np.zeros(a.view.size, dtype=bool)
    given[a.view.position[rows]] = True
    values = a.view.values(element.code, a.period)
    for place in np.flatnonzero(given & (values.reported > 1)).tolist():
        yield Finding(
            "check.both_levels",
            place + a.within,
            element=element.code,
            names=(element.name("zh"), element.name("en")),
            params={
                "region": a.tree.names[place + a.within],
                "own": decimal_text(int(own[place]), element.decimals),
                "below": decimal_text(int(values.value[place]) - int(own[place]), element.decimals),
            },
        )


def _parts(a: Assessment, element: Element) -> Iterator[Finding]:
    """Elements that declare they are parts of this one must add up to it, where all are reported."""
    parts = [other for other in a.catalogue.elements.values() if other.parts_of == element.code]
    if not parts:
        return
    whole = a.view.values(element.code, a.period)
    given = [a.view.values(part.code, a.period) for part in parts]
    everywhere = whole.present & np.all([values.present for values in given], axis=0)
    total = rational.constant(0, a.view.size)
    for values in given:
        total = rational.add(total, values.rational())
    differs = everywhere & (rational.compare(total, whole.rational()) != 0)
    for place in np.flatnonzero(differs & a.view.due(element.code)).tolist():
        yield Finding(
            "check.parts",
            place + a.within,
            element=element.code,
            names=(element.name("zh"), element.name("en")),
            params={
                "region": a.tree.names[place + a.within],
                "whole": decimal_text(int(whole.value[place]), element.decimals),
                "parts": str(total.fraction(place)),
            },
        )


def _written_down(a: Assessment, elements: list[Element]) -> Iterator[Finding]:
    """Figures that repeat last period's, or are round too often, where the catalogue asks for it."""
    copy, rounding = a.catalogue.check_rule("copied_period"), a.catalogue.check_rule("round_numbers")
    history = a.history()
    if copy is not None and len(history) > 1:
        for place, same, compared in copied_period(a.view, elements, a.period, history[-2], copy):
            yield _of_place(a, "check.copied_period", place, copy, same=same, compared=compared)
    if rounding is not None:
        for found in round_numbers(a.view, elements, history, rounding):
            fives = found.ending == 5
            yield _of_place(
                a,
                "check.round_fives" if fives else "check.round_hundreds",
                found.place,
                rounding,
                found=found.found,
                figures=found.figures,
                usual=round(found.figures / (5 if fives else 100)),
                periods=found.periods,
            )


def _of_place(a: Assessment, code: str, place: int, rule: CheckRule, **params: int) -> Finding:
    region = a.tree.names[place + a.within]
    return Finding(code, place + a.within, rule.severity, params={"region": region, **params})


def _set(
    catalogue: Catalogue, kind: CheckKind, least: int, limit: int = 0
) -> tuple[int, float, Literal["error", "warning"]]:
    """How a check is set: by the catalogue, else as stated above."""
    rule = catalogue.check_rule(kind) or CheckRule("", "", "", kind, "warning", least, Decimal(limit))
    return rule.at_least, float(rule.limit), rule.severity


def _robust(
    series: NDArray[np.float64], values: NDArray[np.float64], least: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Medians of the columns of a series (NaN: unknown) and the values' distances from them.

    Distances are in robust standard deviations of at least ``least``.
    """
    middle = np.nanmedian(series, axis=0)
    spread = 1.4826 * np.nanmedian(np.abs(series - middle), axis=0)
    # Counts vary at least like their square root; constant series must not make every step an outlier.
    floor = np.maximum(np.sqrt(np.abs(middle)), np.maximum(np.abs(middle) * 0.02, least))
    return middle, np.abs(values - middle) / np.maximum(spread, floor)
