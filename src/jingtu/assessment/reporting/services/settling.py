"""Between a report and figures that came another way since it was handed in: a named person chooses, cell by cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jingtu.core.audit.services import record
from jingtu.core.facts.queries import elements as elements_in_force
from jingtu.core.kernel.actor import SYSTEM, Actor, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.regions.models import RegionTree
from jingtu.engine.elements import Element, Qualifier
from jingtu.engine.problems import InvalidInput, Problem, refuse

from ..clashes import Choice, Clash, Keep, clashes_of, foreign_places
from ..definition import lines_of
from ..models import Cell, Report, ReportEvent
from ..rules import CellValue, ReportAction, totals
from ..words import line_name
from ..writing import reported_text, standing_for, standing_text
from .filling import event_of

SHOWN = 50


def settle(
    actor: Actor, reports: Sequence[Report], choices: Mapping[int, Mapping[str, Choice]], note: str
) -> None:
    """Do in the cells what was chosen, and refuse the whole while a choice is missing or was made on another
    figure than the one that stands now. Call inside the transaction that stores the facts."""
    # Locked before the figures in force are read, so that none comes in between the choice and the new batch.
    trees = sorted({report.form.tree_id for report in reports})
    list(RegionTree.objects.select_for_update().filter(pk__in=trees).order_by("pk"))
    known = elements_in_force(SYSTEM)
    found = clashes_of(reports, known)
    open_still: list[Clash] = []
    for report in reports:
        chosen = choices.get(report.pk, {})
        for clash in found.get(report.pk, ()):
            choice = chosen.get(clash.key)
            if choice is None or choice.batch != clash.batch:
                open_still.append(clash)
    if open_still:
        raise InvalidInput([_problem(actor, clash, known) for clash in open_still[:SHOWN]])
    for report in reports:
        if report.pk in found:
            _apply(actor, report, found[report.pk], choices[report.pk], known, note)


def _problem(actor: Actor, clash: Clash, known: Mapping[str, Element]) -> Problem:
    element = known[clash.cell.element]
    lines = {line.key: line for line in lines_of(clash.report.version.content, known)}
    line = lines.get(clash.key)
    return Problem(
        "report.stands_already",
        {
            "region": clash.report.region.name,
            "cell": line_name(line, element, actor.language) if line else element.name(actor.language),
            "reported": reported_text(clash.cell, element),
            "standing": standing_for(actor, clash, element),
            "key": clash.key,
            "batch": clash.batch,
        },
        column=clash.key,
    )


def _apply(
    actor: Actor,
    report: Report,
    clashes: Sequence[Clash],
    chosen: Mapping[str, Choice],
    known: Mapping[str, Element],
    note: str,
) -> None:
    replaced = [clash for clash in clashes if chosen[clash.key].keep is Keep.REPORT]
    kept = [clash for clash in clashes if chosen[clash.key].keep is Keep.STANDING]
    if replaced and not note.strip():
        raise refuse("report.replace_reason", column="reason", region=report.region.name)
    before = {clash.key: reported_text(clash.cell, known[clash.cell.element]) for clash in clashes}
    # The event keeps the figure that gave way: the cell, or the fact's own history, keeps the other.
    events = [_event(actor, report, ReportAction.KEEP, clash.cell, note) for clash in kept]
    for clash in replaced:
        event = _event(actor, report, ReportAction.REPLACE, clash.cell, note)
        event.value, event.qualifier = clash.value, clash.qualifier.value
        events.append(event)
    for clash in kept:
        cell = clash.cell
        cell.value, cell.qualifier, cell.origin = clash.value, clash.qualifier.value, Cell.Origin.GIVEN
    changed = [clash.cell for clash in kept]
    if kept:
        changed += _totals_anew(report, {clash.key: clash.cell for clash in clashes}, known)
    moment, person = now(), user_id_of(actor)
    for cell in changed:
        cell.version += 1
        cell.entered_by_id, cell.entered_at = person, moment
    Cell.objects.bulk_update(
        changed, ["value", "qualifier", "origin", "version", "entered_by", "entered_at"], batch_size=500
    )
    ReportEvent.objects.bulk_create(events)
    record(
        actor,
        "reporting.chosen",
        target_type="report",
        target_id=report.pk,
        region_id=report.region_id,
        before={"reported": before, "standing": _standing_texts(clashes, known)},
        after={clash.key: f"{chosen[clash.key].keep.value}:{clash.batch}" for clash in clashes},
        reason=note,
    )


def _event(actor: Actor, report: Report, action: ReportAction, cell: Cell, note: str) -> ReportEvent:
    return event_of(actor, report, action, cell=cell, note=note.strip())


def _standing_texts(clashes: Sequence[Clash], known: Mapping[str, Element]) -> dict[str, str]:
    return {clash.key: standing_text(clash, known[clash.cell.element]) for clash in clashes}


def _totals_anew(report: Report, decided: Mapping[str, Cell], known: Mapping[str, Element]) -> list[Cell]:
    """Totals whose parts follow another figure now. One that was decided on, or where a figure of another source
    stands, is left: nothing is replaced that nobody has looked at."""
    lines = lines_of(report.version.content, known)
    cells = {cell.key: cell for cell in Cell.objects.filter(report=report)} | dict(decided)
    summed = {line.key for line in lines if line.kind == "total"}
    foreign = {key for _region, key in foreign_places([report], {line.element for line in lines})}
    values = {
        key: CellValue(cell.value, not cell.qualifier)
        for key, cell in cells.items()
        if key not in summed or key in decided or key in foreign
    }
    changed = []
    for key, total in totals(lines, values).items():
        cell = cells.get(key)
        if cell is None or key in decided or key in foreign or cell.origin != Cell.Origin.TOTAL:
            continue
        qualifier = Qualifier.EXACT if total.exact else Qualifier.APPROX
        if (cell.value, cell.qualifier) != (total.value, qualifier.value):
            cell.value, cell.qualifier = total.value, qualifier.value
            changed.append(cell)
    return changed
