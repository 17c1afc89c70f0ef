from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jingtu.core.accounts.models import Post, User
from jingtu.core.accounts.rules import Role
from jingtu.core.audit.models import AuditEntry
from jingtu.core.kernel.actor import SYSTEM
from jingtu.core.regions import queries
from jingtu.core.regions.models import PeerGroup, Region, RegionChange, RegionSuccession, RegionTree
from jingtu.core.regions.services import Order, rename_region, set_peer_group
from jingtu.core.regions.services.positions import renumber

pytestmark = pytest.mark.django_db


def signed_in(role: Role = Role.AUDITOR) -> Client:
    user = User.objects.create(username=f"u-{role}", full_name="某人", password="!")
    # Without a post no page of work opens; an auditor's opens what everybody signed in may read.
    Post.objects.create(user=user, role=role, region=None, valid_from=dt.date(2020, 1, 1))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def manager() -> Client:
    return signed_in(Role.SYSTEM_ADMINISTRATOR)


def find(tree: RegionTree, code: str) -> Region:
    return queries.find_region(SYSTEM, tree, code)


def confirmed(client: Client, address: str, data: dict[str, object]) -> HttpResponse:
    """What comes of a change that is previewed and then confirmed as it is."""
    shown = client.post(address, {**data, "step": "preview"}).context["previewed"]
    return client.post(address, {**data, "step": "confirm", "previewed": shown})


def upload(text: bytes, **changes: object) -> dict[str, object]:
    return {
        "file": SimpleUploadedFile("r.csv", text),
        "slug": "new",
        "name_zh": "新树",
        "name_en": "New",
        "kind": "places",
        "source": "",
        "source_date": "",
        **changes,
    }


def test_an_empty_site_says_how_a_tree_gets_here() -> None:
    assert "还没有区划树" in signed_in().get(reverse("regions:list")).content.decode()


def test_a_fictional_tree_says_so_on_every_screen(town: RegionTree) -> None:
    client, region = signed_in(), find(town, "T1")
    for address in (
        reverse("regions:tree", args=[town.slug]),
        reverse("regions:detail", args=[region.pk]),
        reverse("regions:groups", args=[town.slug]),
    ):
        assert "虚构示范数据" in client.get(address).content.decode()


def test_the_region_page_tells_its_history(town: RegionTree) -> None:
    rename_region(
        SYSTEM, find(town, "T1"), name="东新县", order=Order(dt.date(2026, 3, 1), "测政发〔2026〕1号")
    )
    text = signed_in().get(reverse("regions:detail", args=[find(town, "T1").pk])).content.decode()
    for told in ("东新县", "东县", "2026-03-01", "测政发〔2026〕1号", "东1镇"):
        assert told in text


def test_search_as_you_type_answers_with_paths_and_suggestions(town: RegionTree) -> None:
    client, address = signed_in(), reverse("regions:search", args=[town.slug])
    assert "东县 / 东1镇" in client.get(address, {"q": "东1"}).content.decode()
    assert "是否指" in client.get(address, {"q": "冬县"}).content.decode()
    escaped = client.get(address, {"q": "<script>"}).content.decode()
    assert "<script>" not in escaped


def test_the_picker_gives_name_and_full_path(town: RegionTree) -> None:
    region = find(town, "T201")
    text = (
        signed_in().get(reverse("regions:picker"), {"tree": town.slug, "q": "x1z", "param": "region"})
    ).content.decode()
    assert f"?region={region.pk}" in text
    assert "西县 / 西1镇" in text


def test_a_form_field_is_offered_places_it_can_read_back(town: RegionTree, manager: Client) -> None:
    address = reverse("regions:picker", query={"tree": town.slug, "as": "datalist"})
    region = find(town, "T2")
    options = manager.get(address, {"tree": town.slug, "as": "datalist", "parent": "西县"}).content.decode()
    value = f"T2 西县 #{region.pk}"
    assert value in options
    moved = find(town, "T101")
    address = reverse("regions:change", args=[moved.pk, "move"])
    confirmed(manager, address, {"parent": value, "date": "2026-03-01"})
    assert find(town, "T101").parent_id == region.pk


def test_a_change_is_first_shown_and_only_then_made(town: RegionTree, manager: Client) -> None:
    region = find(town, "T1")
    address = reverse("regions:change", args=[region.pk, "merge"])
    data = {"siblings": [find(town, "T2").pk], "mode": "into", "date": "2026-03-01", "document": "一号文"}
    shown = manager.post(address, {**data, "step": "preview"}).content.decode()
    assert "撤销 西县" in shown
    assert "西1镇：上级由 西县 改为 东县" in shown
    assert not RegionChange.objects.exists()
    assert confirmed(manager, address, data).status_code == 302
    assert queries.children(SYSTEM, region).count() == 6


def test_what_was_not_previewed_is_previewed_before_it_can_be_confirmed(
    town: RegionTree, manager: Client
) -> None:
    address = reverse("regions:change", args=[find(town, "T1").pk, "rename"])
    data = {"name": "东新县", "code": "T1", "date": "2026-03-01"}
    seen = manager.post(address, {**data, "step": "preview"}).context["previewed"]
    other = {**data, "name": "东旧县", "step": "confirm", "previewed": seen}
    assert manager.post(address, other).status_code == 200
    assert manager.post(address, {**data, "step": "confirm"}).status_code == 200
    assert not RegionChange.objects.exists()


def test_of_two_changes_at_once_the_second_is_told_and_writes_nothing(
    town: RegionTree, manager: Client
) -> None:
    first = reverse("regions:change", args=[find(town, "T1").pk, "rename"])
    second = reverse("regions:change", args=[find(town, "T2").pk, "rename"])
    one = {"name": "东新县", "code": "T1", "date": "2026-03-01"}
    two = {"name": "西新县", "code": "T2", "date": "2026-03-01"}
    seen = manager.post(second, {**two, "step": "preview"}).context["previewed"]
    assert confirmed(manager, first, one).status_code == 302
    late = manager.post(second, {**two, "step": "confirm", "previewed": seen})
    assert late.status_code == 409
    assert "已被他人变更" in late.content.decode()
    assert find(town, "T2").name == "西县"
    assert confirmed(manager, second, two).status_code == 302


def test_a_split_by_form_gives_children_to_the_parts(town: RegionTree, manager: Client) -> None:
    region = find(town, "T1")
    data: dict[str, object] = {"date": "2026-03-01", "name_1": "东新区", "code_1": "T7", "keeps": "on"}
    data["share_1"] = "37.5"
    data |= {f"child_{child.pk}": "0" for child in queries.children(SYSTEM, region)}
    data[f"child_{find(town, 'T103').pk}"] = "1"
    address = reverse("regions:change", args=[region.pk, "split"])
    assert "东新区 占 东县 的 37.5%" in manager.post(address, {**data, "step": "preview"}).content.decode()
    assert confirmed(manager, address, data).status_code == 302
    assert "37.5%" in manager.get(reverse("regions:detail", args=[region.pk])).content.decode()
    assert find(town, "T103").parent_id == find(town, "T7").pk
    assert RegionSuccession.objects.get().share == Decimal("0.375")


def test_a_refused_change_says_why_at_the_field(town: RegionTree, manager: Client) -> None:
    region = find(town, "T1")
    response = manager.post(
        reverse("regions:change", args=[region.pk, "rename"]),
        {"name": "东新县", "code": "T2", "date": "2026-03-01", "step": "confirm"},
    )
    assert response.status_code == 400
    assert "已被“西县”使用" in response.content.decode()
    assert not RegionChange.objects.exists()


@pytest.mark.parametrize("kind", ["create", "rename", "move", "merge", "split"])
def test_every_change_form_opens(town: RegionTree, manager: Client, kind: str) -> None:
    assert manager.get(reverse("regions:change", args=[find(town, "T1").pk, kind])).status_code == 200


def test_an_upload_with_errors_lists_them_by_row_and_stores_nothing(manager: Client) -> None:
    text = "code,name,parent,level\nR,根市,,city\nA,甲县,X,county\nB,乙县,R,county\nB,丙县,R,county\n"
    response = manager.post(reverse("regions:load"), upload(text.encode("gb18030")))
    assert response.status_code == 400
    shown = response.content.decode()
    assert "文件有 2 处错误" in shown
    assert "不在表中" in shown
    assert not RegionTree.objects.exists()


def test_an_upload_without_errors_makes_the_tree(manager: Client) -> None:
    text = "code,name,parent,level\nR,根市,,city\nA,甲县,R,county\n"
    response = manager.post(reverse("regions:load"), upload(text.encode()), follow=True)
    assert "已导入：新增 2" in response.content.decode()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00binary\x00", b"PK\x03\x04" + bytes(200)])
def test_a_file_that_is_no_csv_is_refused_in_words(manager: Client, content: bytes) -> None:
    response = manager.post(reverse("regions:load"), upload(content))
    assert response.status_code == 400
    assert not RegionTree.objects.exists()


def test_a_peer_group_is_made_from_names_and_codes(town: RegionTree, manager: Client) -> None:
    data = {"code": "near", "name_zh": "近郊", "name_en": "Near", "members": "东县\nT2"}
    manager.post(reverse("regions:group-new", args=[town.slug]), data)
    assert queries.peer_groups(SYSTEM, town) == {"near": [find(town, "T1").pk, find(town, "T2").pk]}
    wrong = manager.post(reverse("regions:group-new", args=[town.slug]), {**data, "members": "东县\n无此县"})
    assert "第 2 行" in wrong.content.decode()


def test_a_peer_group_of_the_same_content_writes_no_second_audit_entry(town: RegionTree) -> None:
    members = [find(town, "T1").pk, find(town, "T2").pk]
    for _ in range(2):
        set_peer_group(SYSTEM, town, "near", name_zh="近郊", name_en="Near", members=members)
    assert PeerGroup.objects.count() == 1
    assert AuditEntry.objects.filter(action="regions.peer_group_set").count() == 1


def test_screens_cost_the_same_number_of_queries_for_any_number_of_regions(town: RegionTree) -> None:
    client, west = signed_in(), find(town, "T2")
    addresses = (
        reverse("regions:tree", args=[town.slug]) + "?q=镇",
        reverse("regions:detail", args=[west.pk]),
        reverse("regions:children", args=[west.pk]),
        reverse("regions:picker") + f"?tree={town.slug}&q=镇",
    )

    def counts() -> list[int]:
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            found.append(len(captured))
        return found

    counts()  # the first request also begins the session
    before = counts()
    Region.objects.bulk_create(
        Region(tree=town, parent=west, code=f"X{n}", level="township", name=f"增{n}镇", depth=2)
        for n in range(60)
    )
    renumber(town)
    assert counts() == before
    assert max(before) <= 12


def test_the_interface_speaks_english(town: RegionTree) -> None:
    client = signed_in()
    client.cookies["django_language"] = "en"
    text = client.get(reverse("regions:tree", args=[town.slug])).content.decode()
    assert "Test City" in text


def test_the_search_of_everything_finds_regions(town: RegionTree) -> None:
    region = find(town, "T201")
    text = signed_in().get(reverse("ui:search"), {"q": "西1"}).content.decode()
    assert reverse("regions:detail", args=[region.pk]) in text
    assert "西县 / 西1镇" in text


def test_forms_ask_what_changes_before_when(town: RegionTree, manager: Client) -> None:
    text = manager.get(reverse("regions:change", args=[find(town, "T1").pk, "move"])).content.decode()
    assert text.index('name="parent"') < text.index('name="date"')
