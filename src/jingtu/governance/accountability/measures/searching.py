"""Lets the search of everything find proposals and measures, by place and by kind of measure."""

from __future__ import annotations

from django.urls import reverse

from jingtu.core.kernel.actor import Actor
from jingtu.core.ui.search import Hit

from .queries import MeasureFilter, ProposalFilter, measures, proposals
from .registry import rule_kinds
from .words import PROPOSAL_STATES, STATES


def find_measures(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Measures and proposals by the place's name. Three queries."""
    hits = [
        Hit(
            f"{row.region.name} · {row.name}",
            reverse("measures:detail", args=[row.pk]),
            str(STATES[row.state]),
        )
        for row in measures(actor, MeasureFilter(text=text))[:limit]
    ]
    kinds, language = rule_kinds(), actor.language
    for row in proposals(actor, ProposalFilter(text=text))[: limit - len(hits)]:
        kind = kinds[row.kind].label(language) if row.kind in kinds else row.kind
        label, url = f"{row.region.name} · {kind}", reverse("measures:proposal", args=[row.pk])
        hits.append(Hit(label, url, str(PROPOSAL_STATES[row.state])))
    return hits
