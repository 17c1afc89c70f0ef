"""How users are called in the audit trail, whose readers may read accounts."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from jingtu.core.kernel.ids import ids_in
from jingtu.engine.problems import Language

from .models import User


def tell(ids: Collection[str], language: Language) -> dict[str, str]:
    """Full name and user name of each user."""
    found = User.objects.filter(pk__in=ids_in(ids)).values_list("pk", "full_name", "username")
    mark = "{} ({})" if language == "en" else "{}（{}）"
    return {str(pk): mark.format(full_name, username) for pk, full_name, username in found}


def find(text: str) -> QuerySet[User]:
    """Users whose name or user name holds the text."""
    return User.objects.filter(Q(full_name__icontains=text) | Q(username__icontains=text))
