"""What is read of supervision. Every function takes the actor first and returns only what it may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise

from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import runs_visible
from jingtu.core.accounts.actors import UserActor
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound
from jingtu.core.numbering.models import NumberSeries
from jingtu.core.numbering.queries import series_for
from jingtu.core.regions.models import Region
from jingtu.core.regions.places import own_places
from jingtu.core.regions.queries import get_region
from jingtu.core.regions.reach import Span, inside, is_unrestricted, spans

from .models import Supervision, SupervisionFile, SupervisionStep
from .rules import (
    OPEN,
    USUAL,
    WAITING,
    Days,
    NoticeAction,
    NoticeFacts,
    NoticeState,
    Subject,
    allowed_actions,
)
from .words import DONE, MARKS, STATES, SUBJECTS

READERS = (Permission.DUTIES_READ, Permission.SUPERVISION_ISSUE, Permission.SUPERVISION_ANSWER)


def visible_notices(actor: Actor) -> Q:
    """The condition on :class:`Supervision` that keeps what the actor may know of.

    The office that issues it, and, once it has gone out, whoever reads duties of the place asked or above it.
    """
    if is_unrestricted(actor):
        return Q()
    office = inside(spans(actor, Permission.SUPERVISION_ISSUE), "region__")
    places = inside(spans(actor, Permission.DUTIES_READ, Permission.SUPERVISION_ANSWER), "place__")
    return office | (~Q(state=NoticeState.DRAFTED.value) & places)


@dataclass(frozen=True)
class NoticeFilter:
    """What a list is narrowed to; empty values leave it open."""

    state: str = ""
    subject: str = ""
    text: str = ""
    overdue: bool = False
    task: int | None = None


def notices(actor: Actor, wanted: NoticeFilter | None = None) -> QuerySet[Supervision]:
    """Notices the actor may know of, the newest first."""
    wanted = wanted or NoticeFilter()
    found = Supervision.objects.filter(visible_notices(actor)).select_related(
        "region__tree", "place__tree", "unit"
    )
    if wanted.state == "open":
        found = found.filter(state__in=sorted(OPEN))
    elif wanted.state:
        found = found.filter(state=wanted.state)
    if wanted.subject:
        found = found.filter(subject=wanted.subject)
    if wanted.text.strip():
        words = wanted.text.strip()
        found = found.filter(
            Q(title__icontains=words)
            | Q(label__icontains=words)
            | Q(number__icontains=words)
            | Q(place__name__icontains=words)
            | Q(unit__name__icontains=words)
        )
    if wanted.overdue:
        found = found.filter(state__in=sorted(WAITING), due__lt=today())
    if wanted.task is not None:
        found = found.filter(task_id=wanted.task)
    return found.order_by("-drafted_at", "-pk")


def overdue(actor: Actor, region_id: int, day: dt.date) -> list[Supervision]:
    """Notices inside a region whose answer is late on a day, the longest late first. Two queries."""
    region = get_region(actor, region_id)
    late = notices(actor).filter(inside([Span.of(region)], "place__"), state__in=sorted(WAITING), due__lt=day)
    return list(late.order_by("due", "pk"))


def get_notice(actor: Actor, notice_id: int) -> Supervision:
    """One notice. Raises NotFound also where it exists but is not the actor's to know."""
    found = notices(actor).select_related("task__plan", "run__tree").filter(pk=notice_id).first()
    if found is None:
        raise NotFound(f"#{notice_id}", "supervision")
    return found


def facts_of(actor: Actor, notice: Supervision) -> NoticeFacts:
    """What the rules ask about this notice and this actor: nobody answers for the office's own notice."""
    office = actor.can(Permission.SUPERVISION_ISSUE, notice.region_id)
    return NoticeFacts(NoticeState(notice.state), office, not office and _answers(actor, notice))


def _answers(actor: Actor, notice: Supervision) -> bool:
    """Whether the actor answers for the place, and where a unit is named for that unit: those who are told, no others.

    Whoever speaks there for one unit only does not answer for the whole place.
    """
    if not actor.can(Permission.SUPERVISION_ANSWER, notice.place_id):
        return False
    if not isinstance(actor, UserActor):
        return True
    place = notice.place
    units = {
        post.unit_id
        for post in actor.posts
        if Permission.SUPERVISION_ANSWER in post.permissions
        and post.covers(place.pk, place.tree_id, place.position)
    }
    return bool(units & {None, notice.unit_id})


def may_open_page(actor: Actor, kwargs: Mapping[str, Any]) -> bool:
    """Whether the actor may know of the notice that a page's address names. One query."""
    return Supervision.objects.filter(visible_notices(actor), pk=kwargs["notice_id"]).exists()


def may_open_evidence(actor: Actor, stored: StoredFile) -> bool:
    """Evidence is open to whoever may see its notice."""
    return Supervision.objects.filter(visible_notices(actor), steps__files__file_id=stored.pk).exists()


@dataclass(frozen=True)
class StepRow:
    """One line of the history."""

    word: str | Promise
    step: SupervisionStep
    files: Sequence[StoredFile]


@dataclass(frozen=True)
class NoticePage:
    """Everything the page of one notice shows."""

    notice: Supervision
    state: str | Promise
    mark: tuple[str, str]
    subject: str | Promise
    history: Sequence[StepRow]
    actions: Sequence[NoticeAction]
    overdue: bool
    subject_url: str
    series: Sequence[NumberSeries]

    def may(self) -> dict[str, bool]:
        """Acts open to this actor, by name, for templates."""
        return {action.value: True for action in self.actions}


def notice_page(actor: Actor, notice_id: int) -> NoticePage:
    """The page of one notice. Raises NotFound."""
    notice = get_notice(actor, notice_id)
    steps = notice.steps.select_related("person").prefetch_related(
        Prefetch("files", queryset=SupervisionFile.objects.select_related("file"))
    )
    actions = allowed_actions(facts_of(actor, notice))
    # The office's own series: what a secretary issues bears a number without the right to manage numbers.
    series = series_for(SYSTEM, notice.region_id) if NoticeAction.ISSUE in actions else []
    return NoticePage(
        notice=notice,
        state=STATES[notice.state],
        mark=MARKS[notice.state],
        subject=SUBJECTS[notice.subject],
        history=[StepRow(DONE[step.action], step, [one.file for one in step.files.all()]) for step in steps],
        actions=actions,
        overdue=is_overdue(notice),
        subject_url=_subject_url(actor, notice),
        series=series,
    )


def is_overdue(notice: Supervision) -> bool:
    """Whether the answer is late."""
    return notice.state in WAITING and notice.due < today()


def _subject_url(actor: Actor, notice: Supervision) -> str:
    if notice.subject == Subject.TASK and notice.task_id is not None:
        return reverse("plans:task", args=[notice.task_id])
    if notice.subject == Subject.INDICATOR and notice.run_id is not None:
        if not runs_visible(actor).filter(pk=notice.run_id).exists():
            return ""
        query = {"region": notice.place_id, "indicator": notice.indicator}
        return reverse("runs:explain", args=[notice.run_id], query=query)
    return ""


def offices(actor: Actor) -> list[Region]:
    """The regions whose office the actor issues notices for: those of the posts. One query."""
    return list(own_places(actor, Permission.SUPERVISION_ISSUE))


def days_of_the_office(actor: Actor, region_ids: Sequence[int]) -> Days:
    """The working days that the offices' last notice bore: what the next one proposes. One query."""
    found = notices(actor).filter(region_id__in=list(region_ids)).first()
    return found.days if found is not None else USUAL


def published_run(actor: Actor, run_id: int) -> Run | None:
    """A published run the actor may read."""
    return runs_visible(actor).filter(pk=run_id, published_at__isnull=False).first()
