"""What the form of a schedule offers, and what it starts from."""

from __future__ import annotations

from typing import Any

from jingtu.assessment.bulletins.models import DistributionList
from jingtu.assessment.indicators.queries import scorecards
from jingtu.assessment.reporting.queries.due import published_forms
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import in_tree, levels_of, region_label, regions_to_assess
from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.models import Region
from jingtu.engine.catalogue import Scorecard

from .models import Schedule
from .rules import PRESETS, Cadence
from .words import rhythms

Choices = dict[str, list[tuple[Any, Any]]]


def choices(actor: Actor, schedule: Schedule | None = None, asked: int | None = None) -> Choices:
    """Regions, cards, levels, people, lists and report forms to choose from; what a schedule that was given to
    the actor has, and the region asked for, stay among them."""
    regions = offered_regions(actor, schedule, asked)
    trees = {region.tree for region in regions}
    people: dict[int, str] = {}
    for scope in actor.scopes(Permission.SCHEDULES_MANAGE):
        for user in holders(actor, Permission.RUNS_PREPARE, scope.region_id):
            people[user.pk] = user.full_name
    if schedule is not None:
        people.setdefault(schedule.on_behalf_id, schedule.on_behalf.full_name)
    lists = DistributionList.objects.filter(region__in=[region.pk for region in regions])
    return {
        "region": [(region.pk, region_label(region)) for region in regions],
        "scorecard": [(card.code, _with_rhythms(actor, card)) for card in scorecards(actor)],
        "level": levels_of(trees),
        "on_behalf": list(people.items()),
        "list": [(one.pk, one.name) for one in lists],
        "reports": [
            (form.code, in_tree(form.name, form.tree))
            for form, _versions in published_forms()
            if form.tree in trees
        ],
    }


def offered_regions(actor: Actor, schedule: Schedule | None = None, asked: int | None = None) -> list[Region]:
    """The regions a schedule of the actor may be for, the one that a schedule given to the actor is for, and the one
    asked for where it lies further below."""
    also = [schedule.region_id] if schedule is not None else []
    if asked is not None and actor.can(Permission.SCHEDULES_MANAGE, asked):
        also.append(asked)
    return regions_to_assess(actor, Permission.SCHEDULES_MANAGE, also=also)


def start_of(actor: Actor, preset: str, asked: int | None) -> dict[str, object]:
    """The form filled with one of the usual rhythms for the region asked for, or for the one that was assessed
    last: a card made for that rhythm and place, the report forms of its cadence. Empty for an unknown rhythm."""
    regions = {region.pk: region for region in offered_regions(actor, asked=asked)}
    if asked not in regions:
        asked = (
            Run.objects.filter(region__in=regions).order_by("-pk").values_list("region", flat=True).first()
        )
    region = regions.get(asked) if asked else next(iter(regions.values()), None)
    found: dict[str, object] = {"region": region.pk} if region else {}
    usual = PRESETS.get(preset)
    if usual is None:
        return found
    found |= usual.values()
    if region is None:
        return found
    card = _card_for(actor, region, usual.cadence)
    if card is not None:
        found["scorecard"] = card.code
    forms = [
        form.code
        for form, versions in published_forms()
        if form.tree_id == region.tree_id and versions[0].content.cadence == usual.cadence
    ]
    return found | usual.waiting(forms)


def _card_for(actor: Actor, region: Region, cadence: Cadence) -> Scorecard | None:
    """The card that names the rhythm first among its own, of those that rank something below the region."""
    below = set(
        Region.objects.filter(tree_id=region.tree_id, position__gt=region.position, position__lte=region.last)
        .order_by()
        .values_list("level", flat=True)
        .distinct()
    )
    fitting = [card for card in scorecards(actor) if cadence in card.cadence and card.level in below]
    return min(fitting, key=lambda card: card.cadence.index(cadence), default=None)


def _with_rhythms(actor: Actor, card: Scorecard) -> str:
    name = card.name(actor.language)
    if not card.cadence:
        return name
    return (
        f"{name}（{'、'.join(rhythms(card))}）"
        if actor.language == "zh"
        else f"{name} ({', '.join(rhythms(card))})"
    )
