"""Another card over the published periods of a year."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from typer.testing import CliRunner

from jingtu.assessment.runs import services
from jingtu.assessment.runs.models import Run
from jingtu.assessment.simulations import retrospecting
from jingtu.assessment.simulations.commands import app
from jingtu.assessment.simulations.queries import Asked, try_out
from jingtu.assessment.simulations.retrospecting import Wanted, look_back
from jingtu.core.audit.models import AuditEntry
from jingtu.core.facts.models import FactBatch
from jingtu.core.jobs.models import Job
from jingtu.core.jobs.runner import run_job
from jingtu.core.kernel.errors import NotFound
from jingtu.engine.problems import InvalidInput
from tests.assessment.office import CATALOGUE, FIGURES, Office, version_of
from tests.taken import taken_out

pytestmark = pytest.mark.django_db
OTHER = (
    CATALOGUE.replace("version: 1", "version: 2")
    .replace("points: 60", "points: 95")
    .replace("points: 40", "points: 5")
)


@pytest.fixture
def year(office: Office) -> Office:
    """Two published months, and a catalogue after them that weighs the rate much more."""
    office.report("2026-08", {**FIGURES, "township_a": (40, 30, 2), "township_a2": (20, 20, 2)})
    office.published("2026-08")
    office.published()
    version_of(OTHER)
    return office


def latest(office: Office) -> Run:
    return Run.objects.get(period="2026-09", state="published")


def test_every_published_month_is_scored_by_the_newest_card_and_none_is_changed(year: Office) -> None:
    run = latest(year)
    before = list(Run.objects.values_list("publication_hash", "state")), FactBatch.objects.count()
    looked = look_back(year.analyst, run.pk, Wanted())
    assert looked.found.periods == ["2026-08", "2026-09"]
    assert looked.catalogue == 2
    assert not looked.left_out
    for number, period in enumerate(looked.found.periods):
        alone = try_out(year.analyst, Run.objects.get(period=period).pk, Asked(catalogue=2))
        cells = {line.name: line.cells[number] for line in looked.found.lines}
        for move, name in alone.moves:
            cell = cells[name]
            assert cell is not None
            assert (cell.old_rank, cell.new_rank, cell.new_total) == (
                move.old_rank,
                move.new_rank,
                move.new_total,
            )
    assert (list(Run.objects.values_list("publication_hash", "state")), FactBatch.objects.count()) == before


def test_the_card_as_published_moves_nobody(year: Office) -> None:
    looked = look_back(year.analyst, latest(year).pk, Wanted(2026, Asked(catalogue=1)))
    assert looked.found.movers == []
    moved = look_back(year.analyst, latest(year).pk, Wanted(2026, Asked(points={"RATE": "0"}, catalogue=1)))
    assert any(
        cell is not None and cell.old_total != cell.new_total
        for line in moved.found.lines
        for cell in line.cells
    )


def test_periods_that_rest_on_hidden_counts_are_left_out_for_those_who_may_not_see_them(year: Office) -> None:
    year.change("township_b", "due", 3)
    year.change("township_b", "done", 2)
    first = latest(year)
    corrected = services.correct(year.analyst, first.pk, "乙镇更正人数")
    services.approve_and_publish(year.reviewer, services.submit_for_review(year.analyst, corrected.pk).pk)
    viewer = year.cast.actor("viewer", "ancestor")
    looked = look_back(viewer, latest(year).pk, Wanted())
    hidden = {one.period for one in looked.left_out}
    assert "2026-09" in hidden
    assert looked.left_out[0].text("en").startswith("September 2026: ")
    assert "2026-09" not in looked.found.periods


def test_a_year_without_published_periods_is_refused(year: Office) -> None:
    with pytest.raises(InvalidInput, match="2019"):
        look_back(year.analyst, latest(year).pk, Wanted(2019))


def test_the_page_shows_ranks_and_the_file_has_every_cell(year: Office, client: Client) -> None:
    client.force_login(year.analyst.user)
    page = f"/runs/{latest(year).pk}/retrospect/"
    shown = client.get(page)
    text = shown.content.decode()
    assert shown.status_code == 200
    assert "这是模拟，不是考核结果" in text
    assert "2026年8月" in text
    assert len(shown.context["looked"].found.movers) == 2  # so the chart is drawn
    assert "retrospect-option" in text
    assert client.get(page, {"year": "2019"}).status_code == 400
    assert client.get(page, {"w.CASES": "abc"}).status_code == 400
    assert client.get(page + "export.csv", {"year": "2019"}).status_code == 400
    stamp, head, rows = taken_out(client.get(page + "export.csv"))
    assert (head[0], len(rows)) == ("地区或单位", 2 * 2)
    assert stamp["说明"] == "这是模拟，不是考核结果。"
    entry = AuditEntry.objects.get(action="simulations.look_back_exported")
    assert (stamp["导出登记"], entry.region_id) == (f"#{entry.sequence}", year.city.pk)
    assert entry.after == {"rows": 4, "filter": stamp["筛选条件"], "year": 2026, "catalogue": 2}


def test_the_page_reads_the_published_periods_once(year: Office, client: Client) -> None:
    client.force_login(year.analyst.user)
    with CaptureQueriesContext(connection) as asked:
        client.get(f"/runs/{latest(year).pk}/retrospect/")
    lists = [one["sql"] for one in asked if 'ORDER BY "runs_run"."period_end" ASC' in one["sql"]]
    assert len(lists) == 1


def test_a_job_is_not_begun_for_what_is_not_there(year: Office, client: Client) -> None:
    client.force_login(year.analyst.user)
    page = f"/runs/{latest(year).pk}/retrospect/start/"
    assert client.post(page + "?year=2019").status_code in (400, 422)
    assert client.post(page + "?catalogue=99").status_code == 404
    assert not Job.objects.exists()


def test_a_long_one_is_a_job_that_only_its_owner_reads(
    year: Office, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrospecting, "AT_ONCE", 1)
    client.force_login(year.analyst.user)
    page = f"/runs/{latest(year).pk}/retrospect/"
    assert "后台推演" in client.get(page).content.decode()
    client.post(page + "start/?catalogue=1")
    job = Job.objects.get(kind=retrospecting.JOB_KIND)
    assert "正在后台推演" in client.get(page, {"job": job.pk}).content.decode()
    early = client.get(page + "export.csv", {"job": job.pk})
    assert (early.status_code, early.headers.get("Location")) == (302, f"{page}?job={job.pk}")
    run_job.call(job.pk)
    done = client.get(page, {"job": job.pk})
    assert done.context["looked"].catalogue == 1
    client.force_login(year.reviewer.user)
    assert client.get(page, {"job": job.pk}).status_code == 404
    with pytest.raises(NotFound):
        retrospecting.of_job(year.reviewer, latest(year).pk, job.pk)


def test_what_a_job_found_is_shown_with_the_rights_of_the_moment(
    year: Office, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrospecting, "AT_ONCE", 1)
    # Few people were due in August: those who may see small counts alone may weigh them otherwise.
    year.report(
        "2026-08", {**FIGURES, "township_a": (40, 30, 2), "township_a2": (20, 20, 2), "township_b": (3, 2, 9)}
    )
    services.correct(year.analyst, Run.objects.get(period="2026-08", state="published").pk, "补录数据")
    draft = Run.objects.get(period="2026-08", state="checked")
    for finding in draft.findings.filter(severity="error", state="open"):
        services.answer_finding(year.analyst, finding.pk, "已与当地核实")
    services.submit_for_review(year.analyst, draft.pk)
    services.approve_and_publish(year.reviewer, draft.pk)
    client.force_login(year.analyst.user)
    page = f"/runs/{latest(year).pk}/retrospect/"
    client.post(page + "start/?catalogue=1")
    job = Job.objects.get(kind=retrospecting.JOB_KIND)
    run_job.call(job.pk)
    whole = retrospecting.of_job(year.analyst, latest(year).pk, job.pk)
    assert whole is not None
    assert (whole.found.periods, whole.left_out) == (["2026-08", "2026-09"], ())
    viewer = year.cast.actor("viewer", "ancestor")
    Job.objects.filter(pk=job.pk).update(owner_id=viewer.user_id)
    part = retrospecting.of_job(viewer, latest(year).pk, job.pk)
    assert part is not None
    assert part.found.periods == ["2026-09"]
    assert [one.why.code for one in part.left_out] == ["simulations.period_locked"]
    assert all(len(line.cells) == 1 for line in part.found.lines)


def test_the_command_prints_it(year: Office) -> None:
    name = year.analyst.user.username
    said = CliRunner().invoke(app, ["retrospect", str(latest(year).pk), "--as", name, "--json"])
    assert said.exit_code == 0, said.output
    assert '"2026-08"' in said.output
    wrong = CliRunner().invoke(app, ["retrospect", str(latest(year).pk), "--year", "2019", "--as", name])
    assert wrong.exit_code == 2
