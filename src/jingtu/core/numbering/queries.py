"""Reading the register of numbers: whoever may read it over the office's region."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import inside, is_unrestricted, spans

from .models import NumberSeries, OfficialNumber


def series_visible(actor: Actor, permission: Permission = Permission.NUMBERS_READ) -> QuerySet[NumberSeries]:
    """Series of the offices over which the actor holds ``permission``."""
    found = NumberSeries.objects.select_related("region")
    if is_unrestricted(actor):
        return found
    return found.filter(inside(spans(actor, permission), "region__"))


def numbers_visible(
    actor: Actor, series: int | None = None, year: int | None = None, state: str = ""
) -> QuerySet[OfficialNumber]:
    """Numbers given out in those series, the newest first."""
    numbers = OfficialNumber.objects.filter(series__in=series_visible(actor)).select_related(
        "series", "person"
    )
    if series is not None:
        numbers = numbers.filter(series_id=series)
    if year is not None:
        numbers = numbers.filter(year=year)
    if state:
        numbers = numbers.filter(state=state)
    return numbers.order_by("-year", "series", "-n")


def series_for(actor: Actor, region_id: int) -> list[NumberSeries]:
    """Series that may number documents of a region: its own office's and those of the offices above it."""
    region = Region.objects.filter(pk=region_id).first()
    if region is None:
        return []
    above = Q(region_id=region_id)
    if region.position is not None:
        above |= Q(
            region__tree_id=region.tree_id,
            region__position__lte=region.position,
            region__last__gte=region.last,
        )
    return list(series_visible(actor).filter(above))
