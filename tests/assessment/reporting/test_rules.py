"""The rules by themselves: states, deadlines, reminders, checks, totals, and definitions as text."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from jingtu.assessment.reporting.definition import (
    Deadline,
    Item,
    Line,
    Section,
    from_json,
    lines_of,
    problems_of,
    to_json,
)
from jingtu.assessment.reporting.definition_text import read_sections, write_sections
from jingtu.assessment.reporting.rules import (
    OPEN,
    TRANSITIONS,
    CellValue,
    ReminderKind,
    ReportAction,
    ReportState,
    Timeliness,
    check_cells,
    is_open,
    next_state,
    reminder_due,
    timeliness,
    totals,
)
from jingtu.engine.elements import Element, ElementKind
from jingtu.engine.periods import Period
from tests.assessment.reporting.desk import definition


def element(code: str, **more: object) -> Element:
    return Element(code, f"元素{code}", code, ElementKind.FLOW, "cases", **more)  # type: ignore[arg-type]


ELEMENTS = {
    found.code: found
    for found in (
        element("whole"),
        element("part", parts_of="whole"),
        element("other", parts_of="whole"),
        element("aged", dimensions={"age": ("young", "old")}),
        element("done"),
    )
}


def test_only_acceptance_ends_a_report_and_every_state_can_be_left() -> None:
    for (state, _action), after in TRANSITIONS.items():
        assert after in ReportState
        assert any(start is after for start, _ in TRANSITIONS), after
        assert state is not after or state in OPEN or state is ReportState.IN_REVIEW
    assert next_state(ReportState.ACCEPTED, ReportAction.FILL) is None
    assert next_state(ReportState.SUBMITTED, ReportAction.FILL) is None
    assert next_state(ReportState.IN_REVIEW, ReportAction.WITHDRAW) is None


@given(st.sampled_from(ReportState), st.booleans())
def test_what_was_handed_in_is_open_only_where_it_was_sent_back(state: ReportState, returned: bool) -> None:
    opened = is_open(state, returned)
    if state in (ReportState.RETURNED, ReportState.REOPENED):
        assert opened is returned
    else:
        assert opened is (state in (ReportState.NOT_STARTED, ReportState.DRAFT))


@pytest.mark.parametrize(
    ("period", "deadline", "day"),
    [
        ("2026-09", Deadline(5), "2026-10-13"),  # the national holiday, with the Saturday that was worked
        ("2026-10", Deadline(5), "2026-11-06"),
        ("2026-10", Deadline(5, "days"), "2026-11-05"),
        ("2026-11-20", Deadline(0, "days"), "2026-11-20"),
        ("2026-W44", Deadline(1), "2026-11-02"),
    ],
)
def test_deadlines_count_days_or_the_days_offices_work(period: str, deadline: Deadline, day: str) -> None:
    assert deadline.term(Period.parse(period)).day.isoformat() == day


def at(day: int, hour: int = 12) -> dt.datetime:
    return timezone.make_aware(dt.datetime(2026, 11, day, hour))


DUE = at(6, 18)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (at(3), None),
        (at(5), ReminderKind.BEFORE),
        (at(6, 8), ReminderKind.AT),
        (at(6, 20), ReminderKind.AT),
        (at(7, 7), ReminderKind.AFTER),
        (at(30), ReminderKind.AFTER),
        (timezone.make_aware(dt.datetime(2026, 12, 30)), None),
    ],
)
def test_one_reminder_is_right_at_a_time(moment: dt.datetime, expected: ReminderKind | None) -> None:
    assert reminder_due(DUE, moment, 31) is expected


def test_a_daily_form_reminds_hours_before_not_on_the_whole_day() -> None:
    assert reminder_due(DUE, at(6, 8), 1) is None
    assert reminder_due(DUE, at(6, 16), 1) is ReminderKind.BEFORE


@given(st.integers(-100, 100), st.integers(0, 100) | st.none())
def test_timeliness_is_told_by_the_first_submission_alone(sent: int, now: int | None) -> None:
    handed_in = DUE + dt.timedelta(hours=sent)
    moment = DUE + dt.timedelta(hours=now or 0)
    assert timeliness(DUE, handed_in, moment) is (Timeliness.ON_TIME if sent <= 0 else Timeliness.LATE)
    waiting = timeliness(DUE, None, moment)
    assert waiting is (Timeliness.OVERDUE if moment > DUE else Timeliness.PENDING)


def form(*items: Item) -> tuple[Line, ...]:
    return lines_of(definition(sections=(Section("甲", "A", items=items),)), ELEMENTS)


NAMES = {key: key for key in ("whole", "part", "other", "aged", "done", "aged|age=young", "aged|age=old")}


@given(st.lists(st.integers(0, 10**9) | st.none(), min_size=4, max_size=4))
def test_totals_stand_exactly_where_every_part_is_given(figures: list[int | None]) -> None:
    lines = form(Item("whole"), Item("part"), Item("other"), Item("aged", by="age"))
    keys = ("part", "other", "aged|age=young", "aged|age=old")
    values = {key: CellValue(figure) for key, figure in zip(keys, figures, strict=True)}
    found = totals(lines, values)
    for whole, parts in (("whole", figures[:2]), ("aged", figures[2:])):
        known = [part for part in parts if part is not None]
        assert (found[whole].value if whole in found else None) == (sum(known) if len(known) == 2 else None)


def check(
    values: dict[str, CellValue], previous: dict[str, int] | None = None, complete: bool = True
) -> list[tuple[str, str]]:
    lines = form(Item("whole"), Item("done"), Item("aged", required=False))
    found = check_cells(
        lines, NAMES, ELEMENTS, values, previous or {}, [("done", "whole")], complete=complete
    )
    return [(problem.key, problem.problem.code.rpartition(".")[2]) for problem in found]


def test_the_checks_name_what_is_missing_above_its_whole_or_jumps() -> None:
    assert check({}) == [("whole", "report_required"), ("done", "report_required")]
    assert check({}, complete=False) == []
    assert check({"whole": CellValue(None, note="无此业务"), "done": CellValue(1)}) == []
    assert check({"whole": CellValue(3), "done": CellValue(4)}) == [("done", "report_part")]
    # An inexact figure cannot be said to exceed anything.
    assert check({"whole": CellValue(3, exact=False), "done": CellValue(4)}) == []
    values = {"whole": CellValue(31), "done": CellValue(1)}
    assert check(values, {"whole": 10}) == [("whole", "report_jump")]
    assert check(values | {"whole": CellValue(31, note="并村")}, {"whole": 10}) == []
    assert check(values | {"whole": CellValue(30)}, {"whole": 10}) == []
    assert check(values | {"whole": CellValue(9), "done": CellValue(1)}, {"whole": 0}) == []


def test_what_is_wrong_with_a_definition_is_named_at_once() -> None:
    wrong = definition(
        name_en=" ",
        cadence="fortnight",
        review=(),
        deadline=Deadline(400, "days", "25:00"),
        valid_to=dt.date(2020, 1, 1),
        sections=(Section("甲", "A", items=(Item("odd"), Item("done", by="age"), Item("done"))),),
    )
    assert [problem.code for problem in problems_of(wrong, ELEMENTS)] == [
        "form.no_name",
        "form.bad_cadence",
        "form.no_review",
        "form.bad_deadline",
        "form.dates_reversed",
        "form.unknown_element",
        "form.unknown_dimension",
        "form.repeated_element",
    ]


WORDS = st.text(st.characters(categories=("Lu", "Ll", "Nd", "Lo")), min_size=1, max_size=8)
ITEMS = st.builds(
    Item,
    st.sampled_from(sorted(ELEMENTS)),
    st.sampled_from(["", "age"]),
    st.booleans(),
    st.sampled_from(["typed", "below"]),
)


@given(
    st.lists(
        st.builds(Section, WORDS, WORDS, WORDS, WORDS, st.lists(ITEMS, min_size=1).map(tuple)), min_size=1
    )
)
def test_a_definition_survives_its_two_spellings(sections: list[Section]) -> None:
    written = definition(sections=tuple(sections))
    assert read_sections(write_sections(written.sections)) == written.sections
    assert from_json(to_json(written)) == written
