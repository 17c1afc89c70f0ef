"""Figures that come another way while a report waits for its last review: told, side by side, chosen, never lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from typer.testing import CliRunner

from jingtu.assessment.indicators.services import import_catalogue
from jingtu.assessment.reporting import services
from jingtu.assessment.reporting.commands import app
from jingtu.assessment.reporting.definition_text import read_sections
from jingtu.assessment.reporting.models import Report, ReportEvent
from jingtu.assessment.reporting.services import Choice, Chosen, Keep
from jingtu.core.accounts.models import Post
from jingtu.core.accounts.rules import Module
from jingtu.core.audit.models import AuditEntry
from jingtu.core.facts import store
from jingtu.core.facts.services import change_fact, retract_fact, store_reported
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.kernel.errors import InvalidInput
from jingtu.engine.facttable import FactRow
from tests.assessment.office import CATALOGUE
from tests.assessment.reporting.desk import FORM, PERIOD, Desk, definition


def facts(desk: Desk) -> dict[str, int | None]:
    rows = store.read(desk.cast.tree.pk, None, None, [PERIOD], [desk.place()]).rows()
    return {row.element: row.value for row in rows}


def newest(desk: Desk) -> int:
    return store.latest_sequence(desk.cast.tree.pk)


@pytest.fixture
def overtaken(desk: Desk) -> Report:
    """A report at its last step (due 41, done 40, cases 6), while an import has said due 55 and cases 6."""
    report = desk.submitted()
    services.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    desk.office.report(PERIOD, {"township_a": (55, 40, 6)})
    report.refresh_from_db()
    return report


def test_nothing_is_replaced_until_the_reviewer_has_chosen(desk: Desk, overtaken: Report) -> None:
    with pytest.raises(InvalidInput) as refused:
        services.pass_reports(desk.city_reviewer, [Chosen(overtaken.pk)])
    (problem,) = refused.value.problems
    assert (problem.code, problem.column) == ("report.stands_already", "due")
    assert "41" in problem.text("zh")
    assert "55" in problem.text("zh")
    assert "choose for each cell" in problem.text("en")
    overtaken.refresh_from_db()
    assert overtaken.state == "in_review"
    assert facts(desk)["due"] == 55


def test_a_reviewer_who_may_not_see_small_counts_is_not_told_the_figure_that_stands(
    desk: Desk, overtaken: Report
) -> None:
    person = desk.cast.user("reviewer", "ancestor")
    Post.objects.filter(user=person).update(module=Module.FACTS)
    with pytest.raises(InvalidInput) as refused:
        services.pass_reports(desk.city_reviewer, [Chosen(overtaken.pk)])
    (problem,) = refused.value.problems
    assert "55" not in problem.text("zh") + problem.text("en")
    assert "41" in problem.text("zh")
    client = Client()
    client.force_login(person)
    address = reverse("reporting:fill", args=[FORM, PERIOD, desk.place()])
    page = client.get(address).content.decode()
    assert "rp-clashes" in page
    assert ">55<" not in page
    assert "55" not in page.partition('id="rp-clashes"')[2].partition("</section>")[0]
    Post.objects.filter(user=person).update(module="")
    assert ">55<" in client.get(address).content.decode()


def test_what_one_reviewer_tells_the_next_is_not_told_to_the_unit(desk: Desk) -> None:
    report = desk.submitted()
    services.pass_reports(desk.county_analyst, [Chosen(report.pk)], "此镇台账不全，请市里抽查")
    told = {}
    for who in (desk.cast.user("reporter", "descendant"), desk.cast.user("reviewer", "ancestor")):
        client = Client()
        client.force_login(who)
        page = client.get(reverse("reporting:fill", args=[FORM, PERIOD, desk.place()])).content.decode()
        told[who.username] = "请市里抽查" in page
    assert list(told.values()) == [False, True]


def test_the_reports_figure_replaces_the_other_only_by_choice_and_with_a_reason(
    desk: Desk, overtaken: Report
) -> None:
    mine = {overtaken.pk: {"due": Choice(Keep.REPORT, newest(desk))}}
    with pytest.raises(InvalidInput, match="say why"):
        services.pass_reports(desk.city_reviewer, [Chosen(overtaken.pk)], "", mine)
    services.pass_reports(desk.city_reviewer, [Chosen(overtaken.pk)], "台账核实为41", mine)
    assert facts(desk) == {"due": 41, "done": 40, "cases": 6}
    gone = ReportEvent.objects.get(action="replace")
    assert (gone.element, gone.value, gone.note) == ("due", 55, "台账核实为41")
    entry = AuditEntry.objects.get(action="reporting.chosen")
    assert (entry.before["standing"], entry.before["reported"]) == ({"due": "55"}, {"due": "41"})


def test_the_figure_that_stood_keeps_its_own_source_when_it_is_chosen(desk: Desk, overtaken: Report) -> None:
    batch = newest(desk)
    theirs = {overtaken.pk: {"due": Choice(Keep.STANDING, batch)}}
    services.pass_reports(desk.city_reviewer, [Chosen(overtaken.pk)], "", theirs)
    assert facts(desk)["due"] == 55
    rows = store.read(desk.cast.tree.pk, None, ["due"], [PERIOD], [desk.place()]).rows()
    assert [row.batch for row in rows] == [batch]
    cell = overtaken.cells.get(element="due")
    assert (cell.value, cell.origin) == (55, "given")
    assert ReportEvent.objects.get(action="keep").value == 41


def test_a_choice_made_on_another_figure_than_the_one_that_stands_is_asked_again(
    desk: Desk, overtaken: Report
) -> None:
    seen = newest(desk)
    desk.office.report(PERIOD, {"township_a": (57, 40, 6)})
    with pytest.raises(InvalidInput, match="another source"):
        services.pass_reports(
            desk.city_reviewer,
            [Chosen(overtaken.pk)],
            "旧",
            {overtaken.pk: {"due": Choice(Keep.REPORT, seen)}},
        )
    assert facts(desk)["due"] == 57


def test_a_correction_taken_back_is_not_undone_by_accepting_anew(desk: Desk) -> None:
    report = desk.accepted()
    services.unlock_cells(desk.cast.actor("analyst", "ancestor"), report.pk, {"cases": "复核发现多报"})
    desk.type({"cases": "5"})
    services.submit(desk.reporter, FORM, PERIOD, desk.place())
    retract_fact(desk.reporter, region_id=desk.place(), element="due", period=PERIOD, reason="口径有误")
    services.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    with pytest.raises(InvalidInput) as refused:
        services.pass_reports(desk.city_reviewer, [Chosen(report.pk)])
    assert [problem.column for problem in refused.value.problems] == ["due"]
    kept = {report.pk: {"due": Choice(Keep.STANDING, 0)}}
    services.pass_reports(desk.city_reviewer, [Chosen(report.pk)], "", kept)
    assert facts(desk) == {"done": 40, "cases": 5}


def test_a_correction_through_the_data_page_counts_too(desk: Desk) -> None:
    report = desk.submitted()
    services.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    change_fact(
        desk.reporter, region_id=desk.place(), element="done", period=PERIOD, value="39", reason="补录"
    )
    with pytest.raises(InvalidInput, match="another source"):
        services.pass_reports(desk.city_reviewer, [Chosen(report.pk)])


def test_the_same_figure_from_elsewhere_asks_nothing(desk: Desk) -> None:
    report = desk.submitted()
    services.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    desk.office.report(PERIOD, {"township_a": (41, 40, 6)})
    services.pass_reports(desk.city_reviewer, [Chosen(report.pk)])
    assert facts(desk) == {"due": 41, "done": 40, "cases": 6}


def reviewer(desk: Desk, language: str = "zh") -> Client:
    found = Client()
    found.force_login(desk.cast.user("reviewer", "ancestor"))
    found.cookies["django_language"] = language
    return found


def decide(found: Client, report: Report, **given: str) -> Any:
    data = {"act": "pass", "revision": report.revision, **given}
    return found.post(reverse("reporting:decide", args=[report.pk]), data, follow=True)


def test_on_the_page_both_figures_stand_side_by_side_and_none_is_chosen_beforehand(
    desk: Desk, overtaken: Report
) -> None:
    found = reviewer(desk)
    page = found.get(reverse("reporting:fill", args=[FORM, PERIOD, desk.place()])).content.decode()
    assert "提交之后来了不同的数" in page
    assert f'name="keep:due" value="report:{newest(desk)}"' in page
    assert f'name="keep:due" value="standing:{newest(desk)}"' in page
    assert 'name="keep:cases"' not in page
    assert 'type="radio" checked' not in page
    told = decide(found, overtaken).content.decode()
    assert "逐格选定以哪个数为准，再审核通过" in told
    assert facts(desk)["due"] == 55
    done = decide(found, overtaken, **{"keep:due": f"standing:{newest(desk)}"}).content.decode()
    assert "已审核通过" in done
    assert facts(desk)["due"] == 55


def test_in_english_the_page_says_what_to_do(desk: Desk, overtaken: Report) -> None:
    told = decide(reviewer(desk, "en"), overtaken).content.decode()
    assert "Other figures have come in since it was handed in" in told
    assert "choose for each cell which shall stand" in told


def test_the_board_accepts_none_of_many_while_one_waits_for_a_choice(desk: Desk, overtaken: Report) -> None:
    other = desk.submitted("township_a2", desk.cast.actor("reporter", "own"))
    services.pass_reports(desk.county_analyst, [Chosen(other.pk)])
    other.refresh_from_db()
    both = [f"{report.pk}:{report.revision}" for report in (overtaken, other)]
    told = reviewer(desk).post(reverse("reporting:accept"), {"report": both}, follow=True).content.decode()
    assert "一份也没有通过" in told
    assert "甲一镇" in told
    assert set(Report.objects.values_list("state", flat=True)) == {"in_review"}


def test_the_command_line_names_the_choice_and_takes_it(desk: Desk, overtaken: Report) -> None:
    name = desk.cast.user("reviewer", "ancestor").username
    code = desk.cast.places["township_a"].code
    line = ["accept", FORM, PERIOD, code, "--as", name, "--json"]
    refused = CliRunner().invoke(app, line)
    assert refused.exit_code == 2
    assert f"due=report:{newest(desk)}" in refused.output
    wrong = CliRunner().invoke(app, [*line, "--use", "due=mine"])
    assert wrong.exit_code == 2
    done = CliRunner().invoke(app, [*line, "--use", f"due=standing:{newest(desk)}"])
    assert json.loads(done.output)[0]["state"] == "accepted"


PARTS = (
    CATALOGUE.replace("version: 1", "version: 2")
    .replace("code: done,", "code: done, parts_of: due,")
    .replace(
        "elements:\n",
        "elements:\n  - {code: rest, parts_of: due, name: {zh: 其余, en: Rest}, kind: stock, unit: persons, decimals: 0,"
        " strand: recovery, source: form, status: V, definition: {zh: 其余, en: rest}}\n",
    )
)


def test_a_total_follows_the_part_that_was_kept(desk: Desk) -> None:
    import_catalogue(SYSTEM, PARTS)
    sections = read_sections("# 人员 | People\ndue\ndone\nrest")
    services.install_form(SYSTEM, FORM, desk.cast.tree, definition(sections=sections))
    desk.type({"done": "40", "rest": "1"})
    report = services.submit(desk.reporter, FORM, PERIOD, desk.place())
    assert report.cells.get(element="due").value == 41
    services.pass_reports(desk.county_analyst, [Chosen(report.pk)])
    store_reported(SYSTEM, desk.cast.tree, [FactRow("done", desk.place(), PERIOD, 30)], "依申诉更正")
    kept = {report.pk: {"done": Choice(Keep.STANDING, newest(desk))}}
    services.pass_reports(desk.city_reviewer, [Chosen(report.pk)], "", kept)
    assert facts(desk) == {"due": 31, "done": 30, "rest": 1}
