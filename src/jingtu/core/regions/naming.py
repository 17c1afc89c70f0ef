"""How regions are called in the audit trail; their names are open to everybody who is signed in."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from jingtu.core.kernel.ids import ids_in
from jingtu.engine.problems import Language

from .models import Region


def tell(ids: Collection[str], language: Language) -> dict[str, str]:
    """Name and code of each region."""
    found = Region.objects.filter(pk__in=ids_in(ids)).values_list("pk", "name", "code")
    mark = "{} ({})" if language == "en" else "{}（{}）"
    return {str(pk): mark.format(name, code) for pk, name, code in found}


def find(text: str) -> QuerySet[Region]:
    """Regions of today and before whose name holds the text, or whose code it is."""
    return Region.objects.filter(Q(name__icontains=text) | Q(code=text))
