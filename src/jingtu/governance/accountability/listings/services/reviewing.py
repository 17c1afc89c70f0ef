"""After the decision: it is served, the place may object, another person reviews; what should not stand is revoked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from jingtu.core.kernel.actor import Actor, Permission, person_behind
from jingtu.core.kernel.clock import now, today

from .. import notices
from ..models import Listing
from ..rules import Act, text_problem
from .common import Paper, Received, Upload, allow, demand, locked, take_step
from .deciding import decided
from .hearing import spoken


def deliver(
    actor: Actor, listing_id: int, text: str, *, paper: Paper | None = None, files: Sequence[Upload] = ()
) -> Listing:
    """Note that the decision was served; the time to object runs from today."""
    person_behind(actor, Permission.LISTINGS_PREPARE)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        allow(actor, listing, Act.DELIVER)
        demand(text_problem(text), *(paper.problems() if paper else ()))
        take_step(actor, listing, Act.DELIVER, text, paper=paper, files=files, before=listing.state)
        notices.to_place(actor, listing, "listings.delivered", number=listing.document_number)
    return listing


def object_to(
    actor: Actor,
    listing_id: int,
    text: str,
    *,
    received: Received | None = None,
    paper: Paper | None = None,
    files: Sequence[Upload] = (),
) -> Listing:
    """Object for the place to its listing; the term runs on until another person has reviewed it."""
    person_behind(actor, Permission.MEASURES_REPLY)
    with transaction.atomic():
        listing = locked(actor, listing_id)
        said = spoken(actor, listing, Act.OBJECT, received, paper, files)
        demand(text_problem(text))
        take_step(actor, listing, Act.OBJECT, text, paper=paper, files=files, note=said, before=listing.state)
        notices.to_deciders(actor, listing, "listings.objected")
    return listing


def review(actor: Actor, listing_id: int, decision: str, paper: Paper) -> Listing:
    """Uphold the listing against an objection, with the reasons; whoever listed it does not."""
    listing = decided(actor, listing_id, Act.REVIEW, decision, paper, lambda _listing: {})
    notices.to_place(actor, listing, "listings.reviewed", number=paper.number.strip())
    return listing


def revoke(actor: Actor, listing_id: int, decision: str, paper: Paper) -> Listing:
    """Take the listing back: it should not have been decided. What was decided with it ends."""

    def does(listing: Listing) -> dict[str, Any]:
        listing.ended_on = today()
        listing.acceptances.filter(dropped_at__isnull=True).update(dropped_at=now())
        return {}

    listing = decided(actor, listing_id, Act.REVOKE, decision, paper, does)
    notices.to_place(actor, listing, "listings.revoked", number=paper.number.strip())
    return listing
