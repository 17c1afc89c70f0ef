"""Who may read what: a report is open to its author and, once submitted, to those who read duty reports there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import RunFilter, get_run, runs_visible
from jingtu.assessment.runs.rules import RunState
from jingtu.core.accounts.models import Unit
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import inside, is_unrestricted, spans
from jingtu.core.ui.today import Duty

from .models import DutyReport, UnitEvaluation
from .rules import State

CARD = "member_unit"


def visible(actor: Actor) -> Q:
    """The condition on :class:`DutyReport` that keeps what the actor may read."""
    if is_unrestricted(actor):
        return Q()
    readers = inside(spans(actor, Permission.DUTY_REPORTS_READ), "region__")
    own = Q(person_id=user_id_of(actor) or 0)
    return own | (readers & ~Q(state=State.DRAFT.value))


def reports(
    actor: Actor, year: int | None = None, state: str = "", region: int | None = None, unit: int | None = None
) -> QuerySet[DutyReport]:
    """Own reports and those open to the actor, by year and the order of entry; nothing orders people.

    ``region``: reports of posts at exactly that place; ``unit``: in that unit.
    """
    found = DutyReport.objects.filter(visible(actor)).select_related("region__tree", "person", "unit")
    if year is not None:
        found = found.filter(year=year)
    if state:
        found = found.filter(state=state)
    if region is not None:
        found = found.filter(region_id=region)
    if unit is not None:
        found = found.filter(unit_id=unit)
    return found.order_by("-year", "region__tree_id", "region__position", "pk")


def get_report(actor: Actor, report_id: int) -> DutyReport:
    """One report. Raises NotFound where the actor may not read it."""
    found = reports(actor).filter(pk=report_id).first()
    if found is None:
        raise NotFound(report_id, "duty_report")
    return found


def may_open_page(actor: Actor, kwargs: Mapping[str, Any]) -> bool:
    """Whether a link to a report opens for the actor. One query."""
    return reports(actor).filter(pk=kwargs["report_id"]).exists()


def own_units(actor: Actor, region_ids: Collection[int]) -> list[Unit]:
    """The units at some places for which the actor may report: those the posts there name, and all where a post there
    names none. At most one query."""
    posts = [
        post
        for post in getattr(actor, "posts", ())
        if post.region_id in region_ids and Permission.DUTIES_READ in post.permissions
    ]
    if not posts:
        return []
    whole = {post.region_id for post in posts if post.unit_id is None}
    named = {post.unit_id for post in posts if post.unit_id is not None}
    rows = Unit.objects.filter(Q(pk__in=named) | Q(region_id__in=whole), is_active=True)
    return list(rows.select_related("region").order_by("region__position", "pk"))


def holders_of_reports(actor: Actor) -> list[tuple[str, str]]:
    """The places and units of the reports the actor may read, as choices ``region:1``, ``unit:2``. Two queries."""
    seen = DutyReport.objects.filter(visible(actor)).order_by()
    places = Region.objects.filter(pk__in=seen.values("region_id")).order_by("tree_id", "position")
    units = Unit.objects.filter(pk__in=seen.values("unit_id")).order_by("region__position", "pk")
    found = [(f"region:{place.pk}", place.name) for place in places]
    return [*found, *((f"unit:{unit.pk}", unit.name) for unit in units)]


def waiting(actor: Actor) -> list[Duty]:
    """Reports that wait for a comment. One query."""
    if not actor.can(Permission.DUTY_REPORTS_READ):
        return []
    mine = user_id_of(actor) or 0
    count = reports(actor, state=State.SUBMITTED.value).exclude(person_id=mine).count()
    if not count:
        return []
    url = reverse("dutyreports:list", query={"state": State.SUBMITTED.value})
    return [Duty(_("待讲评的述职报告"), url, count=count, tone="watch")]


def unit_runs(actor: Actor) -> list[Run]:
    """Published assessments of member units, the latest first; at most a dozen."""
    wanted = RunFilter(scorecard=CARD, state=RunState.PUBLISHED.value)
    return list(runs_visible(actor, wanted).select_related("region__tree")[:12])


def get_unit_run(actor: Actor, run_id: int) -> Run:
    """One of them. Raises NotFound."""
    run = get_run(actor, run_id)
    if run.scorecard != CARD or run.state != RunState.PUBLISHED:
        raise NotFound(run_id, "run")
    return run


@dataclass(frozen=True)
class UnitRow:
    """A member unit of an assessment with the office's words on it, where there are some."""

    region: Region
    evaluation: UnitEvaluation | None
    may_write: bool


def unit_rows(actor: Actor, run: Run) -> list[UnitRow]:
    """The run's units whose evaluation the actor may read: the own one, or all for who reads duty reports there."""
    found = Region.objects.filter(pk__in=run.ranked.values("region_id"))
    if not is_unrestricted(actor):
        may = spans(actor, Permission.DUTY_REPORTS_READ, Permission.DUTIES_READ)
        found = found.filter(inside(may))
    written = {row.region_id: row for row in UnitEvaluation.objects.filter(run=run).select_related("person")}
    writes = actor.can(Permission.BODIES_MANAGE, run.region_id)
    return [UnitRow(place, written.get(place.pk), writes) for place in found.order_by("position")]
