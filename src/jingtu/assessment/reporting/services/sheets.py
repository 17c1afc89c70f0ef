"""A form as a workbook: taken away with what is known, brought back filled in."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.db import transaction

from jingtu.core.audit.services import record
from jingtu.core.facts.importing.checking import Rules, check
from jingtu.core.facts.importing.marking import mark
from jingtu.core.facts.templates_out import Content, Place, write_template
from jingtu.core.files.models import StoredFile
from jingtu.core.files.queries import content_path
from jingtu.core.files.services import keep_made, receive
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, user_id_of
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, PermissionDenied
from jingtu.core.regions.queries import engine_tree
from jingtu.engine.elements import Element
from jingtu.engine.facttable import FactTable
from jingtu.engine.problems import Problem
from jingtu.engine.sheet import read_sheet
from jingtu.engine.textfile import encoding_of

from ..definition import Line
from ..models import Cell
from ..visibility import fill_spans, is_unrestricted
from ..working import Working, find_form, find_version, load, parse_period
from ..writing import shown_value, written
from .entries import Entry, Outcome, Refused
from .filling import save_cells
from .stamping import entries_of, read_stamp, stamp_of

PURPOSE = "reporting.sheet"
ACCEPTED = ("csv", "xlsx")
ATTEMPTS = 3


@dataclass(frozen=True)
class Returned:
    """What became of a sheet: how many cells were saved and which were not; or, when it was refused as a whole,
    everything wrong in it and the same sheet with the errors marked."""

    saved: int = 0
    refused: Sequence[Refused] = ()
    problems: Sequence[Problem] = ()
    marked: StoredFile | None = None


def make_sheet(actor: Actor, code: str, period_text: str, region_ids: Sequence[int]) -> StoredFile:
    """A workbook with a row for each unit and a column for each cell; what is known is in it, what is derived fixed."""
    working = _working(actor, code, period_text, region_ids)
    filled: dict[tuple[str, str, str, str], tuple[str, bool]] = {}
    lines: dict[str, Line] = {}
    for region in working.regions:
        cells, locked = working.cells.get(region.pk, {}), working.locked(region.pk)
        values = working.values(region.pk)
        for line in working.lines(region.pk):
            lines[line.key] = line
            element, figure = working.elements[line.element], locked.get(line.key)
            text = shown_value(element, cells.get(line.key))
            value = values.get(line.key)
            if figure is not None:
                text = written(element, figure.value, figure.qualifier)
            elif line.kind == "total":
                text = "" if value is None or value.value is None else written(element, value.value)
            fixed = not working.is_open(region.pk, line)
            if text or fixed:
                filled[(region.code, working.period.key, line.element, line.category)] = (text, fixed)
    places = [Place(region.code, region.name, region.name) for region in working.regions]
    elements = _elements(working, lines.values())
    content = Content(elements, [working.period.key], places, filled, stamp_of(working))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "form.xlsx"
        write_template(target, content, "table", actor.language)
        where = working.regions[0].name if len(working.regions) == 1 else str(len(working.regions))
        name = f"{working.version.content.name(actor.language)}-{working.period.key}-{where}.xlsx"
        stored = keep_made(actor, target, name, purpose=PURPOSE)
    record(
        actor,
        "reporting.sheet_made",
        target_type="file",
        target_id=stored.pk,
        after={"form": code, "period": working.period.key, "units": len(places)},
    )
    return stored


def read_back(
    actor: Actor,
    code: str,
    period_text: str,
    blocks: Iterable[bytes],
    name: str,
    region_ids: Sequence[int],
) -> Returned:
    """Put what a sheet says into the reports of these units. Nothing is stored of a sheet that has errors; it comes
    back with them marked. Cells that are locked are passed over when the sheet says what they say. A cell that was
    changed elsewhere after the sheet was made is such an error when the sheet changes it too; what the sheet
    leaves as it was does not undo it."""
    working = _working(actor, code, period_text, region_ids)
    stored = receive(actor, blocks, name, purpose=PURPOSE, accepted=ACCEPTED)
    path = content_path(stored)
    with path.open("rb") as stream:
        encoding = encoding_of(stream) if stored.kind == "csv" else ""
    lines = {line.key: line for region in working.regions for line in working.lines(region.pk)}
    elements = {element.code: element for element in _elements(working, lines.values())}
    sheet = read_sheet(path, elements, stored.kind, encoding)
    tree = working.form.tree
    allowed = np.array([region.pk for region in working.regions], dtype=np.int64)
    checked = check(
        sheet, Rules(engine_tree(SYSTEM, tree), elements, allowed, (), today(), FactTable.empty())
    )
    problems = [*checked.problems, *_other_periods(checked.facts, working)]
    made_from = read_stamp(path, stored.kind)
    for _attempt in range(ATTEMPTS):
        entries, overtaken = entries_of(actor, working, checked.facts, made_from)
        problems = problems or overtaken
        if problems:
            with tempfile.TemporaryDirectory() as folder:
                target = Path(folder) / f"marked.{stored.kind}"
                mark(path, target, stored.kind, encoding, sheet, problems, actor.language)
                word = "有错" if actor.language == "zh" else "errors"
                marked = keep_made(actor, target, f"{Path(name).stem}-{word}.{stored.kind}", purpose=PURPOSE)
            return Returned(problems=problems, marked=marked)
        outcome = _save_whole(actor, code, period_text, entries)
        if outcome is not None:
            break
        working = _working(actor, code, period_text, region_ids)
    else:
        raise Conflict(Problem("report.somebody_faster", {"region": working.regions[0].name}))
    record(
        actor,
        "reporting.sheet_read",
        target_type="file",
        target_id=stored.pk,
        after={"form": code, "period": working.period.key, "cells": len(outcome.saved)},
    )
    return Returned(len(outcome.saved), outcome.refused)


class _OvertakenError(Exception):
    """Somebody saved one of the cells between the comparison and the saving."""


def _save_whole(actor: Actor, code: str, period_text: str, entries: Sequence[Entry]) -> Outcome | None:
    """Save all of it; None, and nothing saved, when somebody was faster with one of the cells."""
    try:
        with transaction.atomic():
            outcome = save_cells(actor, code, period_text, entries, Cell.Origin.SHEET)
            if outcome.conflicts:
                raise _OvertakenError
            return outcome
    except _OvertakenError:
        return None


def may_open_sheet(actor: Actor, stored: StoredFile) -> bool:
    """A sheet is for who made or sent it, while they still fill in."""
    own = user_id_of(actor)
    return own is not None and stored.owner_id == own and bool(fill_spans(actor))


def _working(actor: Actor, code: str, period_text: str, region_ids: Sequence[int]) -> Working:
    form, versions = find_form(code)
    period = parse_period(period_text)
    working = load(actor, form, find_version(form, versions, period), period, list(region_ids))
    held = None if is_unrestricted(actor) else fill_spans(actor)
    if not working.regions or (
        held is not None and not all(any(span.holds(region) for span in held) for region in working.regions)
    ):
        raise PermissionDenied(Permission.FORMS_FILL)
    return working


def _elements(working: Working, lines: Iterable[Line]) -> list[Element]:
    """The form's elements with no more categories than it asks for."""
    by: dict[str, set[str]] = {}
    for line in lines:
        dimension = line.category.partition("=")[0]
        by.setdefault(line.element, set()).update({dimension} if dimension else ())
    found = []
    for code, dimensions in by.items():
        element = working.elements[code]
        kept = {name: values for name, values in element.dimensions.items() if name in dimensions}
        found.append(dataclasses.replace(element, dimensions=kept))
    return found


def _other_periods(facts: FactTable, working: Working) -> list[Problem]:
    return [
        Problem(
            "report.other_period", {"period": row.period, "wanted": working.period.key}, row=row.source_row
        )
        for row in facts.rows()
        if row.period != working.period.key
    ][:20]
