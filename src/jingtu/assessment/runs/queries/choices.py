"""What the forms of runs offer, and single findings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.utils.translation import gettext as _

from jingtu.assessment.indicators.queries import scorecards
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import PeerGroup, Region, RegionTree
from jingtu.core.regions.reach import is_unrestricted

from ..models import Run, RunFinding
from ..visibility import sees_as_draft
from .lists import get_run
from .page import FindingRow, finding_rows

MOST_REGIONS = 500


def new_run_choices(actor: Actor) -> dict[str, list[Any]]:
    """Regions the actor may prepare a run for, scorecards, levels. At most three queries besides the actor's own."""
    found = regions_to_assess(actor, Permission.RUNS_PREPARE)
    return {
        "regions": [(region.pk, region_label(region)) for region in found],
        "scorecards": [(card.code, card.name(actor.language)) for card in scorecards(actor)],
        "levels": levels_of({region.tree for region in found}),
    }


def region_label(region: Region) -> str:
    """A region among those of several trees: indented by depth, and with its tree."""
    return "　" * min(region.depth, 3) + in_tree(region.name, region.tree)


def in_tree(name: str, tree: RegionTree) -> str:
    """A name with that of its tree, where those of several trees are offered together."""
    return _("%(name)s（%(tree)s）") % {"name": name, "tree": tree.name}


def levels_of(trees: Collection[RegionTree]) -> list[tuple[str, str]]:
    """The levels that stand in the trees today, by key and name. One query."""
    named = {tree.pk: tree for tree in trees}
    keys = (
        Region.objects.filter(tree_id__in=named, position__isnull=False)
        .order_by("tree_id", "level")
        .values_list("tree_id", "level")
        .distinct()
    )
    return list({level: named[tree_id].level_name(level) for tree_id, level in keys}.items())


def regions_to_assess(actor: Actor, permission: Permission, *, also: Sequence[int] = ()) -> list[Region]:
    """Regions with parts to rank over which the actor holds the permission: its own, those just below them, and
    ``also``, for a form that keeps what was chosen. At most two queries besides the actor's own."""
    candidates = Region.objects.filter(position__isnull=False).select_related("tree")
    if is_unrestricted(actor):
        own = candidates.filter(position=0)
    else:
        own = candidates.filter(pk__in=[*also, *(scope.region_id for scope in actor.scopes(permission))])
    below = candidates.filter(parent__in=own.values("pk"))
    return [
        region
        for region in sorted({*own, *below[:MOST_REGIONS]}, key=lambda one: (one.tree_id, one.position or 0))
        if (region.last or 0) > (region.position or 0)
    ]


def peer_group_names(actor: Actor, run: Run) -> dict[str, str]:
    """Names of the peer groups of a run's tree by their codes. One query."""
    rows = PeerGroup.objects.filter(tree_id=run.tree_id).values_list("code", "name_zh", "name_en")
    return {code: (en or zh) if actor.language == "en" else zh for code, zh, en in rows}


def get_finding(actor: Actor, finding_id: int) -> tuple[Run, FindingRow]:
    """A finding and its run. Raises NotFound unless the actor works on the run."""
    run_id = RunFinding.objects.filter(pk=finding_id).values_list("run_id", flat=True).first()
    if run_id is None:
        raise NotFound(finding_id, "finding")
    run = get_run(actor, run_id)
    if not sees_as_draft(actor, run):
        raise NotFound(finding_id, "finding")
    return run, finding_rows(run, finding_id)[0]
