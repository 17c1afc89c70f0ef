"""Setting the rules of an office."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import NotFound, PermissionDenied, refuse, register_texts
from jingtu.core.regions.queries import get_region

from ..models import Rule
from ..registry import RuleKind, rule_kinds
from .common import needed, written

register_texts(
    {
        "measures.parameter": (
            "“{name}”须为{least}至{most}之间的整数。",
            '"{name}" must be a whole number from {least} to {most}.',
        ),
        "measures.parameter_choice": ("“{name}”没有这个选项。", '"{name}" has no such choice.'),
    }
)


def set_rule(
    actor: Actor,
    region_id: int,
    kind: str,
    parameters: Mapping[str, Any],
    rung: str,
    note: str,
    *,
    enabled: bool,
) -> Rule:
    """Set a rule of the office with the reason. Raises PermissionDenied, NotFound, InvalidInput."""
    if not actor.can(Permission.MEASURES_PREPARE, region_id):
        raise PermissionDenied(Permission.MEASURES_PREPARE)
    region, reason = get_region(actor, region_id), needed(note, "note")[:255]
    found = rule_kinds().get(kind)
    if found is None:
        raise NotFound(kind)
    kept = valid(found, parameters, actor.language)
    with transaction.atomic():
        known = Rule.objects.select_for_update().filter(region=region, kind=kind).first()
        before = (
            {"parameters": known.parameters, "rung": known.rung, "enabled": known.enabled} if known else {}
        )
        rule, _ = Rule.objects.update_or_create(
            region=region,
            kind=kind,
            defaults={
                "parameters": kept,
                "rung": rung[:32],
                "enabled": enabled,
                "note": reason,
                "changed_by_id": user_id_of(actor),
                "changed_at": now(),
                "looked_on": None,
            },
        )
        after = {"parameters": kept, "rung": rung, "enabled": enabled}
        written(actor, "rule_set", "rule", rule.pk, region.pk, before=before, after=after, reason=reason)
    return rule


def valid(kind: RuleKind, given: Mapping[str, Any], language: Any = "zh") -> dict[str, int | str]:
    """The parameters of a kind, those not given by default. Raises InvalidInput."""
    kept: dict[str, int | str] = {}
    for one in kind.parameters:
        value = given.get(one.key, one.default)
        name = one.label(language)
        if one.kind == "choice":
            if str(value) not in {code for code, _, _ in one.choices}:
                raise refuse("measures.parameter_choice", column=one.key, name=name)
            kept[one.key] = str(value)
            continue
        text = str(value)
        whole = text.isascii() and text.isdigit() and len(text) <= 9
        if not (whole and one.least <= int(text) <= one.most):
            raise refuse("measures.parameter", column=one.key, name=name, least=one.least, most=one.most)
        kept[one.key] = int(text)
    return kept
