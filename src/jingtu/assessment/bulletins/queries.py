"""Reading bulletins: which there are for whom, and what one of a run would begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from jingtu.assessment.bulletins.models import (
    Addressee,
    Bulletin,
    BulletinDraft,
    BulletinFile,
    DistributionList,
)
from jingtu.assessment.bulletins.rules import BulletinKind
from jingtu.assessment.runs import queries as runs
from jingtu.assessment.runs.models import Publication, Run, RunReview
from jingtu.assessment.runs.rules import RunAction, RunState
from jingtu.core.accounts.models import ROLE_LABELS, Unit
from jingtu.core.accounts.rules import BUSINESS, Role
from jingtu.core.files.models import StoredFile
from jingtu.core.files.queries import get_file
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.places import own_places

AWAITING = 20
MOST_OFFERED = 300


@dataclass(frozen=True)
class Standing:
    """Why a bulletin no longer says what is valid: its run was withdrawn (by this step), or replaced (by the newer
    version, None where that was withdrawn too)."""

    withdrawn: RunReview | None = None
    newer: Run | None = None


def bulletins(actor: Actor, text: str = "") -> QuerySet[Bulletin]:
    """Issued bulletins of the runs the actor may read, the newest first, narrowed by words."""
    found = Bulletin.objects.filter(run__in=runs.runs_visible(actor)).select_related(
        "run__region", "run__tree", "issued_by"
    )
    for word in text.split():
        found = found.filter(
            Q(number__icontains=word)
            | Q(run__region__name__icontains=word)
            | Q(run__period__icontains=word)
            | Q(run__scorecard_zh__icontains=word)
            | Q(run__scorecard_en__icontains=word)
        )
    return found


def awaiting(actor: Actor) -> list[Run]:
    """Published runs without a bulletin whose bulletin the actor may issue, the latest period first."""
    ready = [RunState.PUBLISHED.value, RunState.EMBARGOED.value]
    published = runs.runs_visible(actor).filter(state__in=ready, bulletin=None)
    return [run for run in published[:AWAITING] if may_issue(actor, run)]


def may_issue(actor: Actor, run: Run) -> bool:
    """Whether the actor prepares or approves assessments of the run's region."""
    return any(
        actor.can(permission, run.region_id)
        for permission in (Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)
    )


def get_bulletin(actor: Actor, bulletin_id: int) -> Bulletin:
    """One bulletin. Raises NotFound also where its run is not the actor's to read."""
    found = bulletins(actor).filter(pk=bulletin_id).first()
    if found is None:
        raise NotFound(bulletin_id, "bulletin")
    return found


def files_of(bulletin: Bulletin) -> list[BulletinFile]:
    """Its printed files, Chinese first. For a bulletin that :func:`get_bulletin` gave to the actor."""
    return list(bulletin.files.select_related("file"))


def receipts(actor: Actor, bulletin: Bulletin) -> list[Addressee]:
    """Whom a bulletin was sent to and who has confirmed it: for those who may issue it; others see their own
    line. For a bulletin that :func:`get_bulletin` gave to the actor."""
    rows = bulletin.addressees.select_related("user").order_by("read_at", "place", "user_id")
    if not may_issue(actor, bulletin.run):
        rows = rows.filter(user_id=user_id_of(actor) or 0)
    return list(rows)


def unread(actor: Actor) -> QuerySet[Bulletin]:
    """Bulletins that were sent to the actor and not confirmed yet, as far as the actor may read them now; none of a
    run that was withdrawn."""
    valid = bulletins(actor).exclude(run__state=RunState.WITHDRAWN)
    return valid.filter(addressees__user_id=user_id_of(actor) or 0, addressees__read_at__isnull=True)


def standing(bulletin: Bulletin) -> Standing | None:
    """Why a bulletin no longer says what is valid; None while it does. For one that :func:`get_bulletin` gave."""
    run = bulletin.run
    if run.state == RunState.WITHDRAWN:
        return Standing(
            withdrawn=run.reviews.filter(action=RunAction.WITHDRAW).select_related("person").last()
        )
    if run.state == RunState.SUPERSEDED:
        return Standing(newer=_versions(run).filter(state=RunState.PUBLISHED).first())
    return None


def replaced_by(run: Run) -> QuerySet[Run]:
    """The versions that gave way to a published run, or to one before it. For a run given to the actor."""
    return _versions(run).filter(state=RunState.SUPERSEDED, version__lt=run.version)


def _versions(run: Run) -> QuerySet[Run]:
    return Run.objects.filter(
        region_id=run.region_id, level=run.level, scorecard=run.scorecard, period=run.period
    )


def planned_for(run: Run) -> BulletinDraft | None:
    """What the bulletin of a run is to be, if somebody wrote it down. For a run given to the actor."""
    return BulletinDraft.objects.filter(run=run).first()


def distribution_lists(actor: Actor) -> list[tuple[DistributionList, list[str]]]:
    """The lists of the actor's offices, each with its lines in words. Two queries besides the actor's own."""
    rows = DistributionList.objects.filter(region__in=_offices(actor)).select_related("region__tree")
    found = []
    for one in rows.prefetch_related("entries__region__tree", "entries__unit"):
        lines = []
        for entry in one.entries.all():
            if entry.unit is not None:
                lines.append(entry.unit.name)
            elif entry.region is not None:
                level = entry.region.tree.level_name(entry.level) if entry.level else ""
                role = str(ROLE_LABELS[Role(entry.role)]) if entry.role else ""
                lines.append(" · ".join(filter(None, (entry.region.name, level, role))))
        found.append((one, lines))
    return found


def list_choices(actor: Actor) -> dict[str, list[tuple[Any, Any]]]:
    """What the form of a list offers: offices, levels and regions below, member units, posts."""
    offices = list(_offices(actor))
    levels: dict[str, str] = {}
    regions = []
    for office in offices:
        inside = Region.objects.filter(
            tree_id=office.tree_id, position__gt=office.position, position__lte=office.last
        ).order_by("position")
        for level in dict.fromkeys(inside.values_list("level", flat=True).distinct().order_by("level")):
            levels[level] = office.tree.level_name(level)
        regions += [(one.pk, one.name) for one in inside.filter(depth=office.depth + 1)[:MOST_OFFERED]]
    units = Unit.objects.filter(region__in=offices, is_active=True).order_by("name")
    return {
        "region": [(office.pk, office.name) for office in offices],
        "levels": list(levels.items()),
        "regions": regions,
        "units": [(unit.pk, unit.name) for unit in units],
        "posts": [(role.value, str(ROLE_LABELS[role])) for role in sorted(BUSINESS)],
    }


def _offices(actor: Actor) -> QuerySet[Region]:
    return own_places(actor, Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)


def printed_file(actor: Actor, bulletin_id: int, extension: str, language: str) -> StoredFile:
    """One printed file. Raises NotFound."""
    bulletin = get_bulletin(actor, bulletin_id)
    printed = bulletin.files.filter(format=extension, language=language).first()
    if printed is None:
        raise NotFound(f"{language}.{extension}", "file")
    return get_file(actor, printed.file_id)


def may_open_page(actor: Actor, kwargs: Mapping[str, Any]) -> bool:
    """Whether the actor may know of the bulletin that a page's address names."""
    return bulletins(actor).filter(pk=kwargs["bulletin_id"]).exists()


def may_open(actor: Actor, stored: StoredFile) -> bool:
    """Files of a bulletin are open to the readers of its run."""
    return bulletins(actor).filter(files__file_id=stored.pk).exists()


def run_for(actor: Actor, run_id: int) -> Run:
    """The run to be reported on. Raises NotFound."""
    return runs.get_run(actor, run_id)


def draft_for(actor: Actor, run_id: int) -> Bulletin:
    """The issued bulletin of a run, or an unsaved one with what the office usually writes.

    Raises NotFound also for who may read the run but not issue its bulletin.
    """
    run = run_for(actor, run_id)
    issued = Bulletin.objects.filter(run=run).select_related("run__region", "run__tree").first()
    if issued is not None:
        return issued
    if not may_issue(actor, run):
        raise NotFound(run_id, "run")
    last = Bulletin.objects.filter(run__region_id=run.region_id).first()
    planned = BulletinDraft.objects.filter(run=run).first()
    signed = Publication.objects.filter(run=run).first()
    name = run.region.name
    return Bulletin(
        run=run,
        kind=planned.kind if planned else BulletinKind.FULL.value,
        number=signed.official_number if signed else "",
        issuer_zh=last.issuer_zh if last else f"{name}禁毒委员会办公室",
        issuer_en=last.issuer_en if last else f"Drug Control Office, {name}",
        distribution=last.distribution if last else [],
    )
