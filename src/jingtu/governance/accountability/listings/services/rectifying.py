"""What the place does while it is listed: the plan, what was reached month by month, its own assessment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from jingtu.core.kernel.actor import Actor, Permission, person_behind
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, Problem, refuse, register_texts
from jingtu.engine.periods import Period
from jingtu.governance.duties.plans.services import planning

from .. import notices
from ..definition import Criterion
from ..measuring import Published
from ..models import Listing, ListingCriterion, Progress, ProgressValue
from ..rules import Act, printable_problem, text_problem
from .common import Upload, allow, arrive, demand, locked, take_step
from .proposing import Given

register_texts(
    {
        "listings.month": (
            "只能填报挂牌以来到本月为止的月份，每月一次。",
            "A month is reported once, from the listing up to this month.",
        ),
    }
)


@dataclass(frozen=True)
class PlanTask:
    """A task of the rectification plan: what, and by when."""

    title: str
    due: dt.date
    requirement: str = ""


def begin(
    actor: Actor,
    listing_id: int,
    text: str,
    tasks: Sequence[PlanTask] = (),
    *,
    files: Sequence[Upload] = (),
) -> Listing:
    """Begin the rectification by its plan; its tasks stand with all the others of the place, of this origin.

    Tasks need the right to manage plans over the place. Raises PermissionDenied, InvalidInput, Conflict.
    """
    person_behind(actor, Permission.MEASURES_REPLY)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.PLAN)
        demand(text_problem(text))
        before = arrive(listing, Act.PLAN)
        listing.save(update_fields=["state"])
        if tasks:
            _plan(actor, listing, tasks)
        note = {"code": "plan", "tasks": len(tasks)} if tasks else {}
        take_step(actor, listing, Act.PLAN, text, files=files, before=before, note=note)
    return listing


def _plan(actor: Actor, listing: Listing, tasks: Sequence[PlanTask]) -> None:
    assert listing.listed_on is not None and listing.due_on is not None  # noqa: PT018
    origin = f"listing:{listing.pk}"
    ends = max([listing.due_on, *(task.due for task in tasks)])
    # The plan of a listed place is written in the language of its papers.
    plan = planning.create_plan(
        actor,
        listing.region_id,
        f"{listing.subject}{listing.class_zh.removesuffix('整治')}整治方案"[:200],
        kind="rectification",
        starts=listing.listed_on,
        ends=ends,
        document=listing.document_number,
        origin=origin,
    )
    for task in tasks:
        planning.add_task(
            actor,
            plan.pk,
            task.title,
            region_id=listing.region_id,
            starts=listing.listed_on,
            due=task.due,
            requirement=task.requirement,
            origin=origin,
        )


def report_progress(
    actor: Actor,
    listing_id: int,
    month: dt.date,
    text: str,
    given: Mapping[str, Given] = {},
    *,
    files: Sequence[Upload] = (),
    published: Published | None = None,
) -> Progress:
    """Say what a month brought. Values not given are taken from the latest publications where they know them."""
    person = person_behind(actor, Permission.MEASURES_REPLY)
    month = month.replace(day=1)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.PROGRESS)
        demand(
            text_problem(text),
            *(
                Problem("listings.value_source", column=f"source_{code}")
                for code, one in given.items()
                if not one.source.strip()
            ),
            *(printable_problem(one.source, f"source_{code}") for code, one in given.items()),
        )
        assert listing.listed_on is not None
        if not listing.listed_on.replace(day=1) <= month <= today():
            raise refuse("listings.month", column="month")
        try:
            with transaction.atomic():
                made = Progress.objects.create(
                    listing=listing, month=month, text=text.strip(), reported_by_id=person, reported_at=now()
                )
        except IntegrityError as error:
            raise Conflict(Problem("listings.month")) from error
        ProgressValue.objects.bulk_create(_values(listing, made, given, published))
        take_step(
            actor, listing, Act.PROGRESS, text, files=files, note={"code": "month", "month": f"{month:%Y-%m}"}
        )
    return made


def self_assess(actor: Actor, listing_id: int, text: str, *, files: Sequence[Upload] = ()) -> Listing:
    """Hand in the own assessment; the acceptance can be held."""
    person_behind(actor, Permission.MEASURES_REPLY)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.SELF_ASSESS)
        demand(text_problem(text))
        before = arrive(listing, Act.SELF_ASSESS)
        listing.self_assessment = text.strip()
        listing.save(update_fields=["state", "self_assessment"])
        take_step(actor, listing, Act.SELF_ASSESS, text, files=files, before=before)
        notices.to_office(actor, listing, "listings.to_accept")
    return listing


def _values(
    listing: Listing, made: Progress, given: Mapping[str, Given], published: Published | None
) -> list[ProgressValue]:
    opened, found = published, []
    for row in listing.criteria.all():
        one = given.get(row.code)
        if one is not None:
            found.append(
                ProgressValue(progress=made, criterion=row, value=one.value, source=one.source.strip()[:255])
            )
            continue
        if row.measure == "entered" or listing.venue_id is not None:
            continue
        opened = opened or Published(listing.region.parent or listing.region, listing.region.level)
        measured = opened.value(_criterion(row), listing.region_id)
        # A publication of before the listing says nothing about what was reached since.
        if (
            measured is not None
            and listing.listed_on
            and Period.parse(measured.period).end >= listing.listed_on
        ):
            found.append(
                ProgressValue(progress=made, criterion=row, value=measured.value, run_id=measured.run_id)
            )
    return found


def _criterion(row: ListingCriterion) -> Criterion:
    return Criterion(row.code, row.name_zh, row.name_en, row.measure, row.subject)
