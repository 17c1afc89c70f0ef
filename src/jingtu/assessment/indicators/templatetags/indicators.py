"""Template tags of indicators: ``{% load indicators %}``."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, Select
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from jingtu.assessment.indicators import words
from jingtu.engine.catalogue import (
    BonusRule,
    Catalogue,
    DeductionRule,
    LinearRule,
    RankRule,
    Rule,
    StepsRule,
    ThresholdRule,
)
from jingtu.engine.catalogue.editing import Change
from jingtu.engine.catalogue.integrity import Remark
from jingtu.engine.elements import Element
from jingtu.engine.problems import Problem

register = template.Library()

_WORDS = {
    "strand": words.STRANDS,
    "direction": words.DIRECTIONS,
    "kind": words.KINDS,
    "policy": words.POLICIES,
    "veto": words.VETOES,
    "definition": words.DEFINITION_KINDS,
    "draft": words.DRAFT_STATES,
    "act": words.DRAFT_ACTS,
    "change": words.CHANGES,
    "topic": words.TOPICS,
    "topic_advice": words.TOPIC_ADVICE,
}


@register.filter
def name_of(thing: Any) -> str:
    """The name of a definition in the reader's language."""
    return str(thing.name(words.interface_language()))


@register.filter
def definition_of(thing: Any) -> str:
    """The definition's text in the reader's language."""
    return str(thing.definition(words.interface_language()))


@register.filter
def title_of(document: Any) -> str:
    """The title of a document in the reader's language."""
    return str(document.title_en if words.interface_language() == "en" else document.title_zh)


@register.filter
def unit_of(thing: Any) -> str:
    """The word of the unit of an element or indicator in the reader's language."""
    return str(thing.unit_name(words.interface_language()))


@register.filter
def dimensions_of(element: Element) -> list[tuple[str, list[str]]]:
    """What an element is broken down by, in the reader's language."""
    language = words.interface_language()
    return [
        (
            element.dimension_name(name, language),
            [element.category_name(name, value, language) for value in values],
        )
        for name, values in element.dimensions.items()
    ]


@register.filter
def word(code: str, kind: str) -> str:
    """The word for a strand, direction, kind, policy or veto; the code itself when it has none."""
    return str(_WORDS[kind].get(str(code), code))


@register.filter
def lookup(mapping: dict[str, Any], key: str) -> Any:
    """The entry of a mapping, None without one."""
    return mapping.get(key)


@register.simple_tag
def status_badge(status: str) -> SafeString:
    """How far a definition is verified; unverified ones are marked, because a figure may rest on them."""
    tone = "watch" if status == "G" else "none"
    mark = "▲" if status == "G" else "–" if status == "S" else "●"
    return format_html(
        '<span class="jt-state jt-state-{}"><span class="jt-state-mark" aria-hidden="true">{}</span>{}</span>',
        "met" if status == "V" else tone,
        mark,
        words.STATUSES.get(status, status),
    )


@register.filter
def rule_words(rule: Rule) -> str:
    """A scoring rule in words."""
    match rule:
        case ThresholdRule():
            return _("达到要求得%(met)s，否则得%(unmet)s（占该项分值）") % {
                "met": _percent(rule.met),
                "unmet": _percent(rule.unmet),
            }
        case StepsRule():
            return "；".join(f"{step.when} → {_percent(step.share)}" for step in rule.steps)
        case LinearRule():
            target = _("要求值") if rule.target is None else str(rule.target)
            return _("%(floor)s得零分，%(target)s得满分，其间按比例") % {
                "floor": rule.floor,
                "target": target,
            }
        case DeductionRule():
            return _("每件扣%(each)s分，最多扣%(cap)s") % {
                "each": rule.per_event,
                "cap": _("完该项分值") if rule.cap is None else _("%(points)s分") % {"points": rule.cap},
            }
        case RankRule():
            return _("第一名得%(best)s，末名得%(worst)s，其间等距") % {
                "best": _percent(rule.best),
                "worst": _percent(rule.worst),
            }
        case BonusRule():
            return _("每单位加%(each)s分") % {"each": rule.per_unit}
    return str(rule)


def _percent(share: Any) -> str:
    return f"{share * 100:f}".rstrip("0").rstrip(".") + "%" if share else "0"


@register.filter
def sentence(problem: Problem) -> str:
    """What is wrong, in the reader's language."""
    return problem.text(words.interface_language())


@register.simple_tag
def remark_name(remark: Remark, catalogue: Catalogue) -> str:
    """What the definition a remark is about is called; nothing where it has no name."""
    entry = getattr(catalogue, remark.kind).get(remark.code) if remark.kind else None
    if entry is None:
        return ""
    return title_of(entry) if remark.kind == "documents" else name_of(entry)


@register.filter
def changed_name(change: Change) -> str:
    """The name of a changed definition."""
    entry = change.after or change.before or {}
    named = entry.get("name") or entry.get("title") or {}
    return str(named.get(words.interface_language(), ""))


@register.filter
def field_word(path: str) -> str:
    """What a changed field is called in the forms; nothing for those that have no name there."""
    *_before, above, last = ("", *path.split("/"))
    return str(words.FIELDS.get(f"{above}/{last}") or words.FIELDS.get(last, ""))


@register.filter
def gone_sentence(problem: dict[str, Any]) -> str:
    """Why a published card cannot be computed by a draft."""
    return Problem(problem["code"], problem["params"]).text(words.interface_language())


@register.filter
def rank_gain(place: dict[str, Any]) -> int | None:
    """Places gained by a draft; None where one of the two ranks is missing."""
    old, new = place["rank"]
    return None if old is None or new is None else old - new


@register.simple_tag
def row_control(bound: BoundField) -> SafeString:
    """A control inside a table: labelled by its column for screen readers."""
    widget = bound.field.widget
    check = isinstance(widget, CheckboxInput)
    css = "form-check-input" if check else "form-select" if isinstance(widget, Select) else "form-control"
    return bound.as_widget(attrs={"class": css, "aria-label": str(bound.label)})


@register.filter
def controlled(bound: BoundField) -> SafeString:
    """A control that fills its line."""
    return bound.as_widget(attrs={"class": f"form-control {bound.field.widget.attrs.get('class', '')}"})
