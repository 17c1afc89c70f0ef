"""Lets the search of everything find alerts."""

from __future__ import annotations

from django.db.models import F, Q
from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.search import Hit

from .queries import alerts, catalogue_now, subject_name
from .words import STATES


def find_alerts(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Alerts by place, rule or indicator, the open ones first. Two queries."""
    catalogue = catalogue_now()
    asked = text.casefold()
    codes = [
        code
        for code, indicator in (catalogue.indicators.items() if catalogue else ())
        if asked in indicator.name_zh.casefold() or asked in indicator.name_en.casefold()
    ]
    condition = Q(region__name__icontains=text) | Q(rule_zh__icontains=text) | Q(rule_en__icontains=text)
    found = alerts(actor).filter(condition | Q(subject__in=codes))
    hits = []
    for alert in found.order_by(F("closed_at").desc(nulls_first=True), "-last_end", "-pk")[:limit]:
        rule = alert.rule_zh if actor.language == "zh" else alert.rule_en
        subject = subject_name(catalogue, alert.subject, actor.language)
        label = " ".join(part for part in (alert.region.name, subject, rule) if part)
        hits.append(Hit(label, reverse("alerts:detail", args=[alert.pk]), str(STATES[alert.state])))
    return hits
