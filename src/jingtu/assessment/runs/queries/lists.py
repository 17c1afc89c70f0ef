"""Finding runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.regions.models import Region

from ..models import Run
from ..rules import RunState
from ..snapshots import damage
from ..visibility import visible_runs


@dataclass(frozen=True)
class RunFilter:
    """What a list of runs is narrowed to; empty values leave it open. ``region`` means its subtree."""

    tree: str = ""
    region: int | None = None
    level: str = ""
    scorecard: str = ""
    period: str = ""
    state: str = ""
    mine: bool = False


def runs_visible(actor: Actor, wanted: RunFilter | None = None) -> QuerySet[Run]:
    """Runs the actor may know of, the latest period first, each with region, tree and people."""
    wanted = wanted or RunFilter()
    found = (
        Run.objects.filter(visible_runs(actor))
        .select_related("region", "tree", "prepared_by", "approved_by", "previous", "catalogue")
        .defer("catalogue__text")
    )
    if wanted.tree:
        found = found.filter(tree__slug=wanted.tree)
    if wanted.region is not None:
        root = Region.objects.filter(pk=wanted.region).values_list("tree_id", "position", "last").first()
        if root is None:
            return found.none()
        inside = Q(region_id=wanted.region)
        if root[1] is not None:
            inside |= Q(tree_id=root[0], region__position__gte=root[1], region__position__lte=root[2])
        found = found.filter(inside)
    for name in ("level", "scorecard", "period", "state"):
        value = getattr(wanted, name)
        if value:
            found = found.filter(**{name: value})
    if wanted.mine:
        found = found.filter(prepared_by_id=user_id_of(actor))
    return found.order_by("-period_end", "-period_start", "region_id", "scorecard", "-version")


def get_run(actor: Actor, run_id: int) -> Run:
    """One run. Raises NotFound also where it exists but is not the actor's to know."""
    run = (
        Run.objects.filter(visible_runs(actor), pk=run_id)
        .select_related("region", "tree", "catalogue", "prepared_by", "approved_by", "previous")
        .first()
    )
    if run is None:
        raise NotFound(run_id, "run")
    return run


def may_open(actor: Actor, kwargs: Mapping[str, Any]) -> bool:
    """Whether the actor may know of the run that a page's address names. One query."""
    return Run.objects.filter(visible_runs(actor), pk=kwargs["run_id"]).exists()


def latest_published(
    actor: Actor, region_id: int, scorecard: str = "", level: str = "", period: str = ""
) -> Run | None:
    """The published run of the latest period for exactly this region, as far as the actor may read it."""
    wanted = RunFilter(scorecard=scorecard, level=level, period=period, state=RunState.PUBLISHED.value)
    return runs_visible(actor, wanted).filter(region_id=region_id).first()


def run_choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """What the filters of the list offer: trees, scorecards, periods and states that occur. Three queries."""
    seen = Run.objects.filter(visible_runs(actor))
    trees = seen.order_by("tree__slug").values_list("tree__slug", "tree__name_zh", "tree__name_en").distinct()
    cards = seen.order_by("scorecard").values_list("scorecard", "scorecard_zh", "scorecard_en").distinct()
    periods = (
        seen.order_by("-period_end", "-period_start")
        .values_list("period", "period_end", "period_start")
        .distinct()
    )
    english = actor.language == "en"
    return {
        "tree": [(slug, en if english else zh) for slug, zh, en in trees],
        "scorecard": [(code, en if english else zh) for code, zh, en in cards],
        "period": [(key, key) for key, _, _ in periods],
    }


def damaged_runs(actor: Actor) -> Iterator[tuple[Run, str]]:
    """Computed runs whose files are gone or no longer give the run's hash, each with what is wrong.

    For ``doctor``: every publication is computed again from its files. Raises PermissionDenied without
    the right to maintain.
    """
    if not actor.can(Permission.SYSTEM_MAINTAIN):
        raise PermissionDenied(Permission.SYSTEM_MAINTAIN)
    for run in Run.objects.exclude(snapshot_digest="").select_related("region", "catalogue").order_by("pk"):
        wrong = damage(run)
        if wrong:
            yield run, wrong
