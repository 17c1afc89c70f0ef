"""Lets the search of everything find appeals."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse

from jingtu.assessment.indicators.queries import current_catalogue
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.errors import NotFound
from jingtu.core.ui.search import Hit

from .queries import appeals
from .words import STATES


def find_appeals(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Appeals by place, indicator, the number's name or the person who filed, the newest first. Two queries."""
    try:
        indicators = current_catalogue(actor).indicators
    except NotFound:
        return []
    asked = text.casefold()
    codes = [
        code
        for code, indicator in indicators.items()
        if asked in indicator.name_zh.casefold() or asked in indicator.name_en.casefold()
    ]
    condition = (
        Q(region__name__icontains=text)
        | Q(label__icontains=text)
        | Q(filed_by__full_name__icontains=text)
        | Q(indicator__in=codes)
    )
    hits = []
    for appeal in appeals(actor).filter(condition)[:limit]:
        indicator = indicators.get(appeal.indicator)
        name = indicator.name(actor.language) if indicator else appeal.label
        hits.append(
            Hit(
                f"{appeal.region.name} {name} {appeal.run.period_label}",
                reverse("appeals:detail", args=[appeal.pk]),
                str(STATES[appeal.state]),
            )
        )
    return hits
