"""Figures of a run that were changed after its deadline, or after its ranks were first worked out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
from django.db.models import Max
from django.utils.timezone import localtime

from jingtu.assessment.reporting.models import Report
from jingtu.core.facts import store as facts_store
from jingtu.core.facts.models import FactBatch
from jingtu.engine.assess import Assessment
from jingtu.engine.evaluate import counts_persons, references
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.lateedits import Edit, crowded, gains
from jingtu.engine.periods import Period
from jingtu.engine.qualifiers import QUALIFIERS, Qualifier
from jingtu.engine.rational import decimal_text

from . import registry
from .models import Run, RunFinding, RunReview
from .rules import RunAction
from .snapshots import MOST_BATCHES, open_run, touches

Key = tuple[str, int, str, str]


def late_edits(run: Run) -> list[RunFinding]:
    """Findings about places that gained by figures of their own changed late. None without the check's rule.

    A figure counts from its place's deadline (the latest of its reports for the period) or from the moment
    ranks were first computed for this assessment, whichever was first. What was first stated late is no
    change, nor is what an office has decided. Where too much has changed to be taken apart, that is the finding. A
    handful of queries.
    """
    opened = open_run(run)
    rule = opened.catalogue.check_rule("late_edit")
    first = _first_ranked(run)
    if rule is None or first is None or run.facts_upto is None:
        return []
    deadlines = _deadlines(run)
    earliest = min([first, *deadlines.values()])
    batches = [
        batch
        for batch in FactBatch.objects.filter(
            tree_id=run.tree_id, sequence__lte=run.facts_upto, created_at__gt=earliest
        )
        .order_by("sequence")
        .select_related("region")
        if touches(batch, run)
    ]
    if len(batches) > MOST_BATCHES:
        since_then = {"count": len(batches), "since": f"{localtime(earliest):%Y-%m-%d %H:%M}"}
        return [
            RunFinding(
                run=run,
                code="check.late_edit_batches",
                severity=rule.severity,
                region_id=run.region_id,
                params=since_then,
            )
        ]
    if not batches:
        return []
    a = opened.assessment()
    since: dict[int, tuple[dt.datetime, str]] = {}
    edits: list[Edit] = []
    for key, (old, new, moment) in _changes(run, a, batches).items():
        deadline = deadlines.get(key[1])
        late_from = min(first, deadline) if deadline else first
        edit = _edit(a, key, old, new)
        if edit is None or moment <= late_from:
            continue
        edits.append(edit)
        since[edit.position] = (late_from, "deadline" if late_from == deadline else "ranked")
    found = []
    for position, own in crowded(a, edits):
        moment, _kind = min(since[one.position] for one in own)
        found.append(
            RunFinding(
                run=run,
                code="check.late_edit_many",
                severity=rule.severity,
                region_id=int(a.tree.ids[position]),
                params={"count": len(own), "since": f"{localtime(moment):%Y-%m-%d %H:%M}"},
            )
        )
    for gain in gains(a, edits, rule.at_least) if edits else ():
        shown = gain.edits[0]
        element = a.catalogue.elements[shown.element]
        moment, kind = min(since[one.position] for one in gain.edits)
        found.append(
            RunFinding(
                run=run,
                code=f"check.late_edit_{kind}",
                severity=rule.severity,
                region_id=int(a.tree.ids[gain.position]),
                element=shown.element,
                params={
                    "count": len(gain.edits),
                    "persons": any(counts_persons(a.catalogue, one.element) for one in gain.edits),
                    "since": f"{localtime(moment):%Y-%m-%d %H:%M}",
                    "old": decimal_text(shown.old, element.decimals),
                    "new": "–" if shown.new is None else decimal_text(shown.new, element.decimals),
                    "total_before": gain.total_before or "–",
                    "total": gain.total or "–",
                    "rank_before": gain.rank_before or "–",
                    "rank": gain.rank or "–",
                },
            )
        )
    return found


def _first_ranked(run: Run) -> dt.datetime | None:
    """When ranks were first worked out for these places, card and period, in whatever version."""
    steps = RunReview.objects.filter(
        run__region_id=run.region_id,
        run__level=run.level,
        run__scorecard=run.scorecard,
        run__period=run.period,
        action=RunAction.COMPUTE.value,
    )
    return steps.order_by("at").values_list("at", flat=True).first()


def _deadlines(run: Run) -> dict[int, dt.datetime]:
    """By region the latest deadline of its reports inside the period."""
    region = run.region
    rows = (
        Report.objects.filter(
            region__tree_id=run.tree_id,
            region__position__gte=region.position if region.position is not None else -1,
            region__position__lte=region.last or -1,
            period_start__gte=run.period_start,
            period_end__lte=run.period_end,
        )
        .order_by()
        .values_list("region_id")
        .annotate(due=Max("due_at"))
    )
    return dict(rows)


def _changes(
    run: Run, a: Assessment, batches: list[FactBatch]
) -> dict[Key, tuple[FactRow, FactRow, dt.datetime]]:
    """Figures of the card that read otherwise after the batches than before the first of them: what they said,
    what they say, and when they last changed."""
    before = facts_store.read(run.tree_id, batches[0].sequence - 1)
    wanted = {
        ref.code
        for code in a.scorecard.indicators
        for ref, _period in references(a.catalogue.indicators[code].formula)
    }
    owed = registry.owed_among([batch.pk for batch in batches])
    known: dict[Key, FactRow] = {}
    found: dict[Key, tuple[FactRow, FactRow, dt.datetime]] = {}
    stated = {_key(row): row for row in _inside(before, run, a, wanted)}
    for batch in batches:
        for row in _inside(facts_store.read_batch(batch.sha256, batch.sequence), run, a, wanted):
            key = _key(row)
            old = known.get(key) or stated.get(key)
            if batch.pk in owed:
                found.pop(key, None)
            elif old is not None and (old.value, old.qualifier) != (row.value, row.qualifier):
                start = found[key][0] if key in found else old
                found[key] = (start, row, batch.created_at)
            known[key] = row
    return {
        key: (old, new, at)
        for key, (old, new, at) in found.items()
        if (old.value, old.qualifier) != (new.value, new.qualifier)
    }


def _inside(table: FactTable, run: Run, a: Assessment, wanted: set[str]) -> Iterator[FactRow]:
    """Rows of the run's places and period, for elements of its card."""
    positions = a.tree.positions_of_ids(table.region_id)
    inside = (positions >= a.within) & (positions <= int(a.tree.last[a.within]))
    codes = [place for place, code in enumerate(table.element_codes) if code in wanted]
    periods = [place for place, key in enumerate(table.period_keys) if a.period.contains(Period.parse(key))]
    inside &= np.isin(table.element, codes) & np.isin(table.period, periods)
    for index in np.flatnonzero(inside).tolist():
        yield table.row(index)


def _key(row: FactRow) -> Key:
    return row.element, row.region_id, row.period, row.category


def _edit(a: Assessment, key: Key, old: FactRow, new: FactRow) -> Edit | None:
    """The change where the assessment still rests on what it made; None otherwise."""
    element, region, period, category = key
    position = int(a.tree.positions_of_ids(np.array([region]))[0])
    at = a.view.row_of(element, position - a.within, period, category)
    if old.value is None or (None if at is None else int(a.view.value[at])) != new.value:
        return None
    if at is not None and QUALIFIERS[int(a.view.qualifier[at])] != new.qualifier:
        return None
    exact = Qualifier.EXACT
    return Edit(
        element, position, period, category, old.value, new.value,
        old.qualifier, new.qualifier if new.value is not None else exact,
    )  # fmt: skip
