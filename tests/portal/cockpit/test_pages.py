"""The first page, the explorer, the page of a region: what people find on them."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from jingtu.assessment.runs.models import RunPlace
from jingtu.core.audit.models import AuditEntry
from jingtu.core.regions.models import Region, RegionTree
from tests.assessment.office import Office
from tests.taken import taken_out


def signed_in(office: Office, role: str, relation: str = "") -> Client:
    client = Client()
    client.force_login(office.cast.user(role, relation))
    return client


def page(client: Client, name: str, *args: object, **query: object) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_first_page_opens_on_the_latest_published_run_of_the_readers_region(office: Office) -> None:
    run = office.published()
    client = signed_in(office, "analyst", "ancestor")
    response = client.get("/")
    board = response.context["board"]
    assert board.region == office.city
    assert board.run == run
    assert [row.name for row in board.ranking.rows] == ["甲县", "乙县"]
    assert "2026年9月" in response.content.decode()


def test_a_county_sees_itself_marked_among_its_siblings(office: Office) -> None:
    office.published()
    response = signed_in(office, "leader", "own").get("/")
    board = response.context["board"]
    assert board.focus == office.cast.places["county_a"]
    assert board.place is not None
    own = [place for place in response.context["ranking_chart"].places if place.own]
    assert [place.name for place in own] == ["甲县"]


def test_the_worst_red_number_leads_to_its_explanation(office: Office) -> None:
    run = office.published()
    client = signed_in(office, "analyst", "ancestor")
    board = client.get("/").context["board"]
    worst = board.red[0]
    assert worst.indicator == "RATE"
    assert worst.place == "甲县"
    assert worst.shortfall is not None
    assert worst.shortfall.units == 12  # 42 of 60 are there, 54 are required
    text = page(client, "cockpit:home")
    link = f"/runs/{run.pk}/explain/?region={worst.region_id}&amp;indicator=RATE"
    assert link in text
    explained = client.get(link.replace("&amp;", "&")).content.decode()
    assert "42 ÷ 60 × 100 = 70%" in explained.replace("70.00", "70")


def test_without_a_published_run_the_page_says_what_will_be_here(office: Office) -> None:
    text = page(signed_in(office, "viewer", "own"), "cockpit:home")
    assert "还没有已发布的考核" in text
    assert "新建考核" not in text
    assert reverse("runs:new") in page(signed_in(office, "analyst", "own"), "cockpit:home")


def test_a_draft_shows_only_to_those_who_work_on_it_and_says_so(office: Office) -> None:
    from jingtu.assessment.runs.services import prepare

    prepare(office.analyst, office.new_run().pk)
    assert "尚未发布的草稿" in page(signed_in(office, "analyst", "ancestor"), "cockpit:home")
    assert signed_in(office, "leader", "ancestor").get("/").context["board"].run is None


def test_a_period_without_results_offers_those_there_are(office: Office) -> None:
    office.published()
    text = page(signed_in(office, "analyst", "ancestor"), "cockpit:home", period="2026-01")
    assert "该周期没有已发布的考核" in text
    assert "period=2026-09" in text


def test_a_township_reporter_sees_the_red_lines_of_its_own_township(office: Office) -> None:
    office.published()
    client = signed_in(office, "reporter", "descendant")
    board = client.get("/", {"region": office.cast.places["township_a"].pk}).context["board"]
    assert board.region == office.cast.places["township_a"]
    assert board.focus == office.cast.places["county_a"]
    assert all(row.region_id == board.region.pk for row in board.red)


def test_what_waits_is_listed_for_the_reviewer_but_not_for_the_preparer(office: Office) -> None:
    office.in_review()
    assert "待我审批" in page(signed_in(office, "reviewer", "ancestor"), "cockpit:today")
    assert "待我审批" not in page(signed_in(office, "analyst", "ancestor"), "cockpit:today")


def test_the_cockpit_fetches_what_waits_after_the_results(office: Office) -> None:
    office.in_review()
    client = signed_in(office, "reviewer", "ancestor")
    assert f'hx-get="{reverse("cockpit:today")}"' in page(client, "cockpit:home")
    part = client.get(reverse("cockpit:today"), headers={"HX-Request": "true"}).content.decode()
    assert "待我审批" in part
    assert "<html" not in part


def test_administrators_see_their_rooms_and_no_figures(office: Office) -> None:
    office.published()
    for role in ("system_administrator", "security_administrator", "auditor"):
        text = page(signed_in(office, role), "cockpit:home", region=office.city.pk)
        assert "您的岗位不接触业务数据" in text
        assert "百分表" not in text
    assert reverse("audit:list") in page(signed_in(office, "auditor"), "cockpit:home")


def test_choosing_an_indicator_ranks_by_it_with_rank_ranges(office: Office) -> None:
    office.published()
    response = signed_in(office, "analyst", "ancestor").get("/", {"indicator": "RATE"})
    rows = response.context["board"].by_indicator
    assert [row.rank for row in rows] == [1, 2]
    assert all(row.low_rank and row.high_rank for row in rows)


def test_the_explorer_compares_two_places_of_the_readers_reach(office: Office) -> None:
    office.report("2026-08", {"township_a": (40, 30, 5), "township_b": (30, 24, 9)})
    client = signed_in(office, "analyst", "ancestor")
    county_a, county_b = office.cast.places["county_a"], office.cast.places["county_b"]
    found = client.get(
        reverse("cockpit:explorer"),
        {"region": county_a.pk, "with": county_b.pk, "indicator": "RATE", "period": "2026-09", "n": 6},
    ).context["found"]
    last = found.rows[-1]
    assert (last.point.value, last.other.value, last.difference) == (70, 100, -30)
    august = found.rows[-2]
    assert (august.point.value, august.other.value) == (75, 80)
    assert found.rows[0].point.value is None  # a month nobody reported is a gap, not zero


def test_a_sibling_is_compared_by_its_published_results_only(office: Office) -> None:
    office.published()
    found = (
        signed_in(office, "analyst", "own")
        .get(
            reverse("cockpit:explorer"),
            {
                "region": office.cast.places["county_a"].pk,
                "with": office.cast.places["county_b"].pk,
                "indicator": "RATE",
            },
        )
        .context["found"]
    )
    assert found.basis == "facts"
    assert found.other_basis == "published"
    others = [row.other for row in found.rows if row.other is not None]
    assert [other.period for other in others] == ["2026-09"]
    assert others[0].value == 100
    assert others[0].numerator is None


def test_the_table_can_be_downloaded_with_its_basis(office: Office) -> None:
    client = signed_in(office, "analyst", "ancestor")
    response = client.get(
        reverse("cockpit:explorer-csv"), {"indicator": "RATE", "period": "2026-09", "region": office.city.pk}
    )
    stamp, _head, rows = taken_out(response)
    assert "现有数据" in stamp["筛选条件"]
    assert rows[-1] == ["2026年9月", "2026-09", "80.00", "", "72", "90"]
    entry = AuditEntry.objects.get(action="explorer.exported")
    assert (entry.target_id, entry.after["rows"]) == ("RATE", len(rows))
    assert stamp["导出登记"] == f"#{entry.sequence}"


HOSTILE = ('=HYPERLINK("http://evil.example","x")', "+cmd|' /C calc'!A0", "@SUM(A1:A9)", "-2+3", "\t=1+1")


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_in_a_downloaded_table_becomes_a_formula(office: Office, name: str) -> None:
    places = office.cast.places
    Region.objects.filter(pk__in=[places["city"].pk, places["county_a"].pk]).update(name=name)
    RegionTree.objects.update(fingerprint="renamed")
    response = signed_in(office, "analyst", "ancestor").get(
        reverse("cockpit:explorer-csv"),
        {
            "indicator": "RATE",
            "period": "2026-09",
            "region": places["city"].pk,
            "with": places["county_a"].pk,
        },
    )
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    named = [cell for cell in cells if name.strip() in cell]
    assert named
    assert all(cell.startswith("'") for cell in named)
    assert not [cell for cell in cells if cell[:1] in "=+@\t\r" and cell]


def test_the_profile_counts_states_and_reports(office: Office) -> None:
    office.published()
    client = signed_in(office, "analyst", "ancestor")
    found = client.get(reverse("cockpit:profile", args=[office.cast.places["county_a"].pk])).context["found"]
    assert [past.rank for past in found.history[0][1]] == [1]
    assert sum(strand.counts["watch"] for strand in found.strands) == 1
    assert found.reported == found.expected > 0


def test_the_profile_marks_shared_ranks(office: Office) -> None:
    run = office.published()
    client = signed_in(office, "analyst", "ancestor")
    address = reverse("cockpit:profile", args=[office.cast.places["county_a"].pk])
    assert "并列" not in client.get(address).content.decode()
    RunPlace.objects.filter(run=run).update(rank=1)
    assert "1（并列）" in client.get(address).content.decode()


def test_published_figures_need_a_catalogue_and_the_real_tree(office: Office) -> None:
    assert "还没有公布数字" in page(signed_in(office, "viewer", "own"), "cockpit:figures")


def test_results_are_found_by_period_as_people_write_it(office: Office) -> None:
    run = office.published()
    text = page(signed_in(office, "leader", "ancestor"), "ui:search", q="2026年9月")
    assert reverse("runs:detail", args=[run.pk]) in text
    assert reverse("runs:detail", args=[run.pk]) not in page(
        signed_in(office, "leader", "outsider"), "ui:search", q="2026年9月"
    )


@pytest.mark.parametrize("name", ["cockpit:home", "cockpit:explorer", "cockpit:figures"])
def test_every_page_speaks_english(office: Office, name: str) -> None:
    office.published()
    user = office.cast.user("analyst", "ancestor")
    user.language = "en"
    user.save()
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    text = client.get(reverse(name), headers={"accept-language": "en"}).content.decode()
    assert '<html lang="en"' in text
    for chinese in ("今日", "排名", "走势", "公布数字", "要求"):
        assert chinese not in text


def test_a_fictional_tree_says_so_on_every_page(office: Office) -> None:
    office.published()
    office.cast.tree.fictional = True
    office.cast.tree.save()
    client = signed_in(office, "analyst", "ancestor")
    county: Region = office.cast.places["county_a"]
    for text in (
        page(client, "cockpit:home"),
        page(client, "cockpit:explorer"),
        page(client, "cockpit:profile", county.pk),
    ):
        assert "虚构示范数据" in text


def test_a_period_that_is_none_is_said_to_be_none(office: Office) -> None:
    office.published()
    client = signed_in(office, "analyst", "ancestor")
    for asked, said in (("2026-99", True), ("2026-09", False), ("", False)):
        text = client.get(reverse("cockpit:home"), {"period": asked}).content.decode()
        assert ("不是周期，以下是最近一期" in text) == said


LISTS = (
    "alerts:list",
    "appeals:list",
    "bulletins:list",
    "cockpit:today",
    "facts:imports",
    "runs:list",
    "schedules:list",
    "subscriptions:list",
    "targets:list",
    "ui:search",
)


def test_lists_say_so_when_all_that_the_reader_may_see_is_invented(office: Office) -> None:
    office.cast.tree.fictional = True
    office.cast.tree.save()
    client = signed_in(office, "analyst", "ancestor")
    assert [name for name in LISTS if "虚构示范数据" not in page(client, name)] == []
    office.cast.tree.fictional = False
    office.cast.tree.save()
    assert [name for name in LISTS if "虚构示范数据" in page(client, name)] == []


def test_places_without_a_value_are_counted_by_the_reason(office: Office) -> None:
    office.report("2026-08", {"township_a": (0, 0, 5)})
    response = signed_in(office, "analyst", "ancestor").get(
        reverse("cockpit:explorer"), {"indicator": "RATE", "period": "2026-08"}
    )
    # The order of translated words depends on the language that happens to be active.
    assert {(str(word), count) for word, count in response.context["absent"]} == {("不适用", 1), ("缺报", 1)}
