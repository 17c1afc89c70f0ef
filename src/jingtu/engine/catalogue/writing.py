"""A catalogue as plain data and as YAML that reads back to the same catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import yaml

from jingtu.engine.catalogue.alertrules import alert_rule_plain
from jingtu.engine.catalogue.checkrules import check_rule_plain
from jingtu.engine.catalogue.model import (
    BonusRule,
    Catalogue,
    DeductionRule,
    Document,
    Group,
    Indicator,
    Item,
    LinearRule,
    RankRule,
    Rule,
    Scorecard,
    StepsRule,
    ThresholdRule,
    Veto,
)
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.elements import Element

Plain = dict[str, Any]


def plain(catalogue: Catalogue) -> Plain:
    """The catalogue as dicts, lists, texts and numbers, in the shape of its JSON Schema.

    Values that equal their default are left out.
    """
    content: Plain = {
        "catalogue": {
            "code": catalogue.code,
            "version": catalogue.version,
            "name": _both(catalogue.name_zh, catalogue.name_en),
        },
        "documents": [_document(entry) for entry in catalogue.documents.values()],
        "units": [
            {"code": unit.code, "name": _both(unit.name_zh, unit.name_en)}
            for unit in catalogue.units.values()
        ],
        "elements": [_element(entry) for entry in catalogue.elements.values()],
        "indicators": [_indicator(entry) for entry in catalogue.indicators.values()],
        "groups": [_group(entry) for entry in catalogue.groups.values()],
        "scorecards": [_scorecard(entry) for entry in catalogue.scorecards.values()],
    }
    # Left out when there are none, so that a catalogue of before keeps its digest.
    if catalogue.alerts:
        content["alerts"] = [alert_rule_plain(rule) for rule in catalogue.alerts.values()]
    if catalogue.dimensions:
        content["dimensions"] = [
            {
                "code": one.code,
                "name": _both(one.name_zh, one.name_en),
                "values": {value: _both(*words) for value, words in one.values.items()},
            }
            for one in catalogue.dimensions.values()
        ]
    if catalogue.checks:
        content["checks"] = [check_rule_plain(rule) for rule in catalogue.checks.values()]
    return content


def dump_yaml(catalogue: Catalogue) -> str:
    """The catalogue as one YAML text; ``load_catalogue`` gives an equal catalogue back."""
    content = {key: value for key, value in plain(catalogue).items() if value}
    text: str = yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=110)
    return text


def _both(zh: str, en: str) -> Plain:
    return {"zh": zh, "en": en}


def _lean(**fields: Any) -> Plain:
    """Without what is empty, False, zero or None."""
    return {key: value for key, value in fields.items() if value or value is True}


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _threshold(value: Threshold | None) -> str | None:
    return None if value is None else str(value)


def _definition(zh: str, en: str) -> Plain:
    return _lean(zh=zh, en=en)


def _document(document: Document) -> Plain:
    return {
        "code": document.code,
        "title": _both(document.title_zh, document.title_en),
        "kind": document.kind,
        **_lean(issuer=document.issuer, number=document.number, date=document.date, url=document.url),
    }


def _element(element: Element) -> Plain:
    entry: Plain = {
        "code": element.code,
        "name": _both(element.name_zh, element.name_en),
        "kind": element.kind.value,
        "unit": element.unit,
        "decimals": element.decimals,
        **_lean(
            strand=element.strand,
            dimensions={name: list(values) for name, values in element.dimensions.items()},
            person_based=element.person_based,
        ),
        "source": element.source,
        "status": element.status,
        **_lean(
            cites=list(element.cites),
            definition=_definition(element.definition_zh, element.definition_en),
            parts_of=element.parts_of,
        ),
    }
    if not element.non_negative:
        entry["non_negative"] = False
    return entry


def _indicator(indicator: Indicator) -> Plain:
    return {
        "code": indicator.code,
        "name": _both(indicator.name_zh, indicator.name_en),
        "strand": indicator.strand,
        "formula": indicator.formula_text,
        "direction": indicator.direction,
        **_lean(target=_threshold(indicator.target), red_line=_threshold(indicator.red_line)),
        "unit": indicator.unit,
        "decimals": indicator.decimals,
        "status": indicator.status,
        **_lean(
            min_denominator=indicator.min_denominator,
            lagging=indicator.lagging,
            person_based=indicator.person_based,
            rows=list(indicator.rows),
            cites=list(indicator.cites),
            definition=_definition(indicator.definition_zh, indicator.definition_en),
            gap_unit=_both(indicator.gap_zh, indicator.gap_en) if indicator.gap_zh else None,
        ),
    }


def _group(group: Group) -> Plain:
    members = [
        {
            "indicator": member.indicator,
            **_lean(direction=member.direction, veto=member.veto, target=_threshold(member.target)),
        }
        for member in group.members
    ]
    return {
        "code": group.code,
        "name": _both(group.name_zh, group.name_en),
        **({"members": members} if members or not group.groups else {}),
        **_lean(
            groups=list(group.groups),
            met_from=None if group.met_from == 1 else _number(group.met_from),
            watch_from=None if group.watch_from == Decimal("0.5") else _number(group.watch_from),
        ),
        "status": group.status,
        **_lean(
            rows=list(group.rows),
            cites=list(group.cites),
            definition=_definition(group.definition_zh, group.definition_en),
        ),
    }


def rule_plain(rule: Rule) -> Plain:
    """A rule as its YAML states it."""
    match rule:
        case ThresholdRule():
            return {"kind": "threshold", "met": _number(rule.met), "unmet": _number(rule.unmet)}
        case StepsRule():
            steps = [{"when": str(step.when), "share": _number(step.share)} for step in rule.steps]
            return {"kind": "steps", "steps": steps}
        case LinearRule():
            return {"kind": "linear", "floor": _number(rule.floor), **_given(target=rule.target)}
        case DeductionRule():
            return {"kind": "deduction", "per_event": _number(rule.per_event), **_given(cap=rule.cap)}
        case RankRule():
            return {"kind": "rank", "best": _number(rule.best), "worst": _number(rule.worst)}
        case BonusRule():
            return {"kind": "bonus", "per_unit": _number(rule.per_unit), **_given(cap=rule.cap)}


def _given(**numbers: Decimal | None) -> Mapping[str, Any]:
    return {key: _number(value) for key, value in numbers.items() if value is not None}


def _item(item: Item, bonus: bool = False) -> Plain:
    entry: Plain = {"indicator": item.indicator}
    if not bonus:
        entry["points"] = _number(item.points)
    entry["rule"] = rule_plain(item.rule)
    if not bonus:
        entry["not_applicable"] = item.not_applicable
        entry["missing"] = item.missing
    return {**entry, **_lean(target=_threshold(item.target))}


def _veto(veto: Veto) -> Plain:
    return {
        "indicator": veto.indicator,
        "when": str(veto.when),
        "effect": veto.effect,
        **_given(cap=veto.cap),
        "name": _both(veto.name_zh, veto.name_en),
    }


def _scorecard(card: Scorecard) -> Plain:
    entry: Plain = {
        "code": card.code,
        "name": _both(card.name_zh, card.name_en),
        "subject": card.subject,
        "level": card.level,
        "total": _number(card.total),
        "decimals": card.decimals,
        "cadence": list(card.cadence),
        "sections": [
            {
                "code": section.code,
                "name": _both(section.name_zh, section.name_en),
                "items": [_item(item) for item in section.items],
            }
            for section in card.sections
        ],
    }
    if card.bonus is not None:
        entry["bonus"] = {
            "cap": _number(card.bonus.cap),
            "items": [_item(item, bonus=True) for item in card.bonus.items],
        }
    return {
        **entry,
        **_lean(vetoes=[_veto(veto) for veto in card.vetoes], tie_breaks=list(card.tie_breaks)),
        "min_coverage": _number(card.min_coverage),
        "status": card.status,
        **_lean(
            rows=list(card.rows),
            cites=list(card.cites),
            definition=_definition(card.definition_zh, card.definition_en),
        ),
    }
