"""Which users a change of regions touches, by their posts."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.regions.effects import Affected, EffectLine

from .models import Unit
from .queries import posts_in_force

MOST_NAMES = 8


def affected_posts(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Posts on regions that end, posts elsewhere inside, member units. Two queries."""
    if not actor.can(Permission.ACCOUNTS_READ):
        return None
    posts = list(posts_in_force().filter(affected.within()).select_related("user").order_by("user__username"))
    losing = [post for post in posts if post.region_id in affected.ended]
    others = [post for post in posts if post.region_id not in affected.ended]
    units = list(Unit.objects.filter(affected.within() | affected.within("unit_region__"), is_active=True))
    people = reverse("accounts:people")
    found = [
        (
            _("岗位范围随之撤销，转安全管理员确认"),
            _names([post.user.full_name for post in losing]),
            len(losing),
            people,
        ),
        (_("范围内的其他岗位"), _names([post.user.full_name for post in others]), len(others), people),
        (_("成员单位"), _names([unit.name for unit in units]), len(units), reverse("accounts:units")),
    ]
    return [EffectLine(label, count, detail, url) for label, detail, count, url in found if count]


def _names(names: Sequence[str]) -> str:
    different = list(dict.fromkeys(names))
    shown = "、".join(different[:MOST_NAMES])
    return shown + ("…" if len(different) > MOST_NAMES else "")
