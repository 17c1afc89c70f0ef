"""Which later batches a run's page names: those that say something else on what the run read."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jingtu.assessment.runs import changed, services
from jingtu.assessment.runs.changed import that_matter, what_changed
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.snapshots import later_batches
from jingtu.core.facts import store
from jingtu.core.facts.models import FactBatch
from jingtu.core.kernel.errors import Conflict
from jingtu.engine.facttable import FactRow, FactTable
from jingtu.engine.formulatree import Node
from tests.assessment.office import FIGURES, MONTH, Office, store_batch


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Tests have equal content, and so one answer."""
    changed._changed.cache_clear()


def named(run: Run) -> list[int]:
    return [effect.batch.sequence for effect in that_matter(run, later_batches(run)) if effect.batch]


@pytest.mark.parametrize(
    ("element", "month", "value", "matters"),
    [
        ("done", MONTH, 38, True),
        ("done", MONTH, 39, False),  # stored again as it stood
        ("done", MONTH, None, True),
        ("done", "2026-10", 38, False),
        ("done", "2026-08", 38, True),  # compared with
        ("done", "2025-09", 38, True),  # a year ago
        ("done", "2026-07", 38, False),  # no row of rises reaches back to it
        ("rest", MONTH, 38, False),  # an element its card does not ask for
    ],
)
def test_a_published_run_names_the_batches_of_what_it_read_only(
    office: Office, element: str, month: str, value: int | None, matters: bool
) -> None:
    run = office.published()
    place = office.cast.places["township_a"]
    batch = store_batch(office.cast.tree, place, [FactRow(element, place.pk, month, value)], "更正")
    assert named(run) == ([batch.sequence] if matters else [])
    told = [problem.text("zh") for problem in what_changed(run)]
    assert [f"本次用到的期间：{month}）" in text for text in told] == [True] * matters
    if not matters:
        with pytest.raises(Conflict):
            services.correct(office.analyst, run.pk, "复核数据")


def test_a_figure_taken_back_is_told_by_the_batch_that_took_it_back_last(office: Office) -> None:
    run = office.published()
    taken = [office.change("township_a", "done", None) for _once in range(2)]
    office.report("2026-10", FIGURES)
    assert named(run) == [taken[-1].sequence]
    office.change("township_a", "done", FIGURES["township_a"][1])
    assert named(run) == []


def test_the_first_figure_a_place_ever_reports_changes_who_is_due(office: Office) -> None:
    place = office.cast.places["township_a2"]
    months = [FactRow("cases", place.pk, MONTH, None), FactRow("cases", place.pk, "2026-11", 4)]
    store_batch(office.cast.tree, place, months[:1], "误报")
    run = office.published()
    assert named(run) == []
    later = store_batch(office.cast.tree, place, months[1:], "首次填报")
    assert named(run) == [later.sequence]


def test_an_earlier_month_matters_as_far_as_a_row_of_rises_goes_back(office: Office) -> None:
    for number, month in enumerate(("2026-06", "2026-07", "2026-08")):
        office.report(month, {place: (*values[:2], number) for place, values in FIGURES.items()})
    run = office.published()
    office.change("township_a", "cases", 3, "2026-05")
    office.change("township_a", "cases", 9, "2026-04")
    assert [batch.sequence for batch in later_batches(run)][:1] == named(run)


def test_any_number_of_later_batches_takes_the_same_queries(office: Office) -> None:
    run = office.published()

    def queries() -> int:
        later = list(FactBatch.objects.filter(sequence__gt=run.facts_upto or 0).select_related("region"))
        with CaptureQueriesContext(connection) as captured:
            that_matter(run, later)
        return len(captured)

    office.change("township_a", "done", 38)
    once = queries()
    for month in ("2026-10", "2026-11", MONTH):
        office.change("township_b", "done", 29, month)
        office.change("township_b", "cases", None, month)
    assert queries() == once <= 1


def test_what_changed_is_worked_out_once_for_a_state_of_the_facts(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = office.published()
    taken = office.change("township_a", "done", None)
    office.report("2026-10", FIGURES)
    read: list[int] = []
    original = store.read_batch

    def counted(sha256: str, sequence: int = 0) -> FactTable:
        read.append(sequence)
        return original(sha256, sequence)

    monkeypatch.setattr(store, "read_batch", counted)
    assert named(run) == named(run) == [taken.sequence]
    assert read == [taken.sequence + 1, taken.sequence]
    again = office.change("township_a", "done", FIGURES["township_a"][1] - 1)
    assert named(run) == [again.sequence]


def test_a_figure_taken_back_before_what_is_searched_still_opens_a_correction(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = office.published()
    office.change("township_a", "done", None)
    office.report("2026-10", FIGURES)
    monkeypatch.setattr(changed, "MOST_SEARCHED", 1)
    [told] = [problem.text("zh") for problem in changed.what_changed(run)]
    assert f"有数据被撤回（本次用到的期间：{MONTH}）" in told
    assert services.correct(office.analyst, run.pk, "复核数据").version == run.version + 1


def test_formulas_are_looked_through_as_often_for_many_facts_as_for_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, calls = office.published(), 0
    original = changed.elements_of

    def counted(formula: Node) -> tuple[str, ...]:
        nonlocal calls
        calls += 1
        return original(formula)

    def asked() -> int:
        nonlocal calls
        calls = 0
        named(run)
        return calls

    monkeypatch.setattr(changed, "elements_of", counted)
    office.change("township_a", "cases", 3, "2026-05")
    once = asked()
    for month in ("2026-02", "2026-03", "2026-04"):
        office.report(month, FIGURES)
    assert asked() == once > 0
