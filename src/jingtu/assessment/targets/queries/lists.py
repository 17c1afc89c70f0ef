"""Targets as rows, and the table the engine judges by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery

from jingtu.assessment.indicators.store import catalogue_of, newest
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import PeerGroup, Region, RegionTree
from jingtu.core.regions.queries import groups_with_members
from jingtu.core.regions.reach import spans
from jingtu.engine import targets as engine
from jingtu.engine.periods import Period
from jingtu.engine.targets import NO_TARGETS, TargetTable

from ..models import Target, TargetImport
from ..rules import Hands, TargetAction, TargetState, needs_approval, refusal
from ..visibility import is_unrestricted, visible, worked_on

PUBLIC_STATES = (TargetState.IN_FORCE, TargetState.SUPERSEDED, TargetState.WITHDRAWN)


@dataclass(frozen=True)
class TargetFilter:
    """Which targets of those the actor may see."""

    tree: str = ""
    indicator: str = ""
    region: int | None = None
    state: str = TargetState.IN_FORCE.value
    year: str = ""


def list_targets(actor: Actor, wanted: TargetFilter = TargetFilter()) -> QuerySet[Target]:
    """Versions of targets, the latest dated first. Proposals and rejected ones only for those who work on them."""
    rows = _seen(actor)
    if wanted.tree:
        rows = rows.filter(tree__slug=wanted.tree)
    if wanted.indicator:
        rows = rows.filter(indicator=wanted.indicator)
    if wanted.region:
        rows = rows.filter(region_id=wanted.region)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.year.isascii() and wanted.year.isdigit() and len(wanted.year) == 4 and int(wanted.year):
        year = int(wanted.year)
        rows = rows.filter(start__year__lte=year).filter(Q(end__isnull=True) | Q(end__year__gte=year))
    return rows.order_by("-start", "indicator", "region__position", "-version", "pk")


def get_target(actor: Actor, target_id: int) -> Target:
    """One version. Raises NotFound for what the actor may not see."""
    found = _seen(actor).filter(pk=target_id).first()
    if found is None:
        raise NotFound(target_id, "target")
    return found


def versions_of(actor: Actor, target: Target) -> QuerySet[Target]:
    """All versions of the same target that the actor may see, the newest first."""
    return (
        _seen(actor)
        .filter(
            indicator=target.indicator,
            scope=target.scope,
            region_id=target.region_id,
            group=target.group,
            level=target.level,
            period=target.period,
            basis=target.basis,
        )
        .order_by("-version")
    )


def _seen(actor: Actor) -> QuerySet[Target]:
    public = Q(state__in=[state.value for state in PUBLIC_STATES])
    rows = Target.objects.filter((visible(actor) & public) | worked_on(actor))
    group = PeerGroup.objects.filter(tree=OuterRef("tree"), code=OuterRef("group"))
    rows = rows.annotate(
        group_zh=Subquery(group.values("name_zh")), group_en=Subquery(group.values("name_en"))
    )
    return rows.select_related("region", "tree", "proposed_by", "decided_by", "source")


def hands(actor: Actor, target: Target) -> Hands:
    """Where the actor stands to a version."""
    return Hands(
        actor.can(Permission.TARGETS_MANAGE, target.region_id),
        actor.can(Permission.RUNS_APPROVE, target.region_id),
        target.proposed_by_id is not None and target.proposed_by_id == user_id_of(actor),
    )


def open_acts(actor: Actor, target: Target) -> list[TargetAction]:
    """What the actor may decide about a version now."""
    version = newest()
    scored = version is not None and needs_approval(catalogue_of(version), target.indicator)
    held = hands(actor, target)
    return [
        action
        for action in TargetAction
        if refusal(action, TargetState(target.state), held, scored=scored) is None
    ]


def approvable(actor: Actor, targets: Iterable[Target]) -> set[int]:
    """Which of these versions the actor may bring in force now. No query."""
    held, everywhere, own = spans(actor, Permission.RUNS_APPROVE), is_unrestricted(actor), user_id_of(actor)
    found = set()
    for target in targets:
        approves = everywhere or any(span.holds(target.region) for span in held)
        theirs = Hands(False, approves, target.proposed_by_id is not None and target.proposed_by_id == own)
        if refusal(TargetAction.APPROVE, TargetState(target.state), theirs, scored=True) is None:
            found.add(target.pk)
    return found


def proposals_waiting(actor: Actor) -> int:
    """How many proposals of other people this actor may approve."""
    rows = Target.objects.filter(worked_on(actor), state=TargetState.PROPOSED)
    mine = user_id_of(actor)
    return rows.exclude(proposed_by_id=mine).count() if mine is not None else rows.count()


def choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """What a filter can choose among: trees, indicators and years that occur."""
    rows = list(
        _seen(actor)
        .order_by()
        .values_list("tree__slug", "tree__name_zh", "tree__name_en", "indicator", "start")
        .distinct()
    )
    english = actor.language == "en"
    version = newest()
    indicators = catalogue_of(version).indicators if version is not None else {}
    trees = {slug: name_en if english else name_zh for slug, name_zh, name_en, _, _ in rows}
    codes = sorted({code for *_, code, _ in rows})
    return {
        "tree": list(trees.items()),
        "indicator": [
            (code, indicators[code].name(actor.language) if code in indicators else code) for code in codes
        ],
        "year": [(str(year), str(year)) for year in sorted({start.year for *_, start in rows}, reverse=True)],
    }


def get_import(actor: Actor, import_id: int) -> TargetImport:
    """A file the actor handed in. Raises NotFound for those of others."""
    found = TargetImport.objects.select_related("tree", "file").filter(pk=import_id).first()
    if found is None or not (is_unrestricted(actor) or found.owner_id == user_id_of(actor)):
        raise NotFound(import_id, "import")
    return found


def preview(actor: Actor, tree: RegionTree, wanted: Iterable[tuple[int, engine.Target]]) -> list[Target]:
    """Targets of a file that waits for confirmation as rows that are not stored, with the names of their places."""
    wanted = list(wanted)
    codes = {said.region[1] for _row, said in wanted}
    present = Region.objects.filter(tree=tree, position__isnull=False, code__in=codes)
    places = {(place.level, place.code): place for place in present}
    groups = {group.code: group for group in groups_with_members(actor, tree)}
    found = []
    for number, said in wanted:
        row = Target(
            tree=tree, indicator=said.indicator, scope=said.scope, region=places.get(said.region),
            group=said.group, level=said.level, period=said.period, basis=said.basis, source_row=number,
            requirement=str(said.requirement or ""), red_line=str(said.red_line or ""),
        )  # fmt: skip
        group = groups.get(said.group)
        row.group_zh, row.group_en = (group.name_zh, group.name_en) if group else ("", "")  # type: ignore[attr-defined]
        found.append(row)
    return found


def may_open_file(actor: Actor, stored: StoredFile) -> bool:
    """Whether the actor may open a file of targets: its owner, while the post allows targets at all."""
    return stored.owner_id == user_id_of(actor) and any(
        actor.can(permission)
        for permission in (Permission.TARGETS_MANAGE, Permission.RESULTS_READ, Permission.RUNS_APPROVE)
    )


def table_for(
    actor: Actor, tree: RegionTree, indicators: Collection[str], periods: Sequence[Period]
) -> TargetTable:
    """The targets in force of some indicators that hold in one of the periods, as the engine judges by them.

    Only those the actor may see. One query for the machine itself.
    """
    if not periods:
        return NO_TARGETS
    first, last = min(period.start for period in periods), max(period.end for period in periods)
    rows = (
        Target.objects.filter(visible(actor), tree=tree, state=TargetState.IN_FORCE, start__lte=last)
        .filter(Q(end__isnull=True) | Q(end__gte=first))
        .filter(indicator__in=list(indicators))
        .select_related("region")
    )
    return TargetTable(row.as_target() for row in rows).limited(set(indicators), periods)
