"""What a reviewer sees where another figure has come in since a report was handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from jingtu.core.facts.queries import batches_of
from jingtu.core.kernel.actor import Actor

from ..clashes import clashes_of
from ..derivation import fact_link
from ..models import Report
from ..rules import WAITING, ReportState
from ..working import Working
from ..writing import reported_text, standing_for


@dataclass(frozen=True)
class ClashView:
    """One cell with both figures: who said what, and when."""

    key: str
    name: str
    unit: str
    reported: str
    reported_by: str
    reported_at: dt.datetime
    standing: str
    standing_by: str
    standing_at: dt.datetime | None
    note: str
    link: str
    batch: int


def clash_views(actor: Actor, working: Working, report: Report) -> Sequence[ClashView]:
    """The cells of a report that waits, where a fact of another source says something else. Three queries,
    whatever the number of cells. For code that decided that the actor reviews the report."""
    if ReportState(report.state) not in WAITING:
        return ()
    found = clashes_of([report], working.elements).get(report.pk, [])
    if not found:
        return ()
    batches = batches_of(actor, working.form.tree, [clash.batch for clash in found])
    names = working.names(report.region_id, actor.language)
    # The same row again, with the person who typed it.
    typed = working.cells.get(report.region_id, {})
    views = []
    for clash in found:
        element, batch = working.elements[clash.cell.element], batches.get(clash.batch)
        person = typed[clash.key].entered_by if clash.key in typed else None
        views.append(
            ClashView(
                clash.key,
                names.get(clash.key, clash.key),
                element.unit_name(actor.language),
                reported_text(clash.cell, element),
                person.full_name if person else "",
                clash.cell.entered_at,
                standing_for(actor, clash, element),
                batch.actor_label if batch else "",
                batch.created_at if batch else None,
                batch.note if batch else "",
                fact_link(report.region_id, clash.key, working.period),
                clash.batch,
            )
        )
    return views


def settles_now(report: Report) -> bool:
    """Whether the next step of the review is the one that makes facts."""
    return report.step + 1 >= len(report.version.content.review)
