"""Listings for the agenda of a meeting: terms that are over or end soon, progress that did not come, decisions to take."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import Span, inside
from jingtu.core.ui.agenda import MOST, Point

from .models import Listing
from .rules import RUNNING
from .visibility import visible

SOON = dt.timedelta(days=60)


def points(actor: Actor, region_id: int, day: dt.date) -> list[Point]:
    """Running listings of a region and everything below it whose term ends soon or is over, the oldest first."""
    region = Region.objects.filter(pk=region_id).first()
    if region is None:
        return []
    found = (
        Listing.objects.filter(
            visible(actor), inside([Span.of(region)], "region__"), state__in=sorted(RUNNING)
        )
        .filter(due_on__lte=day + SOON)
        .select_related("region", "venue")
        .order_by("due_on", "id")[:MOST]
    )
    rows = []
    for one in found:
        assert one.due_on is not None
        left = (one.due_on - day).days
        rows.append(
            Point(
                "open_listing",
                str(one.pk),
                f"{one.subject}{one.class_zh}",
                f"{one.subject}: {one.class_en or one.class_zh}",
                reverse("listings:detail", args=[one.pk]),
                f"超期{-left}天" if left < 0 else f"余{left}天",
                f"{-left} days over" if left < 0 else f"{left} days left",
                one.listed_on,
            )
        )
    return rows
