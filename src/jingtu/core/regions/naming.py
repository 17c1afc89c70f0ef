"""How regions are called in the audit trail; their names are open to everybody who is signed in."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from jingtu.core.kernel.ids import ids_in
from jingtu.engine.problems import Language

from .models import Region


def tell(ids: Collection[str], language: Language) -> dict[str, str]:
    """Name and code of each region, and that a place is invented: readers of the trail have no post in its tree."""
    found = Region.objects.filter(pk__in=ids_in(ids)).values_list("pk", "name", "code", "tree__fictional")
    mark, invented = ("{} ({})", ", fictional") if language == "en" else ("{}（{}）", "，虚构")
    return {
        str(pk): mark.format(name, code + (invented if fictional else ""))
        for pk, name, code, fictional in found
    }


def find(text: str) -> QuerySet[Region]:
    """Regions of today and before whose name holds the text, or whose code it is."""
    return Region.objects.filter(Q(name__icontains=text) | Q(code=text))
