"""Sheets for other evaluations: filled by the system, confirmed by people, sent out with nothing hidden in them."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from jingtu.assessment.outputs import queries, services
from jingtu.assessment.outputs.layout import from_json, read_layout, to_json
from jingtu.assessment.outputs.models import Item, LayoutVersion, Sheet
from jingtu.assessment.outputs.published import sent_states
from jingtu.assessment.outputs.rules import Kept, Origin, Source, Status, status_of
from jingtu.core.audit.models import AuditEntry
from jingtu.core.facts import disclosure
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from tests.assessment.office import Office
from tests.assessment.outputs.layouts import LAYOUT

FILE = ("证据.csv", [b"a,b\n1,2\n"])


def lines(office: Office, sheet: Sheet, role: str = "analyst") -> dict[str, queries.Line]:
    actor = office.cast.actor(role, "ancestor")
    return {line.row.code: line for line in queries.sheet_page(actor, sheet.pk).lines}


@pytest.fixture
def layout(office: Office) -> LayoutVersion:
    return services.save_layout(SYSTEM, LAYOUT, "初版")


def made(office: Office, place: str = "county_a", month: str = "2026-09") -> Sheet:
    return services.make_sheet(office.analyst, "performance", office.cast.places[place].pk, month)


def test_a_published_run_fills_the_sheet_and_says_which(office: Office, layout: LayoutVersion) -> None:
    run = office.published()
    found = lines(office, made(office))
    rate = found["rate"]
    assert (rate.value, rate.status, rate.origin, rate.run_id) == (
        "70.00",
        Status.PUBLISHED,
        Origin.RUN,
        run.pk,
    )
    assert (rate.met, rate.requirement) == ("watch", "≥90%")
    assert (found["due"].value, found["due"].origin) == ("60", Origin.RUN)
    assert found["asked"].value == "≥90%"
    assert found["practice"].status == Status.NEEDS_EVIDENCE


def test_without_a_publication_values_are_provisional_and_the_file_says_so(
    office: Office, layout: LayoutVersion
) -> None:
    sheet = made(office)
    rate = lines(office, sheet)["rate"]
    assert (rate.status, rate.origin) == (Status.PROVISIONAL, Origin.FACTS)
    content, name = services.export(office.analyst, sheet.pk, "xlsx", "zh")
    assert name.endswith("绩效表（示例）.xlsx")
    texts = [str(cell.value) for page in load_workbook(io.BytesIO(content)) for row in page for cell in row]
    assert "70.00（暂定）" in texts
    assert any("未发布" in text for text in texts)


def test_small_counts_go_out_to_nobody_not_even_for_those_who_may_see_them(
    office: Office, layout: LayoutVersion
) -> None:
    office.report("2026-09", {"township_b": (3, 2, 9)})
    office.published()
    sheet = made(office, "county_b")
    found = lines(office, sheet)
    assert (found["rate"].value, found["rate"].status) == (None, Status.SUPPRESSED)
    assert found["due"].value is None
    assert found["cases"].value == "9"
    content, _name = services.export(office.analyst, sheet.pk, "docx", "zh")
    text = "\n".join(
        cell.text
        for table in Document(io.BytesIO(content)).tables
        for row in table.rows
        for cell in row.cells
    )
    assert "66.67" not in text
    assert "小数保护" in text
    with pytest.raises(InvalidInput):
        services.confirm(office.analyst, sheet.pk, "rate", "66.67")


def test_a_person_confirms_what_they_saw_and_is_told_when_it_changes(
    office: Office, layout: LayoutVersion
) -> None:
    sheet = made(office)
    with pytest.raises(InvalidInput):
        services.confirm(office.analyst, sheet.pk, "rate", "71.00")
    services.confirm(office.analyst, sheet.pk, "rate", "70.00", "已与业务科核对")
    assert lines(office, sheet)["rate"].status == Status.CONFIRMED
    office.change("township_a2", "done", 9)
    rate = lines(office, sheet)["rate"]
    assert (rate.status, rate.value, rate.now) == (Status.STALE, "70.00", "80.00")
    services.confirm(office.analyst, sheet.pk, "rate", "80.00")
    again = lines(office, sheet)["rate"]
    assert (again.status, again.value, again.now) == (Status.CONFIRMED, "80.00", None)


def test_figures_sent_out_unpublished_are_protected_like_published_ones(
    office: Office, layout: LayoutVersion
) -> None:
    sheet = made(office)
    found = lines(office, sheet)
    services.confirm(office.analyst, sheet.pk, "due", found["due"].value or "")
    seen = int(found["due"].mark.removeprefix("facts:"))
    office.change("township_a2", "done", 4)
    newest = int(lines(office, sheet)["rate"].mark.removeprefix("facts:"))
    assert newest > seen
    services.send(office.reviewer, sheet.pk)
    end = dt.date(2026, 9, 30)
    # What was confirmed stands as it was then, the rest as it is now; both are behind the sheet.
    tree = office.cast.tree.pk
    assert sorted(sent_states()) == [(tree, seen, end), (tree, newest, end)]
    office.change("township_a2", "done", 5)
    earlier = disclosure.decision(office.cast.tree)._published
    assert {(seen, end), (newest, end)} <= set(earlier)


def test_what_a_publication_filled_is_protected_by_the_publication(
    office: Office, layout: LayoutVersion
) -> None:
    office.published()
    sheet = made(office)
    assert {line.origin for line in lines(office, sheet).values()} == {Origin.RUN, Origin.NONE}
    services.send(office.reviewer, sheet.pk)
    assert sent_states() == []


def test_a_confirmed_value_that_became_small_is_not_told_any_more(
    office: Office, layout: LayoutVersion
) -> None:
    sheet = made(office, "county_b")
    services.confirm(office.analyst, sheet.pk, "rate", "100.00")
    office.change("township_b", "due", 3)
    office.change("township_b", "done", 2)
    rate = lines(office, sheet)["rate"]
    assert (rate.value, rate.now) == (None, "")


def test_a_text_needs_words_and_where_asked_a_file(office: Office, layout: LayoutVersion) -> None:
    sheet = made(office)
    with pytest.raises(InvalidInput):
        services.answer(office.analyst, sheet.pk, "practice", "  ")
    with pytest.raises(InvalidInput):
        services.answer(office.analyst, sheet.pk, "rate", "七成")
    services.answer(office.analyst, sheet.pk, "practice", "月调度")
    assert lines(office, sheet)["practice"].status == Status.NEEDS_EVIDENCE
    services.add_evidence(office.analyst, sheet.pk, "practice", [FILE])
    done = lines(office, sheet)["practice"]
    assert (done.status, done.text) == (Status.CONFIRMED, "月调度")
    assert [name for _pk, name in done.evidence] == ["证据.csv"]


def test_what_was_sent_stays_and_a_correction_is_a_further_issue(
    office: Office, layout: LayoutVersion
) -> None:
    sheet = made(office)
    services.confirm(office.analyst, sheet.pk, "cases", "13")
    services.send(office.reviewer, sheet.pk)
    office.change("township_a", "cases", 6)
    assert lines(office, sheet)["cases"].value == "13"
    acts: list[Any] = [
        lambda: services.confirm(office.analyst, sheet.pk, "cases", "14"),
        lambda: services.answer(office.analyst, sheet.pk, "practice", "x"),
        lambda: services.send(office.reviewer, sheet.pk),
    ]
    for act in acts:
        with pytest.raises(Conflict):
            act()
    second = made(office)
    assert second.issue == 2
    assert lines(office, second)["cases"].value == "14"
    with pytest.raises(Conflict):
        made(office)


def test_a_new_version_of_a_layout_leaves_sheets_as_they_are(office: Office, layout: LayoutVersion) -> None:
    sheet = made(office)
    later = services.save_layout(SYSTEM, LAYOUT.replace("zh: 案件", "zh: 破案"), "改名")
    assert later.number == 2
    assert lines(office, sheet)["cases"].row.title_zh == "案件"
    with pytest.raises(InvalidInput):
        services.save_layout(SYSTEM, LAYOUT.replace("zh: 案件", "zh: 破案"), "同样的")


def test_of_two_who_make_a_sheet_at_once_one_is_told_that_it_stands(
    office: Office, layout: LayoutVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = services.now

    def somebody_is_faster() -> Any:
        monkeypatch.setattr(services, "now", now)
        Sheet.objects.create(
            version=layout,
            code=layout.code,
            region=office.cast.places["county_a"],
            period="2026-09",
            made_at=now(),
        )
        return now()

    monkeypatch.setattr(services, "now", somebody_is_faster)
    with pytest.raises(Conflict) as refused:
        made(office)
    assert refused.value.problem.code == "outputs.sheet_stands"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("indicator: RATE", "indicator: NOPE", "outputs.unknown_indicator"),
        ("element: due", "element: nope", "outputs.unknown_element"),
        ("periods: [month]", "periods: [moon]", "outputs.bad_period"),
        ("code: cases", "code: rate", "outputs.row_twice"),
        ("columns: [number, title", "columns: [number, colour, title", "outputs.bad_column"),
        ("{zh: 做法, en: Practice}", "{zh: 做法}", "outputs.missing_words"),
        ("code: performance", "code: 绩效", "outputs.bad_code"),
        ("rows:", "rows: [", "outputs.bad_yaml"),
        ("rows:", "rows: " + "[" * 3000, "outputs.bad_yaml"),
        ("code: performance", "code: 2024-99-99", "outputs.bad_yaml"),
        ("code: performance", "code: 0x" + "f" * 6000, "outputs.bad_yaml"),
        ("code: performance", "code: !!timestamp x", "outputs.bad_yaml"),
        ("code: performance", "code: !!int ''", "outputs.bad_yaml"),
        ("level: county", "level: &a [x]\nnote: *a", "outputs.bad_yaml"),
        ("zh: 做法", 'zh: "做\\0法"', "outputs.control_characters"),
        ("level: county", 'level: "\\ud800"', "outputs.control_characters"),
    ],
)
def test_a_wrong_layout_is_refused_with_the_place(office: Office, old: str, new: str, said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        services.save_layout(SYSTEM, LAYOUT.replace(old, new, 1), "x")
    assert said in {problem.code for problem in refused.value.problems}
    assert all(problem.text("en") for problem in refused.value.problems)


@pytest.mark.parametrize("text", ["", "not a layout", "- code: a"])
def test_a_file_that_is_no_layout_is_told_how_one_is_written(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_layout(text)
    assert "code: …" in refused.value.problems[0].text()


def test_a_layout_survives_being_stored() -> None:
    layout = read_layout(LAYOUT)
    assert from_json(to_json(layout)) == layout


@given(
    origin=st.sampled_from(list(Origin)),
    value=st.none() | st.sampled_from(["1", "2"]),
    state=st.sampled_from(["ok", "missing", "suppressed"]),
    kept=st.none()
    | st.builds(
        Kept,
        value=st.sampled_from(["", "1", "2"]),
        text=st.sampled_from(["", "x"]),
        confirmed=st.booleans(),
        files=st.integers(0, 1),
    ),
    row=st.sampled_from(read_layout(LAYOUT).items),
)
def test_nothing_is_done_without_a_person_and_the_value_they_saw(
    origin: Origin, value: str | None, state: str, kept: Kept | None, row: Any
) -> None:
    status = status_of(row, Source(value, state, origin), kept)
    if status == Status.CONFIRMED:
        assert kept is not None
        assert kept.confirmed
        assert kept.files or not row.evidence
        assert kept.text if row.kind == "text" else kept.value == value


def test_neighbours_know_nothing_of_a_sheet_and_nobody_fills_anothers(
    office: Office, layout: LayoutVersion
) -> None:
    sheet = made(office)
    for role, relation in (("analyst", "sibling"), ("viewer", "sibling"), ("auditor", "")):
        with pytest.raises(NotFound):
            queries.sheet_page(office.cast.actor(role, relation), sheet.pk)
    with pytest.raises(PermissionDenied):
        services.confirm(office.cast.actor("reporter", "own"), sheet.pk, "cases", "13")
    with pytest.raises(PermissionDenied):
        services.save_layout(office.cast.actor("viewer", "own"), LAYOUT, "x")


def test_level_and_period_must_fit(office: Office, layout: LayoutVersion) -> None:
    for place, month in (("city", "2026-09"), ("county_a", "2026-Q3"), ("county_a", "2199-01")):
        with pytest.raises(InvalidInput):
            made(office, place, month)


def test_every_export_is_counted_and_written_down(office: Office, layout: LayoutVersion) -> None:
    sheet = made(office)
    client = Client()
    client.force_login(office.cast.user("analyst", "ancestor"))
    for extension in ("xlsx", "docx", "pdf"):
        response = client.get(reverse("outputs:export", args=[sheet.pk, extension]))
        assert response.status_code == 200
    sheet.refresh_from_db()
    assert sheet.exports == 3
    entries = AuditEntry.objects.filter(action="outputs.exported")
    assert {entry.after["rows"] for entry in entries} == {5}


def test_the_page_is_worked_through_by_hand(office: Office, layout: LayoutVersion) -> None:
    client = Client()
    client.force_login(office.cast.user("analyst", "ancestor"))
    empty = client.get(reverse("outputs:list")).content.decode()
    assert "还没有外报表" in empty
    response = client.post(
        reverse("outputs:list"),
        {"layout": "performance", "region": office.cast.places["county_a"].pk, "period": "2026-09"},
    )
    assert response.status_code == 302
    sheet = Sheet.objects.get()
    page = reverse("outputs:detail", args=[sheet.pk])
    assert "暂定，未发布" in client.get(page).content.decode()
    client.post(reverse("outputs:confirm", args=[sheet.pk, "cases"]), {"seen": "13"})
    assert Item.objects.get(row="cases").confirmed_by == office.cast.user("analyst", "ancestor")
    assert "已核定" in client.get(page, {"state": "confirmed"}).content.decode()
    form = client.get(reverse("outputs:item", args=[sheet.pk, "practice"])).content.decode()
    assert 'name="text"' in form
    assert "请由另一人核对后报出" in client.get(page).content.decode()
    assert client.post(reverse("outputs:send", args=[sheet.pk])).status_code == 409
    second = Client()
    second.force_login(office.cast.user("reviewer", "ancestor"))
    second.post(reverse("outputs:send", args=[sheet.pk]))
    assert "不再改动" in client.get(page).content.decode()


def test_who_confirmed_an_item_does_not_send_the_sheet(office: Office, layout: LayoutVersion) -> None:
    sheet = made(office)
    with pytest.raises(Conflict) as refused:  # nobody has looked at it but who made it
        services.send(office.analyst, sheet.pk)
    assert refused.value.problem.code == "outputs.own_hand"
    services.confirm(office.reviewer, sheet.pk, "cases", "13")
    with pytest.raises(Conflict):
        services.send(office.reviewer, sheet.pk)
    assert services.send(office.analyst, sheet.pk).sent_by == office.cast.user("analyst", "ancestor")


def test_what_was_sent_and_is_small_by_now_is_told_to_those_alone_who_may_see_it(
    office: Office, layout: LayoutVersion
) -> None:
    for published in (False, True):
        if published:
            office.published()
        sheet = made(office, "county_b")
        assert lines(office, sheet)["rate"].origin == (Origin.RUN if published else Origin.FACTS)
        services.send(office.reviewer, sheet.pk)
    office.change("township_b", "due", 3)
    office.change("township_b", "done", 2)
    for sheet in Sheet.objects.all():
        viewer = lines(office, sheet, "viewer")
        assert (viewer["rate"].value, viewer["rate"].state) == (None, "suppressed")
        assert viewer["due"].value is None
        assert viewer["cases"].value == "9"
        assert lines(office, sheet)["rate"].value == "100.00"
        content, _name = services.export(office.analyst, sheet.pk, "xlsx", "zh")
        texts = [
            str(cell.value) for page in load_workbook(io.BytesIO(content)) for row in page for cell in row
        ]
        assert not any("100.00" in text for text in texts)


def test_a_sheet_that_was_sent_reads_in_both_languages(office: Office, layout: LayoutVersion) -> None:
    sheet = made(office)
    services.send(office.reviewer, sheet.pk)
    viewer = office.cast.actor("viewer", "ancestor")
    for language, unit, asked in (("zh", "人", "≥90%"), ("en", "persons", "≥90%")):
        page = queries.sheet_page(viewer, sheet.pk, language=language)
        found = {line.row.code: line for line in page.lines}
        assert (found["due"].unit, found["asked"].value) == (unit, asked)


def test_evidence_of_a_sent_sheet_is_for_those_who_read_the_figures(
    office: Office, layout: LayoutVersion
) -> None:
    sheet = made(office)
    services.add_evidence(office.analyst, sheet.pk, "practice", [FILE])
    services.send(office.reviewer, sheet.pk)
    stored = StoredFile.objects.get(name="证据.csv")
    for role, answer in (("viewer", 404), ("leader", 200)):
        client = Client()
        client.force_login(office.cast.user(role, "own"))
        page = client.get(reverse("outputs:detail", args=[sheet.pk]))
        assert page.status_code == 200
        assert ("证据.csv" in page.content.decode()) is (answer == 200)
        assert client.get(reverse("files:download", args=[stored.pk])).status_code == answer


def test_of_two_who_save_a_layout_at_once_one_is_told_so(
    office: Office, layout: LayoutVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = services.now

    def somebody_is_faster() -> Any:
        monkeypatch.setattr(services, "now", now)
        services.save_layout(SYSTEM, LAYOUT.replace("zh: 案件", "zh: 立案"), "先到")
        return now()

    monkeypatch.setattr(services, "now", somebody_is_faster)
    with pytest.raises(Conflict) as refused:
        services.save_layout(SYSTEM, LAYOUT.replace("zh: 案件", "zh: 破案"), "后到")
    assert refused.value.problem.code == "outputs.version_stands"


def test_the_cost_of_a_sheet_does_not_grow_with_its_rows(
    office: Office, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    office.published()
    more = "".join(
        f"  - {{code: more{n}, indicator: RATE, title: {{zh: 第{n}项, en: 'No. {n}'}}}}\n" for n in range(30)
    )
    services.save_layout(SYSTEM, LAYOUT + more, "多行")
    sheet = made(office)
    lines(office, sheet)
    with django_assert_max_num_queries(20):
        assert len(lines(office, sheet)) == 35
