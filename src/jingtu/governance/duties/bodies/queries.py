"""What is read of bodies: by whoever may read duties over their place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from jingtu.core.accounts.models import Unit
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import inside, is_unrestricted, spans

from .models import Body, BodyReport, BodyReportFile, Capacity, Member
from .rules import SOON, TITLE_ORDER, CapacityKind, ReportState, Title

MOST_PLACES = 400


@dataclass(frozen=True)
class Wanted:
    """What a list of bodies is narrowed by."""

    search: str = ""
    kind: str = ""
    region_id: int | None = None
    dissolved: bool = False


def visible(actor: Actor, prefix: str = "") -> Q:
    """The condition on :class:`Body` (``prefix`` leads to it) that keeps what the actor may read."""
    if is_unrestricted(actor):
        return Q()
    return inside(spans(actor, Permission.DUTIES_READ), f"{prefix}region__")


def bodies(actor: Actor, wanted: Wanted | None = None) -> QuerySet[Body]:
    """Bodies of the own area, by place as the tree has them, with the number of members in office."""
    wanted = wanted or Wanted()
    found = Body.objects.filter(visible(actor)).select_related("region__tree", "parent")
    found = found.filter(dissolved__isnull=not wanted.dissolved)
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.region_id is not None:
        found = found.filter(region_id=wanted.region_id)
    for word in wanted.search.split():
        found = found.filter(
            Q(name__icontains=word)
            | Q(name_en__icontains=word)
            | Q(region__name__icontains=word)
            | Q(duties__icontains=word)
        )
    day = today()
    current = Q(members__starts__lte=day) & (Q(members__ends__isnull=True) | Q(members__ends__gte=day))
    counted = found.annotate(in_office=Count("members", filter=current))
    return counted.order_by("region__tree_id", "region__position", "kind", "team", "pk")


def get_body(actor: Actor, body_id: int) -> Body:
    """One body. Raises NotFound where the actor may not read it."""
    found = Body.objects.filter(visible(actor), pk=body_id).select_related("region__tree", "parent").first()
    if found is None:
        raise NotFound(body_id, "body")
    return found


def may_manage(actor: Actor, body: Body) -> bool:
    """Whether the actor keeps the records of a body that stands."""
    return body.dissolved is None and actor.can(Permission.BODIES_MANAGE, body.region_id)


def members(actor: Actor, body: Body, on: dt.date | None = None) -> list[Member]:
    """Members by title and order of entry; those in office on a day, or all there ever were."""
    found = body.members.select_related("user", "unit")
    if on is not None:
        found = found.filter(starts__lte=on).filter(Q(ends__isnull=True) | Q(ends__gte=on))
    return sorted(found, key=lambda member: (TITLE_ORDER[Title(member.title)], member.pk))


def get_member(actor: Actor, member_id: int) -> Member:
    """One membership. Raises NotFound where the actor may not read its body."""
    found = (
        Member.objects.filter(visible(actor, "body__"), pk=member_id)
        .select_related("body__region__tree", "user", "unit")
        .first()
    )
    if found is None:
        raise NotFound(member_id, "member")
    return found


def terms_ending(actor: Actor, day: dt.date) -> QuerySet[Member]:
    """Terms that end soon, in bodies the actor keeps."""
    mine = Q() if is_unrestricted(actor) else inside(spans(actor, Permission.BODIES_MANAGE), "body__region__")
    return Member.objects.filter(
        mine, body__dissolved__isnull=True, ends__gte=day, ends__lte=day + SOON
    ).exclude(ended_why__gt="")


def capacity(actor: Actor, body: Body, kind: CapacityKind) -> list[Capacity]:
    """Records of a kind, the newest first; withdrawn ones among them."""
    return list(body.capacities.filter(kind=kind.value).order_by("-day", "-pk"))


def standing_capacity(rows: Sequence[Capacity], on: dt.date) -> dict[tuple[int | None, str], Capacity]:
    """The record that counts on a day for each year and category: the latest that was not withdrawn."""
    found: dict[tuple[int | None, str], Capacity] = {}
    for row in sorted(rows, key=lambda row: (row.day, row.pk)):
        if row.withdrawn_at is None and row.day <= on:
            found[row.year, row.category] = row
    return found


def get_capacity(actor: Actor, record_id: int) -> Capacity:
    """One record. Raises NotFound where the actor may not read its body."""
    found = Capacity.objects.filter(visible(actor, "body__"), pk=record_id)
    row = found.select_related("body__region__tree").first()
    if row is None:
        raise NotFound(record_id, "record")
    return row


def reports(actor: Actor, body: Body) -> QuerySet[BodyReport]:
    """Reports of a body: issued ones for its readers, drafts for those who prepare or issue them."""
    found = body.reports.select_related("recipient", "prepared_by", "issued_by")
    return found if _works_on(actor, body) else found.filter(state=ReportState.ISSUED.value)


def get_report(actor: Actor, report_id: int) -> BodyReport:
    """One report. Raises NotFound where the actor may not read it."""
    found = (
        BodyReport.objects.filter(visible(actor, "body__"), pk=report_id)
        .select_related("body__region__tree", "body__parent", "recipient", "prepared_by", "issued_by")
        .first()
    )
    if found is None or (found.state == ReportState.DRAFT and not _works_on(actor, found.body)):
        raise NotFound(report_id, "body_report")
    return found


def _works_on(actor: Actor, body: Body) -> bool:
    return any(
        actor.can(permission, body.region_id)
        for permission in (Permission.BODIES_MANAGE, Permission.SUPERVISION_ISSUE)
    )


def drafts_waiting(actor: Actor) -> QuerySet[BodyReport]:
    """Drafts of others that the actor may issue."""
    if is_unrestricted(actor):
        return BodyReport.objects.none()
    mine = inside(spans(actor, Permission.SUPERVISION_ISSUE), "body__region__")
    number = getattr(actor, "user_id", None)
    return BodyReport.objects.filter(mine, state=ReportState.DRAFT.value).exclude(prepared_by_id=number)


def may_open_report(actor: Actor, kwargs: Mapping[str, Any]) -> bool:
    """Whether a link to a report opens for the actor."""
    try:
        get_report(actor, int(kwargs["report_id"]))
    except NotFound:
        return False
    return True


def may_open_file(actor: Actor, stored: StoredFile) -> bool:
    """Printed reports are open to whoever may read the report."""
    found = BodyReportFile.objects.filter(file=stored).values_list("report_id", flat=True).first()
    return found is not None and may_open_report(actor, {"report_id": found})


def places_to_manage(actor: Actor) -> list[Region]:
    """Places for which the actor may enter bodies, as the trees have them; at most the first four hundred."""
    mine = inside(spans(actor, Permission.BODIES_MANAGE))
    found = Region.objects.filter(mine, valid_to__isnull=True).select_related("tree")
    return list(found.order_by("tree_id", "depth", "position")[:MOST_PLACES])


def units_of(actor: Actor, body: Body) -> list[Unit]:
    """Units of the body's place, for the choice of a member's."""
    return list(Unit.objects.filter(region_id=body.region_id, is_active=True).order_by("name"))
