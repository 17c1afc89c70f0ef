"""The views over the same tasks: board, month, units, people, late."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jingtu.core.accounts.models import Unit
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.kernel.actor import Actor
from jingtu.governance.duties.bodies.models import Body, Member
from jingtu.governance.duties.plans import services
from jingtu.governance.duties.plans.models import Milestone, Plan, Task
from jingtu.governance.duties.plans.panels import tasks_of_body
from jingtu.governance.duties.plans.queries import TaskFilter, boards
from jingtu.governance.duties.plans.queries.boards import COLUMN_SIZE, Column, Standing
from jingtu.governance.duties.plans.queries.months import SHOWN, grid, month
from jingtu.governance.duties.plans.queries.overview import by_person, by_unit, late
from jingtu.governance.duties.plans.rules import TaskAction
from jingtu.governance.duties.plans.visibility import gives, holds

from .board import DUE, MORNING, START, Board


def columns(actor: Actor, wanted: TaskFilter | None = None, **parts: int) -> dict[str, list[str]]:
    shown = boards.board(actor, wanted or TaskFilter(), parts)
    return {column.state: [card.row.task.title for card in column.cards] for column in shown}


def test_a_column_for_every_state_and_the_cancelled_only_when_asked_for(board: Board) -> None:
    board.task("甲")
    board.submitted(title="乙")
    board.done(title="丙")
    gone = board.task("丁")
    services.cancel(board.giver, gone.pk, "任务合并")
    shown = columns(board.giver)
    assert {state: titles for state, titles in shown.items() if titles} == {
        "not_started": ["甲"],
        "submitted": ["乙"],
        "done": ["丙"],
    }
    assert "cancelled" not in shown
    assert columns(board.giver, TaskFilter(state="cancelled")) == {"cancelled": ["丁"]}
    assert set(columns(board.giver, TaskFilter(state="open"))) == {
        "not_started", "under_way", "submitted", "returned", "paused",
    }  # fmt: skip


def test_a_long_column_is_shown_in_parts(board: Board) -> None:
    for number in range(COLUMN_SIZE + 2):
        board.task(f"任务{number:02}")
    first = columns(board.giver)["not_started"]
    second = columns(board.giver, not_started=2)["not_started"]
    assert (len(first), len(second)) == (COLUMN_SIZE, 2)
    assert not set(first) & set(second)
    assert columns(board.giver, not_started=99)["not_started"] == second


def test_a_card_offers_what_the_rules_allow_to_its_reader(board: Board) -> None:
    task, submitted = board.task(), board.submitted(title="已交")
    parent = board.task("上级")
    board.task("下级", parent)
    offered = {card.row.task.pk: set(card.moves) for column in _board(board.holder) for card in column.cards}
    assert offered[task.pk] == {TaskAction.START, TaskAction.REPORT, TaskAction.SUBMIT}
    assert offered[submitted.pk] == set()
    assert TaskAction.REPORT not in offered[parent.pk]
    given = {card.row.task.pk: set(card.moves) for column in _board(board.giver) for card in column.cards}
    assert given[submitted.pk] == {TaskAction.ACCEPT, TaskAction.RETURN}


def _board(actor: Actor) -> list[Column]:
    return boards.board(actor, TaskFilter())


def test_standing_towards_many_tasks_is_standing_towards_each(board: Board) -> None:
    parent = board.task("县任务")
    child = board.task("镇任务", parent, region_id=board.town)
    unit = Unit.objects.create(name="公安局", region_id=board.county)
    ours = board.task("公安任务", unit_id=unit.pk, person_id=board.actor("analyst", "own").user_id)
    found = Task.objects.select_related("plan__region", "region__tree", "parent__region")
    for role in ("secretary", "reporter", "analyst"):
        for relation in ("own", "ancestor", "descendant", "sibling"):
            actor = board.actor(role, relation)
            standing = Standing(actor)
            for task in found.filter(pk__in=[parent.pk, child.pk, ours.pk]):
                told = (standing.gives(task), standing.holds(task))
                assert told == (gives(actor, task), holds(actor, task)), (role, relation, task.title)


def test_a_month_shows_what_is_due_in_it_and_counts_what_has_no_room(board: Board) -> None:
    for number in range(SHOWN + 3):
        board.task(f"任务{number}")
    elsewhere = board.task("下月", due=dt.date(2026, 12, 20))
    Milestone.objects.create(task=elsewhere, title="过半", due=dt.date(2026, 11, 5))
    days = {day.day: day for day in month(board.giver, TaskFilter(), 2026, 11)}
    assert (len(days[DUE].rows), days[DUE].more_tasks) == (SHOWN, 3)
    assert [one.title for one in days[dt.date(2026, 11, 5)].milestones] == ["过半"]
    assert dt.date(2026, 12, 20) not in days
    assert all(day.is_empty for day in month(board.actor("secretary", "sibling"), TaskFilter(), 2026, 11))
    services.cancel(board.giver, elsewhere.pk, "不再需要")
    assert not {day.day: day for day in month(board.giver, TaskFilter(), 2026, 11)}[
        dt.date(2026, 11, 5)
    ].milestones


def test_the_grid_of_a_month_has_whole_weeks_from_monday() -> None:
    days = grid(2026, 11)
    assert (days[0], days[-1], len(days) % 7) == (dt.date(2026, 10, 26), dt.date(2026, 12, 6), 0)


def test_units_and_people_stand_in_the_order_of_their_names(board: Board) -> None:
    police = Unit.objects.create(name="公安局", region_id=board.county)
    school = Unit.objects.create(name="教育局", region_id=board.county)
    person, leader = board.holder.user_id, board.actor("leader", "own").user_id
    board.task("一", unit_id=school.pk, due=dt.date(2026, 11, 1), person_id=person, leader_id=leader)
    helped = board.task("二", unit_id=school.pk)
    helped.supporting.add(police)
    board.submitted(title="三")
    units = by_unit(board.giver, TaskFilter())
    assert [(one.name, one.open, one.late, one.second) for one in units] == [
        ("公安局", 0, 0, 1),
        ("教育局", 2, 1, 0),
        ("", 1, 0, 0),
    ]
    people = {one.pk: one for one in by_person(board.giver, TaskFilter())}
    assert (people[person].open, people[person].late, people[leader].second) == (1, 1, 1)
    assert (people[None].open, people[None].waiting) == (2, 1)
    names = [one.name for one in by_person(board.giver, TaskFilter()) if one.pk]
    assert names == sorted(names)
    assert by_person(board.actor("secretary", "sibling"), TaskFilter()) == []


def test_the_longest_late_come_first(board: Board) -> None:
    second = board.task("二", due=dt.date(2026, 11, 18))
    first = board.task("一", due=dt.date(2026, 11, 2))
    board.task("不迟")
    board.submitted(title="已交", due=dt.date(2026, 11, 1))
    assert [task.pk for task in late(board.giver, TaskFilter())] == [first.pk, second.pk]


VIEWS = ("board", "timeline", "calendar", "units", "people", "late", "risk")


def test_a_view_asks_as_much_of_many_tasks_as_of_few(board: Board, client: Client) -> None:
    client.force_login(board.giver.user)
    paths = [f"/plans/{within}{view}/" for view in VIEWS for within in ("", f"{board.plan.pk}/")]
    unit = Unit.objects.create(name="公安局", region_id=board.county)

    def fill() -> None:
        parent = board.task("上级", due=dt.date(2026, 11, 3), person_id=board.holder.user_id)
        child = board.task("下级", parent, region_id=board.town, unit_id=unit.pk, due=dt.date(2026, 11, 4))
        Milestone.objects.create(task=child, title="过半", due=dt.date(2026, 11, 5))

    fill()
    asked = {path: _queries(client, path) for path in paths}
    for _number in range(6):
        fill()
    assert {path: _queries(client, path) for path in paths} == asked


def _queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


def test_views_carry_the_filter_on_and_their_parts_stay(board: Board, client: Client) -> None:
    for number in range(COLUMN_SIZE + 1):
        board.task(f"任务{number}")
    client.force_login(board.giver.user)
    page = client.get(f"/plans/{board.plan.pk}/board/?q=任务&p-not_started=2")
    assert f'href="/plans/{board.plan.pk}/late/?q=%E4%BB%BB%E5%8A%A1"' in page.content.decode()
    assert [len(one["cards"]) for one in page.context["columns"] if one["cards"]] == [1]
    assert client.get("/plans/calendar/?month=2026-13").context["first"] == dt.date(2026, 11, 1)
    assert client.get("/plans/calendar/?month=2026-02").context["first"] == dt.date(2026, 2, 1)


def test_a_table_is_sorted_by_its_heads_and_goes_back_to_the_order_of_the_plan(board: Board) -> None:
    first, second = board.task("先办", due=DUE), board.task("后办", due=DUE - dt.timedelta(days=9))
    client = Client()
    client.force_login(board.cast.user("secretary", "ancestor"))
    page = client.get(f"/plans/{board.plan.pk}/", {"sort": "due"})
    assert [row.task.pk for row in page.context["rows"]] == [second.pk, first.pk]
    body = page.content.decode()
    assert 'aria-sort="ascending"' in body
    assert "按计划顺序排列" in body
    plain = client.get(f"/plans/{board.plan.pk}/")
    assert [row.task.pk for row in plain.context["rows"]] == [first.pk, second.pk]
    assert "按计划顺序排列" not in plain.content.decode()


def test_a_bodys_page_tells_what_fell_due_and_what_is_late(board: Board) -> None:
    about = {"region_id": board.city, "created_at": "2026-01-01T00:00Z"}
    office = Body.objects.create(kind="office", name="市禁毒办", **about)
    team = Body.objects.create(kind="team", team="publicity", name="宣传工作组", **about)
    unit = Unit.objects.create(region_id=board.city, name="市文旅局")
    Member.objects.create(
        body=team, title="chair", name="示例甲", unit=unit, starts=START, created_at=about["created_at"]
    )
    board.task("逾期的", due=MORNING.date() - dt.timedelta(days=3))
    board.task("宣传的", region_id=board.city, unit_id=unit.pk, due=MORNING.date() - dt.timedelta(days=1))
    board.done(title="办结的", due=MORNING.date())
    board.task("没到期的", due=DUE)
    start, end = MORNING.date() - dt.timedelta(days=2), MORNING.date()
    panel = tasks_of_body(board.giver, office, start, end)
    assert panel is not None
    assert panel.sentence_zh == (
        "2026-11-18至2026-11-20到期任务2项，其中办结1项；截至2026-11-20逾期未办结2项（含此前到期的）。"
    )
    assert [line.zh.split("：")[1] for line in panel.lines] == ["逾期的", "宣传的"]
    seated = tasks_of_body(board.giver, team, start, end)
    assert seated is not None
    assert [line.zh.split("：")[1] for line in seated.lines] == ["宣传的"]
    assert tasks_of_body(board.actor("secretary", "outsider"), office, start, end) is None
    client = Client()
    client.force_login(board.cast.user("secretary", "ancestor"))
    assert (
        "到期任务3项，其中办结1项；截至2026-11-20逾期未办结2项（含此前到期的）。"
        in client.get(f"/bodies/{office.pk}/").content.decode()
    )


def test_an_act_on_the_board_leads_back_to_the_board(board: Board) -> None:
    task = board.task()
    client = Client()
    client.force_login(board.holder.user)
    page = client.get("/plans/board/", {"state": "open"}).content.decode()
    assert f"/plans/tasks/{task.pk}/start/?next=%2Fplans%2Fboard%2F%3Fstate%3Dopen" in page
    done = client.post(
        f"/plans/tasks/{task.pk}/start/?next=%2Fplans%2Fboard%2F%3Fstate%3Dopen", {"reason": ""}
    )
    assert done.headers["Location"] == "/plans/board/?state=open"
    for foreign in ("https://example.org/", "//example.org/", "javascript:alert(1)"):
        page = client.get(f"/plans/tasks/{task.pk}/report/", {"next": foreign})
        assert 'example.org/"' not in page.content.decode(), foreign
        assert page.context["back"] == f"/plans/tasks/{task.pk}/"


def test_a_filter_keeps_the_order_of_the_table(board: Board) -> None:
    board.task()
    client = Client()
    client.force_login(board.giver.user)
    page = client.get(f"/plans/{board.plan.pk}/", {"sort": "-due", "state": "open"})
    assert '<input type="hidden" name="sort" value="-due"' in page.content.decode()
    for nothing in ({}, {"sort": "nonsense"}):
        assert 'name="sort"' not in client.get("/plans/tasks/", nothing).content.decode()


def test_the_document_of_a_plan_leads_to_it(board: Board) -> None:
    document = NormativeDocument.objects.create(
        code="city_plan",
        title_zh="示范城市创建方案",
        number="示禁发〔2026〕1号",
        kind="policy",
        updated_at=MORNING,
    )
    client = Client()
    client.force_login(board.giver.user)
    for named in (document.code, document.number):
        Plan.objects.filter(pk=board.plan.pk).update(document=named)
        page = client.get(f"/plans/{board.plan.pk}/").content.decode()
        assert f'<a href="/documents/{document.code}/">{named}</a>' in page
    Plan.objects.filter(pk=board.plan.pk).update(document="不在库中")
    assert "不在库中" in client.get(f"/plans/{board.plan.pk}/").content.decode()


def test_tasks_are_typed_one_after_the_other_on_the_page_of_the_plan(board: Board) -> None:
    first = board.task("第一项", region_id=board.city)
    client = Client()
    client.force_login(board.giver.user)
    address = f"/plans/{board.plan.pk}/add/?quick=on"
    given = {"title": "其中一步", "parent": first.pk, "region": board.county, "due": "2026-11-25"}
    done = client.post(address, given, follow=True, headers={"HX-Request": "true"})
    made = Task.objects.get(title="其中一步")
    assert (made.parent_id, made.region_id, made.due) == (first.pk, board.county, dt.date(2026, 11, 25))
    assert [row.task.pk for row in done.context["rows"]] == [first.pk, made.pk]
    page = done.content.decode()
    assert "已添加" in page
    assert "autofocus" in page
    assert done.context["quick"]["parent"].value() == first.pk
    refused = client.post(address, {**given, "title": ""}, headers={"HX-Request": "true"})
    assert refused.headers["HX-Retarget"] == "#plan-add"
    plain = client.post(address, {**given, "title": ""})
    assert plain.status_code == 400
    assert Task.objects.count() == 2


def test_a_county_types_tasks_only_below_its_own(board: Board) -> None:
    own, other = board.task("县里的"), board.task("别的县的", region_id=board.sibling)
    client = Client()
    client.force_login(board.county_giver.user)
    offered = client.get(f"/plans/{board.plan.pk}/").context["quick"]
    assert [pk for pk, _word in offered.fields["parent"].choices] == [own.pk]
    client.post(
        f"/plans/{board.plan.pk}/add/?quick=on", {"title": "越界", "parent": other.pk, "due": "2026-11-25"}
    )
    assert not Task.objects.filter(title="越界").exists()
    client.force_login(board.holder.user)
    assert client.get(f"/plans/{board.plan.pk}/").context["quick"] is None


def test_the_page_of_a_plan_counts_what_is_late_and_leads_there(board: Board, client: Client) -> None:
    group = board.task("汇总的", region_id=board.city)
    for number in range(3):
        board.task(f"逾期{number}", parent=group, due=MORNING.date() - dt.timedelta(days=1 + number))
    board.task("未到期")
    client.force_login(board.cast.user("secretary", "ancestor"))
    page = client.get(f"/plans/{board.plan.pk}/")
    assert page.context["late_count"] == 3
    assert f'href="/plans/{board.plan.pk}/late/"' in page.content.decode()


@pytest.mark.parametrize(
    ("due", "hints"),
    [
        ("2026-11-30", []),
        ("2026-11-19", ["任务期限2026-11-19已过"]),
        ("2027-01-05", ["任务期限2027-01-05晚于计划截止日期2026-12-31"]),
    ],
)
def test_a_day_that_is_over_or_outlasts_the_plan_is_taken_and_said(
    board: Board, client: Client, due: str, hints: list[str]
) -> None:
    client.force_login(board.cast.user("secretary", "ancestor"))
    given = {"title": "补登任务", "region": board.city, "due": due, "weight": 1, "parent": ""}
    for query in ("", "?quick=on"):
        page = client.post(f"/plans/{board.plan.pk}/add/{query}", given, follow=True)
        said = [str(one) for one in page.context["messages"] if one.level_tag == "warning"]
        assert [text.split("，现")[0].rstrip("。") for text in said] == hints
    task = Task.objects.order_by("pk").last()
    assert task is not None
    assert str(task.due) == due
    page = client.post(f"/plans/tasks/{task.pk}/edit/", {**given, "due": "2028-01-01"}, follow=True)
    assert "晚于计划截止日期" in page.content.decode()


def test_a_document_that_the_library_does_not_know_is_kept_and_said(board: Board, client: Client) -> None:
    client.force_login(board.cast.user("secretary", "ancestor"))
    given = {"title": "计划", "region": board.city, "starts": "2026-01-01", "ends": "2026-12-31"}
    unknown = client.post("/plans/new/", {**given, "document": "示禁办〔2026〕404号"}, follow=True)
    assert "没有编码或文号为“示禁办〔2026〕404号”的现有文件" in unknown.content.decode()
    plain = client.post("/plans/new/", given, follow=True)
    assert "没有编码或文号为" not in plain.content.decode()
