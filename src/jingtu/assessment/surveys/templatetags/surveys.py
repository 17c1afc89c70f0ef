"""Words of surveys: ``{% load surveys %}``."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from ..rules import Streak

register = template.Library()


@register.filter
def streak_words(streak: Streak) -> str:
    """Rises or falls in a row, and how many of them are more than chance."""
    if not streak.length:
        return "–"
    word = _("%(n)s连升（可确认%(sure)s次）") if streak.length > 0 else _("%(n)s连降（可确认%(sure)s次）")
    return word % {"n": abs(streak.length), "sure": streak.certain}
