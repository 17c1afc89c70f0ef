"""What a rule noticed about one place, with the numbers it rests on and its sentence in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jingtu.engine.catalogue.model import AlertRule, Catalogue
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.elements import unit_after
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language, Problem, register_texts

NAMED = 4
"""So many elements are named in a sentence; the others are counted."""

register_texts(
    {
        "alert.red_line": (
            "“{indicator}”为{value}，触及红线（{threshold}）",
            "“{indicator}” is {value}, across the red line ({threshold})",
        ),
        "alert.falling": (
            "“{indicator}”连续{length}期下降：{series}",
            "“{indicator}” has fallen {length} periods in a row: {series}",
        ),
        "alert.rising": (
            "“{indicator}”连续{length}期上升：{series}",
            "“{indicator}” has risen {length} periods in a row: {series}",
        ),
        "alert.gap_growing": (
            "“{indicator}”离目标（{threshold}）越来越远，已连续{length}期：{series}",
            "“{indicator}” has moved away from its target ({threshold}) for {length} periods: {series}",
        ),
        "alert.missing_report": (
            "{period}缺报{count}项：{elements}",
            "{count} figures are missing for {period}: {elements}",
        ),
        "alert.sudden_value": (
            "“{indicator}”为{value}，以往{periods}期的中位数为{median}，相差{distance}个稳健标准差",
            "“{indicator}” is {value}; the median of the {periods} periods before is {median}, "
            "{distance} robust standard deviations away",
        ),
        "alert.sudden_count": (
            "“{indicator}”为{value}，按以往{periods}期应在{expected}上下，若无变化，这样的数出现的概率为{chance}",
            "“{indicator}” is {value}; the {periods} periods before suggest about {expected}, and without a "
            "change the chance of such a count is {chance}",
        ),
        "alert.first_case": (
            "连续{length}期为零之后，“{indicator}”为{value}",
            "“{indicator}” is {value} after {length} periods without any",
        ),
        "alert.inactivity": (
            "已连续{length}期没有报来任何数据",
            "Nothing has been reported for {length} periods",
        ),
        "alert.and_more": ("{names}等{count}项", "{names} and others, {count} in all"),
    }
)


@dataclass(frozen=True)
class Signal:
    """One rule met at one place.

    ``code`` names the sentence, ``evidence`` its numbers (texts as published and counts; ``series`` holds
    period keys and values, oldest first). ``strength`` grows as the matter gets worse and compares only
    with signals of the same rule, place and subject. ``subject``: the indicator, "" for missing reports.
    """

    rule: AlertRule
    position: int
    period: Period
    code: str
    strength: float
    subject: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)

    def text(self, catalogue: Catalogue, language: Language = "zh") -> str:
        """The sentence, without the place."""
        return sentence(self.code, self.subject, self.period.key, self.evidence, catalogue, language)


def sentence(
    code: str,
    subject: str,
    period: str,
    evidence: Mapping[str, Any],
    catalogue: Catalogue,
    language: Language,
) -> str:
    """The sentence of a stored signal; names and units come from the catalogue."""
    indicator = catalogue.indicators.get(subject)
    unit = indicator.unit_name(language) if indicator else ""
    gap = " " if language == "en" and unit and unit != "%" else ""

    def with_unit(value: object) -> str:
        return f"{value}{gap}{unit_after(value, unit, language)}"

    params: dict[str, object] = dict(evidence)
    params["indicator"] = indicator.name(language) if indicator else subject
    params["period"] = Period.parse(period).label(language)
    for name in ("value", "median"):
        if name in evidence:
            params[name] = with_unit(evidence[name])
    if "threshold" in evidence:
        params["threshold"] = Threshold.parse(str(evidence["threshold"])).label(unit, language)
    if "series" in evidence:
        params["series"] = " → ".join("–" if value is None else str(value) for _, value in evidence["series"])
    if "elements" in evidence:
        params["elements"] = _listed(list(evidence["elements"]), catalogue, language)
    return Problem(code, params).text(language)


def _listed(codes: list[str], catalogue: Catalogue, language: Language) -> str:
    names = [
        catalogue.elements[code].name(language) if code in catalogue.elements else code
        for code in codes[:NAMED]
    ]
    joined = ("、" if language == "zh" else ", ").join(names)
    if len(codes) <= NAMED:
        return joined
    return Problem("alert.and_more", {"names": joined, "count": len(codes)}).text(language)
