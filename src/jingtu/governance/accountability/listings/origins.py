"""What a task that came from a listing says about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.ids import ids_in

from .models import Listing
from .visibility import visible


def describe(actor: Actor, keys: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Own ids of listings → name and address, of those the actor may see. One query."""
    found = Listing.objects.filter(visible(actor), pk__in=ids_in(keys)).select_related("region", "venue")
    return {str(one.pk): (one.subject, reverse("listings:detail", args=[one.pk])) for one in found}
