"""Reading the register of numbers: whoever may read it over the office's region."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.models import Region

from .models import NumberSeries, OfficialNumber


def series_visible(actor: Actor, permission: Permission = Permission.NUMBERS_READ) -> QuerySet[NumberSeries]:
    """Series of the offices over which the actor holds ``permission``. One query besides the actor's own."""
    found = NumberSeries.objects.select_related("region")
    if getattr(actor, "unrestricted", False):
        return found
    return found.filter(_covered(actor, permission))


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


def _covered(actor: Actor, permission: Permission) -> Q:
    wanted = [scope.region_id for scope in actor.scopes(permission)]
    condition = Q(pk__in=[])
    for pk, tree_id, position, last in Region.objects.filter(pk__in=wanted).values_list(
        "pk", "tree_id", "position", "last"
    ):
        condition |= Q(region_id=pk)
        if position is not None:
            condition |= Q(
                region__tree_id=tree_id, region__position__gte=position, region__position__lte=last
            )
    return condition
