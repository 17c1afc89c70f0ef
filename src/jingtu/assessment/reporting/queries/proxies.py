"""Proxies: one's own, and those to decide on."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.regions.reach import inside, is_unrestricted, spans

from ..models import Proxy


def proxy_list(actor: Actor) -> QuerySet[Proxy]:
    """Proxies the actor asked for, is, or may decide on, the newest first."""
    found = Proxy.objects.select_related("reporter", "proxy", "region__tree", "decided_by")
    if is_unrestricted(actor):
        return found
    own = user_id_of(actor)
    held = spans(actor, Permission.FORMS_REVIEW)
    condition = Q(reporter_id=own) | Q(proxy_id=own)
    if held:
        condition |= inside(held, "region__")
    return found.filter(condition)
