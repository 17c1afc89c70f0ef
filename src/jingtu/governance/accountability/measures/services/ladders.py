"""Adopting a ladder and changing it: every change is a new version, old ones stay as they were."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Max

from jingtu.core.documents.models import NormativeDocument
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, Problem
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import get_region

from ..ladders import PRESETS, Rung, changed, faults
from ..models import Ladder
from .common import checked, written


def adopt_preset(actor: Actor, region_id: int, preset: str) -> Ladder:
    """Take a ladder that comes with the system as the office's own. Raises PermissionDenied, NotFound."""
    chosen = PRESETS.get(preset)
    if chosen is None:
        raise NotFound(preset)
    return _keep(actor, region_id, chosen.name_zh, chosen.name_en, chosen.rungs, preset, "")


def save_ladder(
    actor: Actor, region_id: int, seen: int, name_zh: str, name_en: str, rungs: Sequence[Rung], note: str
) -> Ladder:
    """The next version of the office's ladder; ``seen`` is the version it was written from.

    Raises PermissionDenied, InvalidInput, Conflict where somebody saved another version meanwhile.
    """
    newest = Ladder.objects.filter(region_id=region_id).first()
    if newest is None or newest.version != seen:
        raise Conflict(Problem("measures.wrong_state"))
    kept = changed(newest.steps, rungs)
    return _keep(actor, region_id, name_zh, name_en, kept, newest.preset, checked(note, "note", 255))


def _keep(
    actor: Actor, region_id: int, zh: str, en: str, rungs: Sequence[Rung], preset: str, note: str
) -> Ladder:
    if not actor.can(Permission.MEASURES_PREPARE, region_id):
        raise PermissionDenied(Permission.MEASURES_PREPARE)
    region = get_region(actor, region_id)
    levels = list(
        Region.objects.filter(tree_id=region.tree_id, valid_to__isnull=True)
        .order_by()
        .values_list("level", flat=True)
        .distinct()
    )
    problems = faults(rungs, levels, NormativeDocument.objects.values_list("code", flat=True))
    if problems:
        raise InvalidInput(problems)
    last = Ladder.objects.filter(region=region).aggregate(last=Max("version"))["last"] or 0
    try:
        with transaction.atomic():
            ladder = Ladder.objects.create(
                region=region,
                version=last + 1,
                name_zh=checked(zh, "name_zh", 64),
                name_en=checked(en, "name_en", 128),
                preset=preset,
                rungs=[rung.stored() for rung in rungs],
                note=note,
                made_by_id=user_id_of(actor),
                made_at=now(),
            )
            after = {"version": ladder.version, "rungs": [rung.code for rung in rungs]}
            written(actor, "ladder_saved", "ladder", ladder.pk, region.pk, after=after, reason=note)
    except IntegrityError as error:
        raise Conflict(Problem("measures.wrong_state")) from error
    return ladder
