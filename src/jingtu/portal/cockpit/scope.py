"""The pickers at the top of every page that looks at a region."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from jingtu.core.kernel.ids import id_in
from jingtu.core.regions.models import Region
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput

MOST_OPTIONS = 40


def number(text: str | None) -> int | None:
    """A whole number of the address, None for anything else."""
    return id_in(text)


def period_of(text: str) -> Period | None:
    """The period of the address, None for anything that is none."""
    try:
        return Period.parse(text) if text else None
    except InvalidInput:
        return None


def region_scope(region: Region, above: Sequence[Region], below: Sequence[Region]) -> dict[str, Any]:
    """What ``{% region_picker %}`` needs."""
    return {
        "region_path": [(place.name, place.pk) for place in (*above, region)],
        "region_children": [(place.name, place.pk) for place in below[:MOST_OPTIONS]],
        "region_search": f"{reverse('regions:picker')}?tree={region.tree.slug}",
    }


def query_without(request: HttpRequest, *names: str) -> str:
    """The query of the address without some fields, ready to be continued by another one."""
    query = request.GET.copy()
    for name in (*names, "page"):
        query.pop(name, None)
    return f"?{query.urlencode()}&" if query else "?"
