"""Figures as people type them, so that what is shown in a field reads back the same."""

from __future__ import annotations

from jingtu.core.facts.disclosure import EXACT
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.engine.elements import Element, Qualifier

from .clashes import Clash
from .models import Cell

MASKED = "＊"


def shown_value(element: Element, cell: Cell | None) -> str:
    """A cell's figure as it can be typed again, qualifier included; empty for none."""
    if cell is None or cell.value is None:
        return ""
    return written(element, cell.value, Qualifier(cell.qualifier))


def written(element: Element, value: int, qualifier: Qualifier = Qualifier.EXACT) -> str:
    """A scaled integer as people type it: no separators, so that it reads back the same."""
    figure = element.format(value).replace(",", "")
    return figure if qualifier is Qualifier.EXACT else qualifier.mark(figure)


def standing_text(clash: Clash, element: Element) -> str:
    """The figure in force that a report differs from; a dash for one that was taken back."""
    return "–" if clash.value is None else written(element, clash.value, clash.qualifier)


def standing_for(actor: Actor, clash: Clash, element: Element) -> str:
    """As :func:`standing_text` for one person: a figure of another source is told to who reads figures of the place,
    a count of persons only to who may see such counts exactly. The report's own figures are before its reviewer."""
    place = clash.report.region_id
    exact = not element.person_based or any(actor.can(permission, place) for permission in EXACT)
    return standing_text(clash, element) if exact and actor.can(Permission.FACTS_READ, place) else MASKED


def reported_text(cell: Cell, element: Element) -> str:
    """A report's figure for reading; a dash for none."""
    return shown_value(element, cell) or "–"
