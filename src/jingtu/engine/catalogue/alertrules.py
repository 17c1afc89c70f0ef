"""Alert rules: from YAML, to YAML, and whether they make sense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from jingtu.engine.catalogue.doubts import error, warning
from jingtu.engine.catalogue.model import AlertRule, Catalogue, Indicator
from jingtu.engine.elements import ElementKind
from jingtu.engine.formula import Binary, Call, ElementRef, Node, references_of
from jingtu.engine.problems import Problem, register_texts

Plain = dict[str, Any]

register_texts(
    {
        "catalogue.alert_unknown": (
            "预警规则“{subject}”引用了不存在的“{name}”",
            'the alert rule "{subject}" refers to "{name}", which does not exist',
        ),
        "catalogue.alert_subjects": (
            "预警规则“{subject}”（{kind}）应列{wanted}，不能列{given}",
            'the alert rule "{subject}" ({kind}) names {wanted}, not {given}',
        ),
        "catalogue.alert_none": (
            "预警规则“{subject}”（{kind}）要写明看哪些指标",
            'the alert rule "{subject}" ({kind}) must name the indicators it watches',
        ),
        "catalogue.alert_no_red_line": (
            "预警规则“{subject}”：指标“{name}”没有红线",
            'the alert rule "{subject}": the indicator "{name}" has no red line',
        ),
        "catalogue.alert_no_direction": (
            "预警规则“{subject}”：指标“{name}”没有方向，不知道哪边算变差",
            'the alert rule "{subject}": the indicator "{name}" has no direction, so nothing is worse',
        ),
        "catalogue.alert_no_target": (
            "预警规则“{subject}”：指标“{name}”没有单边的目标，算不出差距",
            'the alert rule "{subject}": the indicator "{name}" has no one-sided target to be short of',
        ),
        "catalogue.alert_not_counts": (
            "预警规则“{subject}”：指标“{name}”不是时期内的整数计数，不能用计数检验",
            'the alert rule "{subject}": the indicator "{name}" is not a whole count of a period, '
            "so the test of counts does not apply",
        ),
        "catalogue.alert_history": (
            "预警规则“{subject}”至少要看{least}期历史",
            'the alert rule "{subject}" must look back at least {least} periods',
        ),
    }
)

HISTORY_MIN = 6
"""With fewer earlier values nothing is said about what is usual."""

_OF_ELEMENTS = frozenset({"missing_report", "inactivity"})
_DEFAULTS = AlertRule("", "", "", "red_line", "info", (), "", 1)


def alert_rule_from(entry: Mapping[str, Any]) -> AlertRule:
    """The rule a YAML mapping states; the schema has checked its fields."""
    definition = entry.get("definition", {})
    return AlertRule(
        code=entry["code"],
        name_zh=entry["name"]["zh"],
        name_en=entry["name"]["en"],
        kind=entry["kind"],
        severity=entry["severity"],
        cadence=tuple(entry["cadence"]),
        owner=entry["owner"],
        due_days=entry["due_days"],
        levels=tuple(entry.get("levels", ())),
        indicators=tuple(entry.get("indicators", ())),
        elements=tuple(entry.get("elements", ())),
        periods=entry.get("periods", _DEFAULTS.periods),
        test=entry.get("test", "auto"),
        side=entry.get("side", "worse"),
        significance=Decimal(str(entry.get("significance", _DEFAULTS.significance))),
        distance=Decimal(str(entry.get("distance", _DEFAULTS.distance))),
        rows=tuple(entry.get("rows", ())),
        cites=tuple(entry.get("cites", ())),
        status=entry.get("status", "G"),
        definition_zh=definition.get("zh", ""),
        definition_en=definition.get("en", ""),
    )


def alert_rule_plain(rule: AlertRule) -> Plain:
    """The rule as its YAML states it; what equals its default is left out."""
    entry: Plain = {
        "code": rule.code,
        "name": {"zh": rule.name_zh, "en": rule.name_en},
        "kind": rule.kind,
        "severity": rule.severity,
        "cadence": list(rule.cadence),
        "owner": rule.owner,
        "due_days": rule.due_days,
    }
    for name in ("levels", "indicators", "elements"):
        if getattr(rule, name):
            entry[name] = list(getattr(rule, name))
    for name in ("periods", "test", "side"):
        if getattr(rule, name) != getattr(_DEFAULTS, name):
            entry[name] = getattr(rule, name)
    for name in ("significance", "distance"):
        number: Decimal = getattr(rule, name)
        if number != getattr(_DEFAULTS, name):
            entry[name] = int(number) if number == number.to_integral_value() else float(number)
    entry["status"] = rule.status
    for name in ("rows", "cites"):
        if getattr(rule, name):
            entry[name] = list(getattr(rule, name))
    words = {"zh": rule.definition_zh, "en": rule.definition_en}
    if any(words.values()):
        entry["definition"] = {language: text for language, text in words.items() if text}
    return entry


def counts_events(catalogue: Catalogue, indicator: Indicator) -> bool:
    """Whether an indicator is a plain sum of whole counts of one period, which is what a Poisson test needs."""
    return all(
        catalogue.elements[ref.code].kind is ElementKind.FLOW and not catalogue.elements[ref.code].decimals
        for ref in references_of(indicator.formula)
        if ref.code in catalogue.elements
    ) and _is_sum(indicator.formula)


def _is_sum(node: Node) -> bool:
    match node:
        case ElementRef():
            return True
        case Call(name="sum"):
            return isinstance(node.args[0], ElementRef)
        case Binary(op="+"):
            return _is_sum(node.left) and _is_sum(node.right)
    return False


def watched_indicators(catalogue: Catalogue, rule: AlertRule) -> list[Indicator]:
    """The indicators a rule watches: those it names, else every one its kind can watch."""
    if rule.indicators:
        return [catalogue.indicators[code] for code in rule.indicators if code in catalogue.indicators]
    found = list(catalogue.indicators.values())
    match rule.kind:
        case "red_line":
            return [item for item in found if item.red_line is not None]
        case "worsening":
            return [item for item in found if item.direction != "none"]
        case "gap_growing":
            return [item for item in found if item.target is not None and item.target.side != "point"]
    return []


def check_alert_rules(catalogue: Catalogue) -> Iterator[Problem]:
    """What is wrong with the alert rules of a catalogue."""
    for rule in catalogue.alerts.values():
        code = rule.code
        of_elements = rule.kind in _OF_ELEMENTS
        given = rule.indicators if of_elements else rule.elements
        if given:
            words = ("elements", "indicators") if of_elements else ("indicators", "elements")
            yield error(
                "catalogue.alert_subjects", code, words[1], kind=rule.kind, wanted=words[0], given=words[1]
            )
        for name in rule.elements:
            if name not in catalogue.elements:
                yield error("catalogue.alert_unknown", code, "elements", name=name)
        for cite in rule.cites:
            if cite.partition(":")[0] not in catalogue.documents:
                yield error("catalogue.alert_unknown", code, "cites", name=cite)
        if bool(rule.definition_zh) != bool(rule.definition_en):
            yield warning("catalogue.no_translation", code, "definition")
        if rule.kind in ("sudden_change", "first_case") and not rule.indicators:
            yield error("catalogue.alert_none", code, "indicators", kind=rule.kind)
        if rule.kind == "sudden_change" and rule.periods < HISTORY_MIN:
            yield error("catalogue.alert_history", code, "periods", least=HISTORY_MIN)
        for name in rule.indicators:
            indicator = catalogue.indicators.get(name)
            if indicator is None:
                yield error("catalogue.alert_unknown", code, "indicators", name=name)
            else:
                yield from _fits(catalogue, rule, indicator)


def _fits(catalogue: Catalogue, rule: AlertRule, indicator: Indicator) -> Iterator[Problem]:
    params = {"name": indicator.code}
    if rule.kind == "red_line" and indicator.red_line is None:
        yield error("catalogue.alert_no_red_line", rule.code, "indicators", **params)
    if rule.kind == "worsening" and indicator.direction == "none":
        yield error("catalogue.alert_no_direction", rule.code, "indicators", **params)
    if rule.kind == "gap_growing" and (indicator.target is None or indicator.target.side == "point"):
        yield error("catalogue.alert_no_target", rule.code, "indicators", **params)
    counted = rule.kind == "first_case" or (rule.kind == "sudden_change" and rule.test == "counts")
    if counted and not counts_events(catalogue, indicator):
        yield error("catalogue.alert_not_counts", rule.code, "indicators", **params)
