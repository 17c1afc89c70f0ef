"""What can be chosen when a task is given: places, units, people."""

from __future__ import annotations

from django.db.models import Q

from jingtu.core.accounts.models import Unit, User
from jingtu.core.accounts.queries import posts_in_force
from jingtu.core.accounts.rules import ROLE_PERMISSIONS
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.reach import Span, inside, spans

from ..models import Task
from ..visibility import visible_tasks

MOST = 500
READERS = sorted(role.value for role, held in ROLE_PERMISSIONS.items() if Permission.DUTIES_READ in held)


def _over(region: Region, prefix: str) -> Q:
    """The condition that a place (``prefix`` leads to it) is the region or lies above it."""
    condition = Q(**{f"{prefix}pk": region.pk})
    if region.position is not None:
        condition |= Q(
            **{
                f"{prefix}tree_id": region.tree_id,
                f"{prefix}position__lte": region.position,
                f"{prefix}last__gte": region.position,
            }
        )
    return condition


def people_for(actor: Actor, region: Region) -> list[User]:
    """Who can answer for a task of a place: whoever holds a post over it that opens tasks. One query."""
    held = posts_in_force().filter(_over(region, "region__"), role__in=READERS).values("user_id")
    return list(User.objects.filter(pk__in=held, is_active=True).order_by("full_name", "pk")[:MOST])


def nameable(actor: Actor, region: Region) -> list[User]:
    """Who can answer for tasks of a plan of this place: people with a post over it, in it, or in member units that
    the actor manages. Of anybody else a table is told nothing, not even that they exist. One query."""
    units = inside(spans(actor, Permission.PLANS_MANAGE), "region__") & Q(
        region__tree__kind=RegionTree.Kind.UNITS
    )
    reach = _over(region, "region__") | inside([Span.of(region)], "region__") | units
    held = posts_in_force().filter(reach, role__in=READERS).values("user_id")
    return list(User.objects.filter(pk__in=held, is_active=True).order_by("pk"))


def units_for(actor: Actor, region: Region) -> list[Unit]:
    """The units of a place and of those above it. One query."""
    found = Unit.objects.filter(_over(region, "region__") | Q(unit_region=region), is_active=True)
    return list(found.select_related("region").order_by("-region__depth", "name")[:MOST])


def places_for(actor: Actor, above: Region) -> list[Region]:
    """Where a task below ``above`` can be given: there, one level down, and member units the actor manages."""
    own = inside(spans(actor, Permission.PLANS_MANAGE))
    found = Region.objects.filter(valid_to__isnull=True).filter(
        Q(pk=above.pk) | Q(parent=above) | (own & Q(tree__kind=RegionTree.Kind.UNITS, depth__gt=0))
    )
    return list(found.select_related("tree").order_by("tree__kind", "tree_id", "position")[:MOST])


def filter_choices(actor: Actor, plan_id: int | None) -> dict[str, list[tuple[object, object]]]:
    """What the tasks of a plan (or all) that the actor may read can be filtered by. Four queries."""
    found = Task.objects.filter(visible_tasks(actor)).order_by()
    if plan_id is not None:
        found = found.filter(plan_id=plan_id)
    regions = Region.objects.filter(pk__in=found.values("region_id")).order_by("tree_id", "position", "pk")
    units = Unit.objects.filter(pk__in=found.values("unit_id")).order_by("name")
    people = User.objects.filter(pk__in=found.values("person_id")).order_by("full_name", "pk")
    strands = found.exclude(strand="").values_list("strand", flat=True).distinct()
    return {
        "strand": [(one, one) for one in sorted(strands)],
        "region": list(regions.values_list("pk", "name")[:MOST]),
        "unit": list(units.values_list("pk", "name")[:MOST]),
        "person": list(people.values_list("pk", "full_name")[:MOST]),
    }
