"""What the catalogue in force tells the apps below: which element is part of which, who cites a document."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.documents.registry import Citation
from jingtu.core.kernel.actor import Actor
from jingtu.engine.catalogue import Catalogue
from jingtu.engine.formula import Call, ElementRef, walk

from .store import catalogue_of, newest


def share_pairs() -> list[tuple[str, str]]:
    """Numerator and denominator of every share of two like counts: the first may not exceed the second.

    A share of a flow in a stock, of unlike units, or of counts of different times (``lagging``) says
    nothing of the sort and is left out.
    """
    version = newest()
    return [] if version is None else list(dict.fromkeys(_pairs(catalogue_of(version))))


def _pairs(catalogue: Catalogue) -> Iterable[tuple[str, str]]:
    for indicator in catalogue.indicators.values():
        if indicator.lagging:
            continue
        for node in walk(indicator.formula):
            if not isinstance(node, Call) or node.name != "share":
                continue
            references = [
                argument
                for argument in node.args
                if isinstance(argument, ElementRef) and not argument.selection
            ]
            if len(references) != 2:
                continue
            part, whole = (catalogue.elements[reference.code] for reference in references)
            if (part.kind, part.unit) == (whole.kind, whole.unit):
                yield part.code, whole.code


def citations(actor: Actor, document: str) -> list[Citation]:
    """Indicators of the catalogue in force that cite a document."""
    version = newest()
    if version is None:
        return []
    return [
        Citation(
            _("指标"),
            indicator.name(actor.language),
            reverse("indicators:indicator", args=(indicator.code,)),
        )
        for indicator in catalogue_of(version).indicators.values()
        if any(cite.partition(":")[0] == document for cite in indicator.cites)
    ]
