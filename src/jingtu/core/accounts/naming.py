"""How users are called in the audit trail, whose readers may read accounts."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from jingtu.core.kernel.ids import ids_in
from jingtu.engine.problems import Language

from .models import User

MOST = 200
"""So many users of one name are looked for at most."""


def tell(ids: Collection[str], language: Language) -> dict[str, str]:
    """Full name and user name of each user."""
    found = User.objects.filter(pk__in=ids_in(ids)).values_list("pk", "full_name", "username")
    mark = "{} ({})" if language == "en" else "{}（{}）"
    return {str(pk): mark.format(full_name, username) for pk, full_name, username in found}


def find(text: str) -> list[str]:
    """Users whose name or user name holds the text."""
    found = User.objects.filter(Q(full_name__icontains=text) | Q(username__icontains=text))
    return [str(pk) for pk in found.values_list("pk", flat=True)[:MOST]]
