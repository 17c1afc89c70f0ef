"""What a place's total and rank would be if it met one requirement and nothing else changed."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from jingtu.engine.cards import full_mark
from jingtu.engine.catalogue import LinearRule, StepsRule, Threshold, ThresholdRule

from .queries import Explained, RunReader


def what_if_met(reader: RunReader, found: Explained) -> str:
    """What total and rank would be if the requirement were met and nothing else changed; empty where the
    rule does not tell (ranks, deductions), or a veto stands above it."""
    if found.shortfall is None or found.indicator is None:
        return ""
    entries = dict(reader.subjects)
    entry = entries.get(found.position)
    if entry is None or entry["total"] is None or entry["vetoes"] or entry["rank"] is None:
        return ""
    card = reader.opened.scorecard
    items = [(item, row) for item, row in zip(card.items, entry["items"], strict=True)]
    chosen = next((pair for pair in items if pair[0].indicator == found.indicator), None)
    if chosen is None:
        return ""
    item, row = chosen
    assigned = reader.assigned(found.indicator, found.position) is not None
    target = reader.threshold(reader.indicator(found.indicator), found.position)
    share = _share_at(item.rule, target, assigned=assigned)
    if share is None:
        return ""
    maximum = Decimal(row["maximum"])
    points = (maximum * share).quantize(Decimal(1).scaleb(-card.decimals), ROUND_HALF_UP)
    gained = points - Decimal(row["points"])
    if gained <= 0:
        return ""
    total = Decimal(entry["total"]) + gained
    better = sum(
        1
        for position, other in reader.subjects
        if position != found.position
        and other["rank"] is not None
        and not other["vetoes"]
        and Decimal(other["total"]) > total
    )
    return _(
        "若该项达到要求、其他不变：该项加%(gained)s分，总分%(old)s → %(new)s，名次%(rank)s → %(then)s"
    ) % {
        "gained": gained,
        "old": entry["total"],
        "new": total,
        "rank": entry["rank"],
        "then": better + 1,
    }


def _share_at(rule: Any, target: Threshold | None, *, assigned: bool = False) -> Decimal | None:
    """The share of the points a value just at the requirement earns."""
    if target is None:
        return None
    match rule:
        case ThresholdRule():
            return rule.met
        case LinearRule():
            goal = full_mark(rule, target, assigned=assigned)
            if goal is None:
                return Decimal(1)
            if goal == rule.floor:
                return None
            share = (target.value - rule.floor) / (goal - rule.floor)
            return min(max(share, Decimal(0)), Decimal(1))
        case StepsRule():
            top, bottom = target.value.as_integer_ratio()
            return next((step.share for step in rule.steps if step.when.met_by(top, bottom)), Decimal(0))
    return None
