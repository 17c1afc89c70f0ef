"""Rule sets: made from a preset, revised as new versions; a version in use is never changed."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Max

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Problem,
    refuse,
    register_texts,
)
from jingtu.core.regions.queries import get_region

from ..definition import RuleSetContent, faults
from ..models import RuleSet, RuleVersion
from ..presets import PRESETS
from ..rules import printable_problem

register_texts(
    {
        "listings.no_preset": ("没有这个预设。", "There is no such preset."),
        "listings.name_missing": ("请填写名称。", "Give it a name."),
        "listings.name_taken": ("该机关已有同名规则。", "The office has rules of that name already."),
        "listings.rules_same": ("内容与上一版相同。", "Nothing differs from the last version."),
    }
)


def adopt(actor: Actor, region_id: int, preset: str, name: str = "", name_en: str = "") -> RuleSet:
    """Take a preset over as an office's own rules, to be edited. Raises PermissionDenied, InvalidInput, Conflict."""
    _may_keep(actor, region_id)
    if preset not in PRESETS:
        raise refuse("listings.no_preset", column="preset")
    taken = PRESETS[preset]
    name = name.strip()[:64] or taken.zh
    problem = printable_problem(name, "name")
    if problem is not None:
        raise InvalidInput([problem])
    try:
        with transaction.atomic():
            made = RuleSet.objects.create(
                region=get_region(actor, region_id),
                name=name,
                name_en=name_en.strip()[:128] or (taken.en if name == taken.zh else ""),
                preset=preset,
                created_at=now(),
            )
            RuleVersion.objects.create(
                rule_set=made,
                number=1,
                content=taken.content.plain(),
                made_by_id=user_id_of(actor),
                made_at=now(),
            )
            record(
                actor,
                "listings.rules_made",
                target_type="listing_rules",
                target_id=made.pk,
                region_id=region_id,
                after={"name": name, "preset": preset},
            )
    except IntegrityError as error:
        raise Conflict(Problem("listings.name_taken")) from error
    return made


def revise(actor: Actor, rule_set_id: int, content: RuleSetContent, note: str) -> RuleVersion:
    """A new version. Listings that stand keep the one they were proposed by."""
    rule_set = RuleSet.objects.filter(pk=rule_set_id).first()
    if rule_set is None or not any(
        actor.can(permission, rule_set.region_id)
        for permission in (Permission.DUTIES_READ, Permission.LISTINGS_PREPARE, Permission.LISTINGS_DECIDE)
    ):
        raise NotFound(f"#{rule_set_id}")
    _may_keep(actor, rule_set.region_id)
    problems = faults(content)
    problem = printable_problem(note, "note")
    if problems or problem is not None:
        raise InvalidInput([*problems, *([problem] if problem is not None else [])])
    with transaction.atomic():
        rule_set = RuleSet.objects.select_for_update(of=("self",)).get(pk=rule_set_id)
        last = rule_set.versions.aggregate(last=Max("number"))["last"] or 0
        if rule_set.versions.get(number=last).rules == content:
            raise refuse("listings.rules_same")
        made = RuleVersion.objects.create(
            rule_set=rule_set,
            number=last + 1,
            content=content.plain(),
            note=note.strip(),
            made_by_id=user_id_of(actor),
            made_at=now(),
        )
        record(
            actor,
            "listings.rules_changed",
            target_type="listing_rules",
            target_id=rule_set.pk,
            region_id=rule_set.region_id,
            after={"version": made.number},
            reason=note.strip(),
        )
    return made


def _may_keep(actor: Actor, region_id: int) -> None:
    if not actor.can(Permission.LISTINGS_PREPARE, region_id):
        raise PermissionDenied(Permission.LISTINGS_PREPARE)
