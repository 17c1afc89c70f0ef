"""``jingtu plans``: list plans and tasks, import a table, report progress."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jingtu.core.kernel.clock import today
from jingtu.core.kernel.console import (
    AsJson,
    AsUser,
    acting_as,
    emit_json,
    fail,
    language,
    out,
    print_table,
    speaking_plainly,
)

from . import queries, services
from .models import Task
from .queries import TaskFilter
from .queries.filters import LATE, OPEN
from .rules import TaskState, is_late

app = typer.Typer(no_args_is_help=True, help="计划与任务 · plans and their tasks")


@app.command("list")
def list_plans(username: AsUser = None, as_json: AsJson = False) -> None:
    """列出计划 · list plans."""
    with speaking_plainly():
        found = list(queries.plans(acting_as(username)))
    described = [
        {
            "id": plan.pk,
            "title": plan.title,
            "region": plan.region.name,
            "starts": plan.starts.isoformat(),
            "ends": plan.ends.isoformat(),
            "tasks": plan.leaves,
            "done": plan.leaves_done,
            "percent": float(plan.percent),
        }
        for plan in found
    ]
    if as_json:
        emit_json(described)
        return
    zh = language() == "zh"
    print_table(
        "计划" if zh else "Plans",
        ["编号", "名称", "地区", "办结", "进度%"] if zh else ["no.", "title", "place", "done", "%"],
        [
            (one["id"], one["title"], one["region"], f"{one['done']}/{one['tasks']}", one["percent"])
            for one in described
        ],
        right=(0, 3, 4),
    )


@app.command("tasks")
def list_tasks(
    plan: Annotated[int | None, typer.Option(help="计划编号 · number of the plan")] = None,
    state: Annotated[str, typer.Option(help="状态，或 open、late · a state, or open, late")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出任务 · list tasks."""
    if state and state not in {OPEN, LATE, *TaskState}:
        known = ", ".join([OPEN, LATE, *TaskState])
        zh = language() == "zh"
        fail(f"没有状态“{state}”；可选：{known}" if zh else f'no state "{state}"; one of {known}')
    with speaking_plainly():
        actor = acting_as(username)
        if plan is not None:
            queries.get_plan(actor, plan)
        found = list(queries.tasks(actor, TaskFilter(plan=plan, state=state)))
    if as_json:
        emit_json([_described(task) for task in found])
        return
    zh = language() == "zh"
    print_table(
        "任务" if zh else "Tasks",
        ["号", "编号", "名称", "地区", "期限", "状态", "进度%"]
        if zh
        else ["id", "no.", "title", "place", "due", "state", "%"],
        [
            (task.pk, task.number, task.title, task.region.name, task.due, task.state, task.progress // 100)
            for task in found
        ],
        right=(0, 6),
    )


@app.command("import")
def import_file(
    plan: Annotated[int, typer.Argument(metavar="PLAN", help="计划编号 · number of the plan")],
    file: Annotated[Path, typer.Argument(help="任务表 · table of tasks (xlsx, csv)")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """导入任务表，全部正确才导入 · import a table of tasks, all rows or none."""
    with speaking_plainly():
        made = services.import_path(acting_as(username), plan, file)
    if as_json:
        emit_json([_described(task) for task in made])
    else:
        out.print(f"+{len(made)}", markup=False)


@app.command("export")
def export_file(
    plan: Annotated[int, typer.Argument(metavar="PLAN", help="计划编号 · number of the plan")],
    file: Annotated[Path, typer.Argument(help="写到 · write to (xlsx)")],
    username: AsUser = None,
) -> None:
    """导出任务表，可改后再导入 · export the tasks as a table that can be read in again."""
    from .queries.sheets import export

    if file.suffix.lower() != ".xlsx":
        fail(f"{file}：须是 .xlsx 文件" if language() == "zh" else f"{file}: must be an .xlsx file")
    with speaking_plainly():
        actor = acting_as(username)
        response = export(actor, queries.get_plan(actor, plan), TaskFilter(plan=plan))
        with file.open("wb") as stream:
            stream.writelines(response)
    out.print(str(file), markup=False)


@app.command("report")
def report(
    task: Annotated[int, typer.Argument(metavar="TASK", help="任务号 · id of the task")],
    percent: Annotated[int, typer.Argument(help="进度 · percent")],
    text: Annotated[str, typer.Option(help="工作情况 · what was done")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """报告任务进度 · report progress on a task."""
    with speaking_plainly():
        done = services.report(acting_as(username), task, percent, text)
    if as_json:
        emit_json(_described(done))
    else:
        out.print(f"#{done.pk} {done.state} {percent}%", markup=False)


def _described(task: Task) -> dict[str, object]:
    return {
        "id": task.pk,
        "plan": task.plan_id,
        "number": task.number,
        "title": task.title,
        "region": task.region.name,
        "due": task.due.isoformat(),
        "state": task.state,
        "late": is_late(task.state, task.due, today()),
        "percent": task.progress / 100,
    }
