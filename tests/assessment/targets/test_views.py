from __future__ import annotations

import re
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from jingtu.assessment.targets import queries, services
from jingtu.assessment.targets.models import Target, Trajectory
from jingtu.assessment.targets.templatetags.targets import group_word
from jingtu.core.accounts.models import Post
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions.models import PeerGroup, Region
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.periods import Period
from jingtu.engine.targets import Target as Wanted
from tests.assessment.office import Office
from tests.assessment.targets.test_services import WAYS, in_force, propose, trajectory


def signed_in(client: Client, office: Office, role: str, relation: str = "ancestor") -> Client:
    client.force_login(office.cast.user(role, relation))
    return client


def test_a_cell_of_the_table_becomes_a_proposal(client: Client, office: Office) -> None:
    signed_in(client, office, "analyst")
    county = office.cast.places["county_a"].pk
    page = client.get(
        reverse("targets:grid"), {"region": office.city.pk, "level": "county", "period": "2026-09"}
    )
    assert "≥90%" in page.content.decode()
    asked = {"region": county, "indicator": "RATE", "period": "2026-09"}
    form = client.get(reverse("targets:cell"), asked, headers={"HX-Request": "true"})
    assert "<html" not in form.content.decode()
    wrong = client.post(
        reverse("targets:cell"), {**asked, "reason": "市里下达"}, headers={"HX-Request": "true"}
    )
    assert wrong.status_code == 200
    assert not Target.objects.exists()
    saved = client.post(
        reverse("targets:cell"),
        {**asked, "requirement": "≥95", "reason": "市里下达"},
        headers={"HX-Request": "true"},
    )
    assert "待批准" in saved.content.decode()
    made = Target.objects.get()
    services.approve(office.reviewer, made.pk)
    page = client.get(
        reverse("targets:grid"), {"region": office.city.pk, "level": "county", "period": "2026-09"}
    )
    assert "≥95%" in page.content.decode()
    assert "本地目标" in page.content.decode()


def test_ticked_proposals_are_approved_from_the_list(client: Client, office: Office) -> None:
    made = [propose(office), propose(office, period="2027")]
    address = reverse("targets:list") + "?state=proposed"
    signed_in(client, office, "analyst")
    assert 'name="target"' not in client.get(address).content.decode()
    assert client.post(address, {"target": made[0].pk}).status_code == 403
    signed_in(client, office, "reviewer")
    listed = client.get(address).content.decode()
    boxes = re.findall(r'<input[^>]* name="target"[^>]*>', listed)
    assert len(boxes) == 2
    assert all("checked" not in box and "选择 " in box for box in boxes)
    answer = client.post(address, {"target": [one.pk for one in made]}, follow=True)
    assert answer.redirect_chain[0][0] == address
    assert "已批准2个目标" in answer.content.decode()
    assert set(Target.objects.values_list("state", flat=True)) == {"in_force"}
    # The second of two clicks finds nothing to approve, and says so.
    assert "当前状态不允许" in client.post(address, {"target": made[0].pk}, follow=True).content.decode()


def test_levels_and_groups_are_called_by_their_names(client: Client, office: Office) -> None:
    tree, city = office.cast.tree, office.city
    group = PeerGroup.objects.create(tree=tree, code="urban", name_zh="城区组", name_en="Urban group")
    group.members.add(office.cast.places["county_a"])
    common = {"requirement": Threshold.parse(">= 95")}
    for wanted in (
        Wanted("RATE", "level", "2026", "each", (city.level, city.code), level="county", **common),
        Wanted("RATE", "group", "2026", "each", ("", ""), "urban", **common),
    ):
        services.approve(SYSTEM, services.propose(SYSTEM, tree, wanted, "市里下达").pk)
    (row,) = queries.preview(
        SYSTEM, tree, [(2, Wanted("RATE", "group", "2027", "each", ("", ""), "urban", **common))]
    )
    assert group_word(row) == "城区组"
    signed_in(client, office, "analyst")
    rows = f"指标,地区,下级级别,期间,目标\nRATE,{city.code},county,2027-Q1,>= 97\n"
    made = services.begin_import(office.analyst, tree, [rows.encode()], "targets.csv")
    preview = client.get(reverse("targets:import", args=[made.pk])).content.decode()
    assert f"{city.name}各地" in preview
    assert "2027年第一季度" in preview
    services.confirm_import(office.analyst, made.pk)
    assert "新版 1 个" in client.get(reverse("targets:import", args=[made.pk])).content.decode()
    Post.objects.filter(user=office.analyst.user).update(region=office.cast.places["county_b"])
    moved = client.get(reverse("targets:import", args=[made.pk])).content.decode()
    assert reverse("targets:detail", args=[made.targets.get().pk]) not in moved
    assert "新版 1 个" in moved, "a post that changed does not change what the file stored"
    signed_in(client, office, "reviewer")
    page = client.get(reverse("targets:list")).content.decode()
    assert f"各地（{tree.level_name('county')}）" in page
    assert "分类组 城区组" in page


def test_trajectories_are_brought_in_by_file_on_the_page(client: Client, office: Office) -> None:
    signed_in(client, office, "analyst")
    address = reverse("targets:trajectory_new") + f"?tree={office.cast.tree.slug}"
    assert "按文件设定多条" in client.get(address).content.decode()
    book = client.post(
        reverse("targets:template"), {"tree": office.cast.tree.slug, "of": "ways"}, follow=True
    )
    made = openpyxl.load_workbook(BytesIO(b"".join(book.streaming_content)))  # type: ignore[attr-defined]
    assert [cell.value for cell in next(iter(made.active.rows))][:3] == ["指标", "地区", "地区级别"]  # type: ignore[union-attr]

    def sent(text: str) -> str:
        file = SimpleUploadedFile("ways.csv", text.encode(), "text/csv")
        return client.post(address, {"file": file}, follow=True).content.decode()

    assert "第2行" in sent(WAYS.replace("2026 85", "2026 很多"))
    assert not Trajectory.objects.exists()
    assert "已设定2条轨迹" in sent(WAYS)
    assert "与现行版本完全相同" in sent(WAYS)
    assert "已设定1条轨迹" in sent(WAYS.replace("2026 85", "2026 86"))
    assert Trajectory.objects.count() == 3
    first = Trajectory.objects.get(name_zh="甲县三年拐点", in_force=True)
    shown = client.get(reverse("targets:trajectory", args=[first.pk])).content.decode()
    assert '<td lang="zh-Hans">一年建机制</td>' in shown  # a file names milestones in one language


def test_the_form_of_a_trajectory_refuses_in_words(client: Client, office: Office) -> None:
    signed_in(client, office, "analyst")
    address = reverse("targets:trajectory_new")
    wrong = {"region": "0", "indicator": "NOPE", "base_value": "1" * 19, "tolerance": "1.00001"}
    page = client.post(address, wrong).content.decode()
    for said in ("没有这个选项，请从所列选项中选择。", "数字太长，最多18位。", "小数位数太多，最多4位小数。"):
        assert said in page
    assert "有效的选项" not in page
    assert "没有找到区划树“nowhere”" in client.get(address, {"tree": "nowhere"}).content.decode()


def test_approving_on_the_page(client: Client, office: Office) -> None:
    made = propose(office)
    signed_in(client, office, "reviewer")
    page = client.get(reverse("targets:detail", args=[made.pk]))
    assert 'data-jt-dialog="approve"' in page.content.decode()
    client.post(reverse("targets:decide", args=[made.pk, "approve"]), {"reason": ""})
    made.refresh_from_db()
    assert made.state == "in_force"
    again = client.post(reverse("targets:decide", args=[made.pk, "approve"]), {"reason": ""}, follow=True)
    assert "当前状态" in again.content.decode()
    assert client.post(reverse("targets:decide", args=[made.pk, "destroy"])).status_code == 404


def test_the_list_costs_the_same_however_long(
    client: Client, office: Office, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    signed_in(client, office, "analyst")
    in_force(office)
    url = reverse("targets:list")
    client.get(url)
    with django_assert_max_num_queries(60) as few:
        client.get(url)
    for code in ("310102", "310100"):
        level = Region.objects.get(tree=office.cast.tree, code=code).level
        made = services.propose(
            office.analyst,
            office.cast.tree,
            Wanted("RATE", "place", "2026", "each", (level, code), requirement=Threshold.parse(">= 95")),
            "市里下达",
        )
        services.approve(office.reviewer, made.pk)
    with django_assert_max_num_queries(60) as more:
        client.get(url)
    assert len(few.captured_queries) == len(more.captured_queries)


@pytest.mark.parametrize("year", ["²", "0000", "9" * 30])
def test_a_year_that_is_none_narrows_nothing(client: Client, office: Office, year: str) -> None:
    signed_in(client, office, "analyst")
    assert client.get(reverse("targets:list"), {"year": year}).status_code == 200


def test_the_trajectory_page_says_by_which_rule(client: Client, office: Office) -> None:
    signed_in(client, office, "analyst")
    page = client.get(reverse("targets:trajectory", args=[trajectory(office).pk])).content.decode()
    assert "判断规则" in page
    assert "见成效" in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_are_drawn_in_both_languages(client: Client, office: Office, language: str) -> None:
    signed_in(client, office, "analyst")
    in_force(office)
    trajectory(office)
    for name in ("list", "grid", "new", "upload", "trajectories", "trajectory_new"):
        answer = client.get(reverse(f"targets:{name}"), headers={"Accept-Language": language})
        assert answer.status_code == 200


def test_the_grid_shows_where_a_requirement_comes_from(office: Office) -> None:
    in_force(office, period="2026-09")
    found = queries.target_grid(
        office.analyst, office.city, "county", Period.parse("2026-09"), ["RATE", "CASES"]
    )
    first, second = found.rows[0].cells
    assert (first.requirement, first.origin) == ("≥96%", "place")
    assert (second.requirement, second.origin) == ("≥90%", "catalogue")
    only = queries.target_grid(
        office.analyst, office.city, "county", Period.parse("2026-09"), ["RATE", "CASES"], only_targets=True
    )
    assert [row.code for row in only.rows] == ["RATE"]
