"""The decisions: every one by a named person above the place, with its reasons and its document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction

from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, person_behind
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Problem, register_texts

from .. import notices
from ..models import Listing
from ..queries.page import outstanding
from ..rules import Act, Following, text_problem
from ..terms import extension_problem, last_day
from ..visibility import course_of
from .common import Paper, Upload, allow, arrive, demand, locked, take_step

register_texts(
    {
        "listings.unmet": (
            "还有{criteria}项退出指标未达标或没有数值、{tasks}项整治任务未办结；仍要摘牌的，请写明理由。",
            "{criteria} exit criteria are not met or have no value, and {tasks} tasks of the rectification are open; to "
            "delist all the same, say why.",
        ),
    }
)


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
    listing = decided(actor, listing_id, Act.LIST, decision, paper, does, asked, files)
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

    return decided(actor, listing_id, Act.DECLINE, decision, None, does)


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

    listing = decided(actor, listing_id, Act.EXTEND, decision, paper, does)
    assert listing.due_on is not None
    notices.to_place(
        actor, listing, "listings.extended", until=listing.due_on.isoformat(), number=paper.number.strip()
    )
    return listing


def delist(
    actor: Actor,
    listing_id: int,
    decision: str,
    paper: Paper,
    *,
    despite: str = "",
    files: Sequence[Upload] = (),
) -> Listing:
    """Take the place off the list; the watch begins. ``despite``: why, where exit criteria are not met (or nobody knows)
    or tasks of the rectification are still open; without it that is refused."""
    said = decision if not despite.strip() else f"{decision.strip()}\n{despite.strip()}"
    note: dict[str, Any] = {}

    def does(listing: Listing) -> dict[str, Any]:
        left = outstanding(SYSTEM, listing)
        if left:
            told = {"criteria": len(left.criteria), "tasks": len(left.tasks)}
            if text_problem(despite, "despite") is not None:
                demand(Problem("listings.unmet", told, column="despite"))
            note.update({"code": "despite", **told})
        watch = listing.version.rules.the_class(listing.class_code).watch
        listing.delisted_on = today()
        listing.watch_until = last_day(today(), watch) if watch else today() - dt.timedelta(days=1)
        return {"watch_until": listing.watch_until.isoformat()}

    listing = decided(actor, listing_id, Act.DELIST, said, paper, does, (), files, note)
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

    return decided(actor, listing_id, Act.CLOSE, decision, None, does)


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


def decided(
    actor: Actor,
    listing_id: int,
    act: Act,
    decision: str,
    paper: Paper | None,
    does: Callable[[Listing], dict[str, Any]],
    more: Sequence[Problem | None] = (),
    files: Sequence[Upload] = (),
    note: Mapping[str, Any] | None = None,
) -> Listing:
    """A decision: asked under the lock, so that of two who decide at once the second is told."""
    person = person_behind(actor, Permission.LISTINGS_DECIDE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, act)
        earliest = course_of(listing).moved_on
        demand(text_problem(decision, "decision"), *(paper.problems(earliest) if paper else ()), *more)
        after = does(listing)
        before = arrive(listing, act)
        if act in (Act.LIST, Act.DECLINE):
            listing.decided_by_id, listing.decided_at = person, now()
            listing.decision = decision.strip()
            if paper:
                listing.document_number, listing.document_date = paper.number.strip(), paper.date
        listing.save()
        take_step(
            actor, listing, act, decision, paper=paper, files=files, before=before, after=after, note=note
        )
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
