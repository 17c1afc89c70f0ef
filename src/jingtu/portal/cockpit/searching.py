"""Lets the search of everything find published results."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse

from jingtu.assessment.runs.queries import runs_visible
from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.search import Hit
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput


def find_runs(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Runs by place, scorecard or period as written (2026-09, 2026年9月), the latest first. Two queries."""
    condition = (
        Q(region__name__icontains=text) | Q(scorecard_zh__icontains=text) | Q(scorecard_en__icontains=text)
    )
    try:
        condition |= Q(period=Period.parse(text).key)
    except InvalidInput:
        condition |= Q(period__startswith=text)
    return [
        Hit(
            f"{run.region.name} {run.period_label}",
            reverse("runs:detail", args=[run.pk]),
            run.scorecard_name,
        )
        for run in runs_visible(actor).filter(condition)[:limit]
    ]
