"""Telling people of days to come, once each: terms that end, progress that is due, watches that end."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.clock import now, today

from .. import notices
from ..models import Listing, Reminder
from ..rules import RUNNING, ListingState
from ..terms import add_months

BEFORE_END = (30, 7, 0)


def remind() -> int:
    """What has become due today; how many were told of. Bears being called by two at once."""
    day, done = today(), 0
    running = Listing.objects.filter(state__in=sorted(RUNNING), due_on__isnull=False).select_related(
        "region", "venue", "version"
    )
    for listing in running:
        assert listing.due_on is not None
        nearest = min((days for days in BEFORE_END if (listing.due_on - day).days <= days), default=None)
        if nearest is not None and _once(listing, f"term_{nearest}", listing.due_on):
            until = listing.due_on.isoformat()
            notices.to_place(SYSTEM, listing, "listings.term_ending", until=until)
            notices.to_office(SYSTEM, listing, "listings.term_ending", until=until)
            done += 1
        done += _progress(listing, day)
    watching = Listing.objects.filter(state=ListingState.WATCH, watch_until__lt=day + dt.timedelta(days=7))
    for listing in watching.select_related("region", "venue"):
        assert listing.watch_until is not None
        if _once(listing, "watch", listing.watch_until):
            notices.to_deciders(
                SYSTEM, listing, "listings.watch_ending", until=listing.watch_until.isoformat()
            )
            done += 1
    return done


def _progress(listing: Listing, day: dt.date) -> int:
    """Last month's progress, asked for from the first of this month on."""
    month = add_months(day.replace(day=1), -1)
    begun = listing.listed_on is not None and listing.listed_on <= month
    if listing.state != ListingState.RECTIFYING or not begun:
        return 0
    if listing.progress.filter(month=month).exists() or not _once(listing, "progress", month):
        return 0
    until = day.replace(day=listing.version.rules.progress_day)
    notices.to_place(
        SYSTEM, listing, "listings.progress_due", month=f"{month:%Y-%m}", until=until.isoformat()
    )
    return 1


def _once(listing: Listing, kind: str, day: dt.date) -> bool:
    with transaction.atomic():
        _row, made = Reminder.objects.get_or_create(
            listing=listing, kind=kind, day=day, defaults={"sent_at": now()}
        )
    return made
