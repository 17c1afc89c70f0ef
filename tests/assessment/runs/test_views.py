from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from jingtu.assessment.runs import services
from jingtu.assessment.runs.models import Run
from jingtu.assessment.runs.queries import page
from tests.assessment.office import MONTH, Office


@pytest.fixture
def analyst(office: Office) -> Client:
    client = Client()
    client.force_login(office.cast.user("analyst", "ancestor"))
    return client


@pytest.fixture
def reviewer(office: Office) -> Client:
    client = Client()
    client.force_login(office.cast.user("reviewer", "ancestor"))
    return client


def begin(client: Client, office: Office, **changes: str) -> str:
    data = {"region": str(office.city.pk), "scorecard": "card", "level": "", "period": MONTH, "note": ""}
    response = client.post(reverse("runs:new"), data | changes)
    assert response.status_code == 302, response.content.decode()
    return response.headers["Location"]


def test_a_run_is_begun_submitted_and_signed_on_the_screens(
    office: Office, analyst: Client, reviewer: Client
) -> None:
    address = begin(analyst, office)
    page = analyst.get(address).content.decode()
    assert "已核查" in page
    assert "批准并发布" not in page
    assert analyst.post(f"{address}submit/", {"reason": ""}).status_code == 302
    asked = reviewer.get(f"{address}publish/").content.decode()
    assert "任何人都不能修改" in asked
    signed = reviewer.post(f"{address}publish/", {"reason": ""}, follow=True)
    assert "已发布" in signed.content.decode()
    assert Run.objects.get().publication_hash in signed.content.decode()


def test_written_periods_are_understood_and_nonsense_is_refused_at_its_field(
    office: Office, analyst: Client
) -> None:
    begin(analyst, office, period="2026年9月")
    assert Run.objects.get().period == MONTH
    refused = analyst.post(
        reverse("runs:new"), {"region": str(office.city.pk), "scorecard": "card", "period": "去年"}
    )
    assert refused.status_code == 400
    assert "period" in refused.context["form"].errors


def test_a_month_without_figures_is_told_in_words_and_stays_a_draft(office: Office, analyst: Client) -> None:
    response = analyst.post(
        reverse("runs:new"),
        {"region": str(office.city.pk), "scorecard": "card", "period": "2026-05"},
        follow=True,
    )
    assert response.status_code == 200
    assert "没有" in response.content.decode()
    assert Run.objects.get().state == "draft"


def test_the_preparer_is_told_why_they_cannot_sign(office: Office) -> None:
    from jingtu.core.accounts.models import Post
    from tests.access.cast import SINCE

    run = office.in_review()
    user = office.cast.user("analyst", "ancestor")
    Post.objects.create(user=user, role="reviewer", region=office.city, valid_from=SINCE)
    client = Client()
    client.force_login(user)
    for method in (client.get, client.post):
        refused = method(reverse("runs:publish", args=[run.pk]))
        assert refused.status_code == 409
        assert "编制人不能" in refused.content.decode()
    run.refresh_from_db()
    assert run.state == "in_review"


def test_a_reason_too_short_is_asked_for_again(office: Office, reviewer: Client) -> None:
    run = office.in_review()
    again = reviewer.post(reverse("runs:send-back", args=[run.pk]), {"reason": "错"})
    assert again.status_code == 400
    run.refresh_from_db()
    assert run.state == "in_review"


def test_findings_are_answered_one_by_one(office: Office, analyst: Client) -> None:
    office.report(MONTH, {"township_b": (30, 31, 9)})
    run = services.prepare(office.analyst, office.new_run().pk)
    finding = run.findings.filter(severity="error")[0]
    page = analyst.get(reverse("runs:detail", args=[run.pk]) + "?findings=error").content.decode()
    assert "分子31大于分母30" in page
    assert (
        analyst.post(reverse("runs:answer", args=[finding.pk]), {"reason": "跨镇转入，次月冲减"}).status_code
        == 302
    )
    page = analyst.get(reverse("runs:detail", args=[run.pk])).content.decode()
    assert "跨镇转入，次月冲减" in page
    for reading in ("runs:scorecard", "runs:groups"):
        assert reverse(reading, args=[run.pk]) in page, "whoever checks a draft gets to its figures"
    asked = analyst.get(reverse("runs:answer", args=[finding.pk])).content.decode()
    assert "甲一镇：甲一镇" not in asked


def test_differences_of_two_versions_are_shown_with_their_reason(office: Office, reviewer: Client) -> None:
    first = office.published()
    office.change("township_a2", "done", 18, note="漏报15人")
    second = services.correct(office.analyst, first.pk, "甲二镇漏报")
    page = reviewer.get(reverse("runs:differences", args=[second.pk])).content.decode()
    assert "漏报15人" in page
    assert "95.00" in page


@pytest.mark.parametrize("other", ["", "?with={other}"])
def test_what_cannot_be_compared_is_said_and_not_called_missing(
    office: Office, reviewer: Client, other: str
) -> None:
    office.report("2026-08", dict.fromkeys(("township_a", "township_a2", "township_b"), (40, 30, 5)))
    run, elsewhere = office.published(), office.published("2026-08")
    address = reverse("runs:differences", args=[run.pk]) + other.format(other=elsewhere.pk)
    answer = reviewer.get(address)
    assert answer.status_code == 400
    assert ("不是同一考核的两个版本" if other else "只有一版") in answer.content.decode()


def test_an_address_that_names_no_version_is_not_answered_with_another(
    office: Office, reviewer: Client
) -> None:
    address = reverse("runs:differences", args=[office.published().pk])
    assert [reviewer.get(f"{address}?with={other}").status_code for other in ("x", "9" * 40)] == [404, 404]


def test_a_reason_that_is_too_short_is_refused_in_words_of_the_office(
    office: Office, reviewer: Client
) -> None:
    address = reverse("runs:withdraw", args=[office.published().pk])
    assert "至少写4个字，现有1个。" in reviewer.post(address, {"reason": "错"}).content.decode()


def test_the_list_is_filtered_by_its_address(office: Office, analyst: Client) -> None:
    run = office.published()
    listed = reverse("runs:list")
    assert f"/runs/{run.pk}/" in analyst.get(f"{listed}?state=published&period={MONTH}").content.decode()
    assert "没有符合条件的考核" in analyst.get(f"{listed}?state=draft").content.decode()
    assert analyst.get(f"{listed}?region=abc&page=x&tree=nowhere").status_code == 200


def test_a_place_that_is_silent_altogether_is_one_line(
    office: Office, analyst: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "TOGETHER", 2)
    office.report("2026-10", {"township_a": (40, 39, 5), "township_a2": (20, 18, 8)})
    run = services.prepare(office.analyst, office.new_run("2026-10").pk)
    assert run.findings.filter(code="check.missing").count() == 3
    rows = page.run_detail(office.analyst, run.pk).findings
    assert [(row.place, row.together) for row in rows if "缺报" in row.sentence] == [("乙一镇", 3)]
    assert "缺报3项" in analyst.get(reverse("runs:detail", args=[run.pk])).content.decode()
