"""Notice, reply and hearing: nothing is decided before the place was told and could speak."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from jingtu.core.accounts.queries import holders
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, person_behind
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import InvalidInput, Problem, register_texts
from jingtu.governance.accountability.measures.clocks import Clock

from .. import notices
from ..models import Listing
from ..rules import Act, day_problem, text_problem
from ..visibility import Course, course_of, stand_of
from .common import Paper, Received, Upload, allow, arrive, demand, locked, take_step

register_texts(
    {
        "listings.on_paper": (
            "当地没有账号，请登记书面材料的收到日期，并附扫描件。",
            "The place has no account: enter the day on which its paper came in, and attach the scan.",
        ),
        "listings.receiver": (
            "收件人应为上级有权办理的人员。",
            "The person who took it in is one of those above who prepare listings.",
        ),
    }
)


def serve(
    actor: Actor,
    listing_id: int,
    text: str,
    *,
    paper: Paper | None = None,
    files: Sequence[Upload] = (),
) -> Listing:
    """Tell the place what is proposed and until when it may speak."""
    person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.SERVE)
        demand(text_problem(text), *(paper.problems() if paper else ()))
        before = arrive(listing, Act.SERVE)
        listing.noticed_on = today()
        listing.hear_until = Clock(today(), listing.version.rules.hearing_days).due()
        listing.save(update_fields=["state", "noticed_on", "hear_until"])
        take_step(actor, listing, Act.SERVE, text, paper=paper, files=files, before=before)
        until = listing.hear_until.isoformat() if listing.hear_until else ""
        notices.to_place(actor, listing, "listings.noticed", until=until)
    return listing


def recall(actor: Actor, listing_id: int, reason: str) -> Listing:
    """Take the notice back, so that class, problem or values can be changed: what was said stays in the course, and a
    new notice and hearing follow."""
    person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.RECALL)
        demand(text_problem(reason))
        before = arrive(listing, Act.RECALL)
        listing.hear_until, listing.reply, listing.hearing = None, "", ""
        listing.replied_by, listing.replied_at = None, None
        listing.save(update_fields=["state", "hear_until", "reply", "replied_by", "replied_at", "hearing"])
        take_step(actor, listing, Act.RECALL, reason, before=before)
        notices.to_place(actor, listing, "listings.recalled")
    return listing


def reply(
    actor: Actor,
    listing_id: int,
    text: str,
    *,
    received: Received | None = None,
    paper: Paper | None = None,
    files: Sequence[Upload] = (),
) -> Listing:
    """Speak for the place while there is time; it may be said again until then.

    For a place without an account the office enters what came on paper, with the scan: ``received`` says when it came
    and who took it in; the day it came counts, not the day it is entered.
    """
    person = person_behind(actor, Permission.MEASURES_REPLY)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        said = spoken(actor, listing, Act.REPLY, received, paper, files)
        demand(text_problem(text))
        listing.reply, listing.replied_at = text.strip(), now()
        listing.replied_by_id = said["receiver"] if said else person
        listing.save(update_fields=["reply", "replied_by", "replied_at"])
        take_step(actor, listing, Act.REPLY, text, paper=paper, files=files, note=said, before=listing.state)
        notices.to_office(actor, listing, "listings.replied")
    return listing


def spoken(
    actor: Actor,
    listing: Listing,
    act: Act,
    received: Received | None,
    paper: Paper | None,
    files: Sequence[Upload],
) -> dict[str, Any]:
    """Ask whether the place, or for one without an account the office, may say this now; what the step notes of it."""
    stand = stand_of(actor, listing)
    if stand.answers:
        allow(actor, listing, act)
        return {}
    allow(actor, listing, act, spoken_on=received.on if received else None)
    if received is None or not files:
        raise InvalidInput(
            [Problem("listings.on_paper", column="received_on" if received is None else "evidence")]
        )
    course = course_of(listing)
    earliest = listing.noticed_on if act is Act.REPLY else (course.delivered_on or listing.listed_on)
    parent = listing.region.parent_id
    known = {user.pk for user in holders(SYSTEM, Permission.LISTINGS_PREPARE, parent)} if parent else set()
    receiver = received.by or person_behind(actor, Permission.LISTINGS_PREPARE)
    demand(
        day_problem(received.on, "received_on", today=today(), earliest=earliest),
        *(paper.problems() if paper else ()),
        Problem("listings.receiver", column="receiver")
        if received.by is not None and receiver not in known
        else None,
    )
    return {"code": "on_paper", "received": received.on.isoformat(), "receiver": receiver}


def suspend(actor: Actor, listing_id: int, reason: str) -> Listing:
    """Let the time to reply stand still, with the reason: the days until it is resumed are not counted."""
    return _clock(actor, listing_id, Act.SUSPEND, reason)


def resume(actor: Actor, listing_id: int, reason: str) -> Listing:
    """Let the time to reply run again from today."""
    return _clock(actor, listing_id, Act.RESUME, reason)


def _clock(actor: Actor, listing_id: int, act: Act, reason: str) -> Listing:
    person = person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, act)
        demand(text_problem(reason))
        assert listing.noticed_on is not None
        course = course_of(listing)
        then = Course((*course.steps, (act.value, person, today())))
        days = listing.version.rules.hearing_days
        listing.hear_until = Clock(listing.noticed_on, days, then.suspensions()).due()
        listing.save(update_fields=["hear_until"])
        take_step(actor, listing, act, reason, before=listing.state)
        if listing.hear_until is None:
            notices.to_place(actor, listing, "listings.suspended")
        else:
            notices.to_place(actor, listing, "listings.resumed", until=listing.hear_until.isoformat())
    return listing


def hear(
    actor: Actor,
    listing_id: int,
    text: str,
    *,
    held_on: dt.date | None = None,
    paper: Paper | None = None,
    files: Sequence[Upload] = (),
) -> Listing:
    """Note what was said, or that nothing was until the day; now it can be decided. ``held_on``: the day of a hearing
    that was held before it is entered."""
    person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.HEAR)
        demand(
            text_problem(text),
            day_problem(held_on, "held_on", today=today(), earliest=listing.noticed_on) if held_on else None,
            *(paper.problems() if paper else ()),
        )
        before = arrive(listing, Act.HEAR)
        listing.hearing = text.strip()
        listing.save(update_fields=["state", "hearing"])
        note = {"code": "heard", "on": held_on.isoformat()} if held_on else {}
        take_step(actor, listing, Act.HEAR, text, paper=paper, files=files, note=note, before=before)
        notices.to_deciders(actor, listing)
    return listing
