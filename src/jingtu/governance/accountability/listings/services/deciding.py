"""Notice, reply, hearing and the decisions: every one by a named person above the place, with its document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from jingtu.core.kernel.actor import Actor, Permission, person_behind
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Problem
from jingtu.governance.accountability.measures.clocks import Clock

from .. import notices
from ..models import Listing
from ..rules import Act, Following, extension_problem, last_day, text_problem
from .common import Paper, Upload, allow, arrive, demand, locked, take_step


def serve(actor: Actor, listing_id: int, text: str, *, files: Sequence[Upload] = ()) -> Listing:
    """Tell the place what is proposed and until when it may speak."""
    person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.SERVE)
        demand(text_problem(text))
        before = arrive(listing, Act.SERVE)
        listing.noticed_on = today()
        listing.hear_until = Clock(today(), listing.version.rules.hearing_days).due()
        listing.save(update_fields=["state", "noticed_on", "hear_until"])
        take_step(actor, listing, Act.SERVE, text, files=files, before=before)
        until = listing.hear_until.isoformat() if listing.hear_until else ""
        notices.to_place(actor, listing, "listings.noticed", until=until)
    return listing


def reply(actor: Actor, listing_id: int, text: str, *, files: Sequence[Upload] = ()) -> Listing:
    """Speak for the place while there is time; it may be said again until then."""
    person = person_behind(actor, Permission.MEASURES_REPLY)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.REPLY)
        demand(text_problem(text))
        listing.reply, listing.replied_by_id, listing.replied_at = text.strip(), person, now()
        listing.save(update_fields=["reply", "replied_by", "replied_at"])
        take_step(actor, listing, Act.REPLY, text, files=files, before=listing.state)
        notices.to_office(actor, listing, "listings.replied")
    return listing


def hear(actor: Actor, listing_id: int, text: str, *, files: Sequence[Upload] = ()) -> Listing:
    """Note what was said, or that nothing was until the day; now it can be decided."""
    person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.HEAR)
        demand(text_problem(text))
        before = arrive(listing, Act.HEAR)
        listing.hearing = text.strip()
        listing.save(update_fields=["state", "hearing"])
        take_step(actor, listing, Act.HEAR, text, files=files, before=before)
        notices.to_deciders(actor, listing)
    return listing


def decide_listing(
    actor: Actor,
    listing_id: int,
    decision: str,
    paper: Paper,
    *,
    leader: str,
    no_awards: bool = False,
    no_promotion: bool = False,
    files: Sequence[Upload] = (),
) -> Listing:
    """List the place: from today for the term of its class. What was entered of its criteria is frozen.

    ``no_awards``, ``no_promotion``: only as the competent body decided and the document says. A listing that
    follows a former one ends that one by relapse or raise.
    """

    def does(listing: Listing) -> dict[str, Any]:
        the_class = listing.version.rules.the_class(listing.class_code)
        if listing.former_id is not None:
            _end_former(actor, listing, decision, paper)
        listing.listed_on, listing.term_months = today(), the_class.term
        listing.due_on = last_day(today(), the_class.term)
        listing.leader = leader.strip()[:128]
        listing.no_awards, listing.no_promotion = no_awards, no_promotion
        return {"due": listing.due_on.isoformat(), "no_awards": no_awards, "no_promotion": no_promotion}

    asked = (text_problem(leader, "leader", 2),)
    listing = _decide(actor, listing_id, Act.LIST, decision, paper, does, asked, files)
    assert listing.due_on is not None
    notices.to_place(
        actor, listing, "listings.listed", until=listing.due_on.isoformat(), number=listing.document_number
    )
    return listing


def decline(actor: Actor, listing_id: int, decision: str) -> Listing:
    """Do not list, with the reasons; the proposal is kept."""

    def does(listing: Listing) -> dict[str, Any]:
        listing.ended_on = today()
        return {}

    return _decide(actor, listing_id, Act.DECLINE, decision, None, does)


def extend(actor: Actor, listing_id: int, months: int, decision: str, paper: Paper) -> Listing:
    """Give more time, within what the rules allow each time and in all."""

    def does(listing: Listing) -> dict[str, Any]:
        the_class = listing.version.rules.the_class(listing.class_code)
        demand(
            extension_problem(
                months,
                term=listing.term_months,
                extended=listing.extended_months,
                most_each=the_class.extension,
                cap=the_class.cap,
            )
        )
        listing.extended_months += months
        assert listing.listed_on is not None
        listing.due_on = last_day(listing.listed_on, listing.term_months + listing.extended_months)
        listing.acceptances.filter(dropped_at__isnull=True).update(dropped_at=now())
        return {"months": months, "due": listing.due_on.isoformat()}

    listing = _decide(actor, listing_id, Act.EXTEND, decision, paper, does)
    assert listing.due_on is not None
    notices.to_place(
        actor, listing, "listings.extended", until=listing.due_on.isoformat(), number=paper.number.strip()
    )
    return listing


def delist(
    actor: Actor, listing_id: int, decision: str, paper: Paper, *, files: Sequence[Upload] = ()
) -> Listing:
    """Take the place off the list; the watch begins."""

    def does(listing: Listing) -> dict[str, Any]:
        watch = listing.version.rules.the_class(listing.class_code).watch
        listing.delisted_on = today()
        listing.watch_until = last_day(today(), watch) if watch else today() - dt.timedelta(days=1)
        return {"watch_until": listing.watch_until.isoformat()}

    listing = _decide(actor, listing_id, Act.DELIST, decision, paper, does, (), files)
    assert listing.watch_until is not None
    notices.to_place(
        actor,
        listing,
        "listings.delisted",
        until=listing.watch_until.isoformat(),
        number=paper.number.strip(),
    )
    return listing


def close(actor: Actor, listing_id: int, decision: str) -> Listing:
    """Close the case after the watch."""

    def does(listing: Listing) -> dict[str, Any]:
        listing.ended_on = today()
        return {}

    return _decide(actor, listing_id, Act.CLOSE, decision, None, does)


def send_back(actor: Actor, listing_id: int, reason: str) -> Listing:
    """Return it for rectification; an acceptance that was drawn up no longer counts."""
    person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.RETURN)
        demand(text_problem(reason))
        before = arrive(listing, Act.RETURN)
        listing.save(update_fields=["state"])
        listing.acceptances.filter(dropped_at__isnull=True).update(dropped_at=now())
        take_step(actor, listing, Act.RETURN, reason, before=before)
        notices.to_place(actor, listing, "listings.returned")
    return listing


def _decide(
    actor: Actor,
    listing_id: int,
    act: Act,
    decision: str,
    paper: Paper | None,
    does: Callable[[Listing], dict[str, Any]],
    more: Sequence[Problem | None] = (),
    files: Sequence[Upload] = (),
) -> Listing:
    """A decision: asked under the lock, so that of two who decide at once the second is told."""
    person = person_behind(actor, Permission.LISTINGS_DECIDE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, act)
        demand(text_problem(decision, "decision"), *(paper.problems() if paper else ()), *more)
        after = does(listing)
        before = arrive(listing, act)
        if act in (Act.LIST, Act.DECLINE):
            listing.decided_by_id, listing.decided_at = person, now()
            listing.decision = decision.strip()
            if paper:
                listing.document_number, listing.document_date = paper.number.strip(), paper.date
        listing.save()
        take_step(actor, listing, act, decision, paper=paper, files=files, before=before, after=after)
    return listing


def _end_former(actor: Actor, listing: Listing, decision: str, paper: Paper) -> None:
    former = locked(actor, listing.former_id or 0)
    act = Act.RELAPSE if listing.following == Following.RELAPSE else Act.RAISE
    # Whoever prepared the former one may decide that it ends; about this one a third person decides already.
    allow(actor, former, act, had_part=False)
    before = arrive(former, act)
    former.ended_on = today()
    former.save(update_fields=["state", "ended_on"])
    take_step(
        actor,
        former,
        act,
        decision,
        paper=paper,
        before=before,
        note={"code": "followed_by", "listing": listing.pk},
    )
