"""Typing, submitting and taking back a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.db import IntegrityError, transaction

from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.characters import seen
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied
from jingtu.core.regions.models import Region
from jingtu.engine.elements import Element, ParsedValue
from jingtu.engine.periods import Period
from jingtu.engine.problems import Problem, refuse

from ..assigning import due_at
from ..definition import Line
from ..models import Cell, Form, FormVersion, Report, ReportEvent
from ..rules import ReportAction, ReportState, next_state
from ..visibility import Span, fill_spans, is_unrestricted
from ..working import Working, find_form, find_version, load, parse_period
from ..writing import shown_value
from .entries import Entry, Outcome, Refused

MOST_ENTRIES = 5000


def save_cells(
    actor: Actor,
    code: str,
    period_text: str,
    entries: Sequence[Entry],
    origin: Cell.Origin = Cell.Origin.TYPED,
) -> Outcome:
    """Store what was typed, cell by cell; a report begins with its first cell.

    Cells that are wrong, locked or were changed by somebody else in the meantime are refused singly and told, and
    so are all cells typed for a unit that is no longer asked or no longer the actor's; the rest is saved. Raises
    PermissionDenied when the actor fills in for none of the units, InvalidInput when the form is asked of none; a
    sheet is refused whole for one such unit.
    """
    if len(entries) > MOST_ENTRIES:
        raise refuse("form.too_many_cells", cells=len(entries), limit=MOST_ENTRIES)
    form, versions = find_form(code)
    period = parse_period(period_text)
    version = find_version(form, versions, period)
    refuse_before_it_begins(actor, period)
    ids = list(dict.fromkeys(entry.region_id for entry in entries))
    spans = None if is_unrestricted(actor) else fill_spans(actor)
    try:
        with transaction.atomic():
            return _save(actor, form, version, period, ids, entries, origin, spans)
    except IntegrityError:
        # Two people began the same report at once; the second finds it standing now.
        with transaction.atomic():
            return _save(actor, form, version, period, ids, entries, origin, spans)


def refuse_before_it_begins(actor: Actor, period: Period) -> None:
    """A form is open from the first day of its period on, as the list of what is due and the reminders have it."""
    if period.start > today():
        raise refuse(
            "report.not_begun",
            column="period",
            period=period.label(actor.language),
            start=period.start.isoformat(),
        )


def _save(
    actor: Actor,
    form: Form,
    version: FormVersion,
    period: Period,
    ids: list[int],
    entries: Sequence[Entry],
    origin: Cell.Origin,
    spans: list[Span] | None,
) -> Outcome:
    working = load(actor, form, version, period, ids, lock=True)
    places = {region.pk: region for region in working.regions}
    barred = {
        region_id: bar for region_id in ids if (bar := _bar(working, region_id, places, spans)) is not None
    }
    if barred:
        ids = [region_id for region_id in ids if region_id not in barred]
        if not ids or origin is Cell.Origin.SHEET:
            raise next(iter(barred.values()))
        # Loaded anew, so that nothing of the other units is in what is answered.
        working = load(actor, form, version, period, ids, lock=True)
        places = {region.pk: region for region in working.regions}
    outcome = Outcome(working)
    for entry in entries:
        if entry.region_id in barred:
            bar = barred[entry.region_id]
            problem = bar.problem if isinstance(bar, PermissionDenied) else bar.problems[0]
            outcome.refused.append(Refused(entry.region_id, entry.key, problem))
    made: list[Cell] = []
    changed: dict[int, Cell] = {}
    begun: list[Report] = []
    events: list[ReportEvent] = []
    moment = now()
    lines = {region_id: {line.key: line for line in working.lines(region_id)} for region_id in ids}
    for entry in entries:
        if entry.region_id in barred:
            continue
        line = lines[entry.region_id].get(entry.key)
        cell = working.cells.get(entry.region_id, {}).get(entry.key)
        refused = _refusal(working, entry, line, cell, actor)
        if refused is not None:
            outcome.refused.append(refused)
            continue
        assert line is not None
        parsed = _understood(working.elements[line.element], entry)
        if isinstance(parsed, Problem):
            outcome.refused.append(Refused(entry.region_id, entry.key, parsed))
            continue
        report = working.reports.get(entry.region_id)
        if report is None:
            report = begin_report(actor, working, places[entry.region_id])
            begun.append(report)
        if cell is None:
            cell = Cell(
                report=report, element=line.element, category=line.category, entered_at=moment, version=0
            )
            working.cells.setdefault(entry.region_id, {})[entry.key] = cell
            made.append(cell)
        elif cell.pk is not None:
            changed[cell.pk] = cell
        _write(cell, entry, parsed, origin, user_id_of(actor), moment)
        events.append(event_of(actor, report, ReportAction.FILL, cell=cell))
        outcome.saved.append((entry.region_id, entry.key))
    Cell.objects.bulk_create(made)
    Cell.objects.bulk_update(
        list(changed.values()),
        ["value", "qualifier", "note", "origin", "version", "entered_by", "entered_at"],
        batch_size=500,
    )
    ReportEvent.objects.bulk_create(events)
    for report in begun:
        record(
            actor,
            "reporting.begun",
            target_type="report",
            target_id=report.pk,
            region_id=report.region_id,
            after={"form": form.code, "period": period.key},
        )
    touched = [working.reports[region_id] for region_id in {region_id for region_id, _ in outcome.saved}]
    for report in touched:
        report.holder_id = user_id_of(actor) or report.holder_id
    Report.objects.bulk_update(touched, ["holder"])
    return outcome


def _bar(
    working: Working, region_id: int, places: Mapping[int, Region], spans: list[Span] | None
) -> PermissionDenied | InvalidInput | None:
    """Why nothing is taken from the actor for a unit."""
    region = places.get(region_id)
    if spans is not None and (region is None or not any(span.holds(region) for span in spans)):
        return PermissionDenied(Permission.FORMS_FILL)
    if region is None:
        return refuse(
            "report.not_asked",
            column="region",
            form=working.form.name_zh,
            period=working.period.key,
            region=f"#{region_id}",
        )
    return None


def _refusal(
    working: Working, entry: Entry, line: Line | None, cell: Cell | None, actor: Actor
) -> Refused | None:
    if line is None:
        return Refused(entry.region_id, entry.key, Problem("report.unknown_cell", {"cell": entry.key[:80]}))
    name = working.names(entry.region_id, actor.language)[entry.key]
    if not working.is_open(entry.region_id, line):
        derived = line.kind != "typed" or line.key in working.locked(entry.region_id)
        # A sheet brings back the locked figures too; one that says the same is no attempt to change it.
        code = "report.locked_cell" if derived else "report.closed_cell"
        return Refused(entry.region_id, entry.key, Problem(code, {"cell": name}))
    standing = cell.version if cell is not None else 0
    if standing != entry.version:
        element = working.elements[line.element]
        shown = shown_value(element, cell)
        parsed = _understood(element, entry)
        if cell is not None and isinstance(parsed, ParsedValue) and _same(cell, parsed, entry):
            return None
        person = cell.entered_by.full_name if cell is not None and cell.entered_by else ""
        problem = Problem("report.changed_meanwhile", {"cell": name, "person": person, "value": shown or "–"})
        return Refused(entry.region_id, entry.key, problem, True, standing, shown)
    return None


def _same(cell: Cell, parsed: ParsedValue, entry: Entry) -> bool:
    """Whether somebody else has already written exactly this."""
    return (
        entry.text is None or (cell.value, cell.qualifier) == (parsed.value, parsed.qualifier.value)
    ) and (entry.note is None or cell.note == _kept(entry.note))


def _understood(element: Element, entry: Entry) -> ParsedValue | Problem:
    return element.try_value(entry.text) if entry.text is not None else ParsedValue(None)


def _write(
    cell: Cell, entry: Entry, parsed: ParsedValue, origin: Cell.Origin, person: int | None, moment: object
) -> None:
    if entry.text is not None:
        cell.value, cell.qualifier = parsed.value, parsed.qualifier.value
        cell.origin = origin
    if entry.note is not None:
        cell.note = _kept(entry.note)
    cell.version += 1
    cell.entered_by_id = person
    cell.entered_at = moment  # type: ignore[assignment]


def _kept(note: str) -> str:
    """A note of characters nobody sees explains nothing."""
    return note.strip()[:300] if seen(note) else ""


def begin_report(actor: Actor, working: Working, region: Region) -> Report:
    report = Report.objects.create(
        form=working.form,
        version=working.version,
        region=region,
        period=working.period.key,
        period_start=working.period.start,
        period_end=working.period.end,
        due_at=due_at(working.version.content, working.period),
        state=ReportState.DRAFT.value,
        holder_id=user_id_of(actor),
    )
    working.reports[region.pk] = report
    return report


def step_after(report: Report, action: ReportAction, revision: int | None) -> ReportState:
    """The state an action leads to. Raises Conflict."""
    state = ReportState(report.state)
    if revision is not None and revision != report.revision:
        raise Conflict(Problem("report.somebody_faster", {"region": report.region.name}))
    after = next_state(state, action)
    if after is None:
        raise wrong_state(state, action)
    return after


def wrong_state(state: ReportState, action: ReportAction) -> Conflict:
    """The refusal of an act that the state does not allow."""
    return Conflict(Problem(f"report.{state}_not_{action}"))


def event_of(
    actor: Actor, report: Report, action: ReportAction, *, cell: Cell | None = None, note: str = ""
) -> ReportEvent:
    return ReportEvent(
        report=report,
        action=action.value,
        element=cell.element if cell else "",
        category=cell.category if cell else "",
        value=cell.value if cell else None,
        qualifier=cell.qualifier if cell else "",
        note=note[:500] or (cell.note if cell and action is ReportAction.FILL else ""),
        state=report.state,
        person_id=user_id_of(actor),
        person_label=actor.label[:160],
        at=now(),
    )


def events_for(
    actor: Actor, reports: Iterable[Report], action: ReportAction, note: str = ""
) -> list[ReportEvent]:
    """One entry for each report's history."""
    return [event_of(actor, report, action, note=note) for report in reports]


def cell_event(actor: Actor, report: Report, action: ReportAction, cell: Cell, note: str) -> ReportEvent:
    """One entry for a cell's history."""
    return event_of(actor, report, action, cell=cell, note=note)
