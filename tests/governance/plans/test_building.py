"""Building a plan: its route, tables, splitting down, many at once, undo, and what others learn of it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO
from types import SimpleNamespace

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from typer.testing import CliRunner

from jingtu.core.accounts.models import Post
from jingtu.core.kernel.clock import frozen
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.notifications.models import Notice
from jingtu.core.regions.models import Region
from jingtu.core.ui.agenda import points_for
from jingtu.core.ui.search import search
from jingtu.core.ui.today import duties_of
from jingtu.engine.periods import Period
from jingtu.governance.duties.plans import feeds, measuring, notices, services
from jingtu.governance.duties.plans.commands import app
from jingtu.governance.duties.plans.models import Milestone, Task, TaskIndicator, TaskStep
from jingtu.governance.duties.plans.queries import TaskFilter, tasks, tree_rows
from jingtu.governance.duties.plans.services import rollup
from jingtu.governance.duties.plans.services.sheets import SheetRefused
from jingtu.governance.duties.plans.services.spreading import differences

from .board import DUE, MORNING, Board

HEADER = "编号,任务名称,工作体系,责任地区,责任人,起始,期限,权重,里程碑,交付成果\n"


def sheet(board: Board, *rows: str) -> list[Task]:
    content = (HEADER + "\n".join(rows) + "\n").encode()
    return services.import_sheet(board.giver, board.plan.pk, [content], "任务.csv")


def test_a_table_becomes_a_tree_with_its_route(board: Board) -> None:
    made = sheet(
        board,
        "1,预防教育,教育,,,2026-01-01,2026-12-31,2,,",
        "1.1,建馆,,甲县,,,2026-06-30,3,选址@2026-02-28；开馆@2026-06-30,验收表",
        "1.2,宣讲,,甲一镇,,,2026-09-30,,,",
        "2,打击,打击,310102,,,2026-10-31,1,,",
    )
    assert [task.number for task in made] == ["1", "1.1", "1.2", "2"]
    first, second, *_rest = (board.again(task) for task in made)
    assert (first.child_count, first.leaves, second.strand, second.region.name) == (2, 2, "教育", "甲县")
    assert Milestone.objects.filter(task=second).count() == 2
    assert board.again(first).plan.leaves == 3


def test_a_table_with_one_wrong_row_stores_nothing_and_says_what_to_mend_where(board: Board) -> None:
    with pytest.raises(SheetRefused) as refused:
        sheet(
            board,
            "1,好的,,甲县,,,2026-06-30,1,,",
            "1,重号,,外县,,,明天,0,没有日期,",
            "3.1,无上级,,甲县,无此人,2026-07-01,2026-06-30,1,,",
        )
    found = {(problem.row, problem.column, problem.code) for problem in refused.value.problems}
    assert {
        (3, "编号", "plans.sheet_number_twice"),
        (3, "责任地区", "plans.sheet_region"),
        (3, "期限", "plans.sheet_date"),
        (3, "权重", "plans.sheet_weight"),
        (3, "里程碑", "plans.sheet_milestone"),
        (4, "编号", "plans.sheet_no_parent"),
        (4, "责任人", "plans.sheet_person"),
        (4, "期限", "plans.dates_reversed"),
    } <= found
    assert refused.value.marked is not None
    assert not Task.objects.exists()


def test_a_table_is_not_told_who_exists_elsewhere(board: Board) -> None:
    far = board.actor("reporter", "outsider").user
    [near] = sheet(board, f"1,可点名,,甲县,{board.holder.user.username},,2026-06-30,1,,")
    assert near.person_id == board.holder.user_id
    for name in (far.username, far.full_name, "无此人"):
        with pytest.raises(SheetRefused) as refused:
            sheet(board, f"2,外地人,,甲县,{name},,2026-06-30,1,,")
        [problem] = refused.value.problems
        assert (problem.code, problem.params["text"]) == ("plans.sheet_person", name)


def test_an_exported_plan_is_read_in_again(board: Board, client: Client) -> None:
    sheet(
        board,
        "1,预防教育,教育,甲县,,2026-01-01,2026-12-31,2,选址@2026-02-28,验收表",
        "1.1,宣讲,,甲一镇,,,2026-09-30,,,",
    )
    client.force_login(board.giver.user)
    content = b"".join(client.get(f"/plans/{board.plan.pk}/export/"))  # type: ignore[arg-type]
    book = openpyxl.load_workbook(BytesIO(content))
    assert book.worksheets[0].max_row == 3
    answer = client.post(f"/plans/{board.plan.pk}/import/", {"file": SimpleUploadedFile("再.xlsx", content)})
    assert answer.status_code == 302, answer.content.decode()
    numbers = [task.number for task in tasks(board.giver)]
    assert numbers == ["1", "1.1", "2", "2.1"]
    assert client.get("/plans/template/").status_code == 200


def test_the_page_of_an_import_shows_the_errors(board: Board, client: Client) -> None:
    client.force_login(board.giver.user)
    file = SimpleUploadedFile("错.csv", (HEADER + "1,,,,,,,,,\n").encode())
    answer = client.post(f"/plans/{board.plan.pk}/import/", {"file": file})
    assert answer.status_code == 400
    assert "一行也没有导入" in answer.content.decode()


def test_a_city_task_becomes_the_counties_and_theirs_the_townships(board: Board) -> None:
    task = board.task(region_id=board.city)
    made = services.copy_down(board.giver, task.pk, [board.county, board.sibling], due_offset=10)
    assert {one.due for one in made} == {DUE - dt.timedelta(days=10)}
    county = next(one for one in made if one.region_id == board.county)
    [town, _] = services.copy_down(
        board.county_giver, county.pk, [board.town, board.cast.places["township_a2"].pk]
    )
    services.report(board.actor("reporter", "descendant"), town.pk, 50, "一半")
    assert board.again(county).progress == 2_500
    assert board.again(task).progress == 1_250
    with pytest.raises(Conflict):
        services.copy_down(board.giver, task.pk, [board.county])
    with pytest.raises(InvalidInput):
        services.copy_down(board.county_giver, county.pk, [board.sibling])


def test_a_change_of_the_source_is_offered_and_carried_over(board: Board) -> None:
    task = board.task(region_id=board.city)
    [copy] = services.copy_down(board.giver, task.pk, [board.county], due_offset=5)
    assert differences(board.giver, task) == []
    services.update_task(board.giver, task.pk, {"title": "改名", "due": dt.date(2026, 12, 20)})
    task = board.again(task)
    [one] = differences(board.giver, task)
    assert set(one.fields) == {"title", "due"}
    services.carry_over(board.giver, task.pk, [copy.pk])
    copy = board.again(copy)
    assert (copy.title, copy.due) == ("改名", dt.date(2026, 12, 15))
    assert differences(board.giver, board.again(task)) == []


def test_many_tasks_change_together_in_bounded_queries_and_each_can_be_undone(board: Board) -> None:
    parent = board.task()
    sheet(board, *(f"{number},任务{number},,甲县,,,2026-06-30,1,," for number in range(1, 41)))
    chosen = [task.pk for task in tasks(board.giver).exclude(pk=parent.pk)]
    counts = []
    for part in (chosen[:5], chosen[5:]):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            batch = services.change_many(board.giver, part, {"due": dt.date(2026, 7, 31)}, "上级统一顺延")
        counts.append(len(queries))
    assert counts[0] == counts[1]
    steps = TaskStep.objects.filter(batch=batch)
    assert steps.count() == 35
    step = steps.first()
    assert step is not None
    assert board.again(step.task).due == dt.date(2026, 7, 31)
    services.undo_step(board.giver, step.pk, "这一项不顺延")
    assert board.again(step.task).due == dt.date(2026, 6, 30)
    with pytest.raises(Conflict):
        services.undo_step(board.giver, step.pk, "再次撤销")
    with pytest.raises(PermissionDenied):
        services.change_many(board.county_giver, chosen, {"due": dt.date(2027, 7, 31)}, "自行顺延")


def test_what_was_changed_since_is_not_undone(board: Board) -> None:
    task = board.task()
    services.update_task(board.giver, task.pk, {"weight": 2})
    step = TaskStep.objects.get(task=task, action="edit")
    services.update_task(board.giver, task.pk, {"weight": 3})
    with pytest.raises(Conflict) as refused:
        services.undo_step(board.giver, step.pk, "撤销看看")
    assert refused.value.problem.code == "plans.changed_since"


def test_tasks_do_not_wait_for_each_other_in_a_circle(board: Board) -> None:
    first, second, third = (board.task(title) for title in "甲乙丙")
    services.add_dependency(board.giver, first.pk, second.pk)
    services.add_dependency(board.giver, second.pk, third.pk)
    with pytest.raises(InvalidInput) as refused:
        services.add_dependency(board.giver, third.pk, first.pk)
    assert refused.value.problems[0].params["chain"] == "3 → 1 → 2 → 3"
    with pytest.raises(Conflict) as waits:
        services.submit(board.holder, first.pk, "完成")
    assert waits.value.problem.code == "plans.waits_for"
    child = board.task("子", first)
    with pytest.raises(InvalidInput):
        services.add_dependency(board.giver, child.pk, first.pk)


def test_milestones_are_reached_by_whoever_does_the_work_and_never_tomorrow(board: Board) -> None:
    task = board.task()
    made = services.add_milestone(board.county_giver, task.pk, "动工", dt.date(2026, 6, 30))
    with pytest.raises(InvalidInput):
        services.reach_milestone(board.holder, made.pk, on=dt.date(2026, 11, 21))
    services.reach_milestone(board.holder, made.pk, "已动工")
    with pytest.raises(Conflict):
        services.reach_milestone(board.holder, made.pk)
    with pytest.raises(NotFound):
        services.reach_milestone(board.actor("secretary", "sibling"), made.pk)


def test_published_figures_move_a_measured_task_and_nobody_claims_there(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = board.task()
    link = TaskIndicator.objects.create(
        task=task, indicator="RATE", measures=True, start=Decimal(80), target=Decimal(100)
    )
    Task.objects.filter(pk=task.pk).update(measure="measured")
    with pytest.raises(Conflict) as refused:
        services.report(board.holder, task.pk, 99, "自称")
    assert refused.value.problem.code == "plans.measured_not_claimed"
    monkeypatch.setattr(measuring, "measured_now", lambda links: {one.pk: 4_500 for one in links})
    run = SimpleNamespace(state="published", ranked=SimpleNamespace(values=lambda _name: [board.county]))
    measuring.published(board.giver, run)  # type: ignore[arg-type]
    task = board.again(task)
    assert (task.progress, task.plan.progress, link.task_id) == (4_500, 4_500, task.pk)
    assert TaskStep.objects.get(task=task, action="measured").person is None


def test_all_open_tasks_of_a_person_go_to_another_and_the_managers_see_who_has_left(board: Board) -> None:
    leaving = board.holder.user_id
    own = [board.task(str(number), person_id=leaving).pk for number in range(3)]
    Post.objects.filter(user_id=leaving).update(ended_at=MORNING, ended_by_id=leaving)
    [duty] = [one for one in duties_of(board.actor("secretary", "own")) if one.count == 3]
    assert "gone" in duty.url
    assert [one.pk for one in tasks(board.giver, TaskFilter(unassigned="gone"))] == own
    to = board.actor("leader", "own").user_id
    services.hand_over_all(board.giver, board.city, leaving, to, "岗位调整")
    assert set(Task.objects.values_list("person_id", flat=True)) == {to}


def test_people_are_reminded_once_a_stage(board: Board) -> None:
    person = board.holder.user_id
    board.task(person_id=person, due=dt.date(2026, 11, 20))
    board.task(person_id=person, due=dt.date(2026, 11, 1))
    board.task(person_id=person, due=dt.date(2026, 12, 20))
    assert notices.remind() == 1
    assert notices.remind() == 0
    [notice] = Notice.objects.filter(code="plans.due")
    assert notice.params == {"soon": 1, "late": 1}
    with frozen(MORNING + dt.timedelta(days=1)):
        assert notices.remind() == 1


def test_others_find_tasks_late_points_and_figures(board: Board) -> None:
    late = board.task("迟到的任务", due=dt.date(2026, 10, 20), person_id=board.holder.user_id)
    done = board.done(title="按时的任务", due=dt.date(2026, 11, 20))
    Task.objects.filter(pk=done.pk).update(due=dt.date(2026, 10, 31), done_on=dt.date(2026, 10, 30))
    [(source, points)] = points_for(board.giver, board.city, dt.date(2026, 11, 20))
    assert (source.key, [point.key for point in points]) == ("plans", [str(late.pk)])
    found = dict(search(board.giver, "迟到的"))
    assert [hit.label for hit in found["计划与任务"]] == ["迟到的任务"]
    assert not search(board.actor("secretary", "sibling"), "迟到的")
    region = Region.objects.select_related("tree").get(pk=board.county)
    counted = feeds.tasks_counted(board.giver, region.tree, [region.pk], Period.parse("2026-10"))
    assert {key[1]: one.value for key, one in counted.items()} == {
        "tasks_due": 2,
        "tasks_on_time": 1,
        "tasks_done": 1,
        "tasks_late": 1,
    }
    assert [duty.url for duty in duties_of(board.holder) if "逾期" in str(duty.label)] == [
        f"/plans/tasks/{late.pk}/"
    ]


def test_the_tree_shows_the_top_and_what_was_opened(board: Board) -> None:
    first = board.task("甲")
    child = board.task("甲一", first, region_id=board.town)
    second = board.task("乙")
    closed = [task.pk for task in tree_rows(board.giver, board.plan.pk, set())]
    assert closed == [first.pk, second.pk]
    opened = [task.pk for task in tree_rows(board.giver, board.plan.pk, {first.pk})]
    assert opened == [first.pk, child.pk, second.pk]
    town = board.actor("reporter", "descendant")
    assert [task.pk for task in tree_rows(town, board.plan.pk, set())] == [child.pk]


def test_one_change_over_five_levels_rolls_up_in_a_few_queries(board: Board) -> None:
    task = board.task()
    for depth in range(4):
        board.task(f"旁{depth}", task)
        task = board.task(f"深{depth}", task)
    Task.objects.filter(pk=task.pk).update(own_progress=10_000)
    with CaptureQueriesContext(connection) as queries:
        rollup.roll_up(board.plan.pk, [task.path])
    assert len(queries) == 4
    assert board.again(task).plan.progress == 625


def test_pages_ask_the_same_number_of_queries_for_few_and_for_many(board: Board, client: Client) -> None:
    client.force_login(board.giver.user)
    counts = []
    for size in (2, 30):
        sheet(board, *(f"{number},任务{number},,甲县,,,2026-06-30,1,," for number in range(1, size)))
        for address in (f"/plans/{board.plan.pk}/", "/plans/tasks/?state=late", "/plans/"):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counts.append((address, len(queries)))
    assert counts[:3] == counts[3:]


def test_the_command_lists_imports_and_reports(board: Board, tmp_path) -> None:
    path = tmp_path / "任务.csv"
    path.write_text(HEADER + "1,建馆,,甲县,,,2026-06-30,1,,\n", encoding="utf-8")
    run = CliRunner()
    secretary = ["--as", board.giver.user.username]
    assert run.invoke(app, ["import", str(board.plan.pk), str(path), *secretary]).exit_code == 0
    task = Task.objects.get()
    reporter = ["--as", board.holder.user.username]
    result = run.invoke(app, ["report", str(task.pk), "30", "--text", "动工", "--json", *reporter])
    assert '"percent": 30.0' in result.stdout
    assert "建馆" in run.invoke(app, ["tasks", "--state", "late", *secretary]).stdout
    assert run.invoke(app, ["tasks", "--state", "x", *secretary]).exit_code == 2
    target = tmp_path / "out.xlsx"
    assert run.invoke(app, ["export", str(board.plan.pk), str(target), *secretary]).exit_code == 0
    assert target.stat().st_size > 1000
    path.write_text(HEADER + "1,,,,,,,,,\n", encoding="utf-8")
    assert run.invoke(app, ["import", str(board.plan.pk), str(path), *secretary]).exit_code == 2
