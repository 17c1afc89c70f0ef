"""How the checks of a run are set: from YAML, to YAML, and whether it makes sense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from jingtu.engine.catalogue.doubts import error, warning
from jingtu.engine.catalogue.model import Catalogue, CheckKind, CheckRule
from jingtu.engine.problems import Problem, register_texts

Plain = dict[str, Any]

register_texts(
    {
        "catalogue.check_unknown": (
            "核查规则“{subject}”引用了不存在的“{name}”",
            'the check rule "{subject}" refers to "{name}", which does not exist',
        ),
        "catalogue.check_twice": (
            "核查规则“{subject}”与“{other}”设定同一种核查（{kind}），只能设一条",
            'the check rules "{subject}" and "{other}" set the same check ({kind}); one of them is enough',
        ),
        "catalogue.check_limit": (
            "核查规则“{subject}”（{kind}）的limit应在{low}与{high}之间",
            'the check rule "{subject}" ({kind}) needs a limit between {low} and {high}',
        ),
        "catalogue.check_least": (
            "核查规则“{subject}”（{kind}）的at_least不能小于{least}",
            'the check rule "{subject}" ({kind}) needs an at_least of {least} or more',
        ),
    }
)

BOUNDS: Mapping[CheckKind, tuple[int, Decimal, Decimal]] = {
    "outlier_history": (4, Decimal(2), Decimal(50)),
    "outlier_peers": (5, Decimal(2), Decimal(50)),
    "sudden_zero": (1, Decimal(0), Decimal(0)),
    "copied_period": (5, Decimal("0.5"), Decimal(1)),
    "round_numbers": (10, Decimal("0.000001"), Decimal("0.05")),
    "late_edit": (1, Decimal(0), Decimal(0)),
}
"""Per kind: the least ``at_least`` that says anything, and the ends between which ``limit`` lies (0: unused)."""


def check_rule_from(entry: Mapping[str, Any]) -> CheckRule:
    """The rule a YAML mapping states; the schema has checked its fields."""
    definition = entry.get("definition", {})
    return CheckRule(
        entry["code"],
        entry["name"]["zh"],
        entry["name"]["en"],
        entry["kind"],
        entry["severity"],
        entry["at_least"],
        Decimal(str(entry.get("limit", 0))),
        tuple(entry.get("cites", ())),
        entry.get("status", "G"),
        definition.get("zh", ""),
        definition.get("en", ""),
    )


def check_rule_plain(rule: CheckRule) -> Plain:
    """The rule as its YAML states it; what equals its default is left out."""
    entry: Plain = {
        "code": rule.code,
        "name": {"zh": rule.name_zh, "en": rule.name_en},
        "kind": rule.kind,
        "severity": rule.severity,
        "at_least": rule.at_least,
    }
    if rule.limit:
        whole = rule.limit == rule.limit.to_integral_value()
        entry["limit"] = int(rule.limit) if whole else float(rule.limit)
    entry["status"] = rule.status
    if rule.cites:
        entry["cites"] = list(rule.cites)
    words = {"zh": rule.definition_zh, "en": rule.definition_en}
    if any(words.values()):
        entry["definition"] = {language: text for language, text in words.items() if text}
    return entry


def check_check_rules(catalogue: Catalogue) -> Iterator[Problem]:
    """What is wrong with the rules of checks."""
    kinds: dict[str, str] = {}
    for rule in catalogue.checks.values():
        code = rule.code
        if kinds.setdefault(rule.kind, code) != code:
            yield error("catalogue.check_twice", code, "kind", kind=rule.kind, other=kinds[rule.kind])
        least, low, high = BOUNDS[rule.kind]
        if rule.at_least < least:
            yield error("catalogue.check_least", code, "at_least", kind=rule.kind, least=least)
        if not low <= rule.limit <= high:
            yield error("catalogue.check_limit", code, "limit", kind=rule.kind, low=low, high=high)
        for cite in rule.cites:
            if cite.partition(":")[0] not in catalogue.documents:
                yield error("catalogue.check_unknown", code, "cites", name=cite)
        if bool(rule.definition_zh) != bool(rule.definition_en):
            yield warning("catalogue.no_translation", code, "definition")
