"""``jingtu schedules``: list, look ahead, run."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer
from django.utils.timezone import localtime

from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.console import (
    AsJson,
    AsUser,
    acting_as,
    emit_json,
    language,
    out,
    print_table,
    speaking_plainly,
)
from jingtu.core.kernel.errors import PermissionDenied

from . import consent, queries, services
from .models import Schedule
from .telling import OccurrenceRow

app = typer.Typer(no_args_is_help=True, help="计划：列出、日程、办理 · list, look ahead, run schedules")


@app.command("list")
def list_schedules(username: AsUser = None, as_json: AsJson = False) -> None:
    """列出计划 · list schedules."""
    with speaking_plainly():
        rows = queries.schedule_rows(acting_as(username))
    if as_json:
        emit_json(
            [
                {
                    "id": row.schedule.pk,
                    "name": row.schedule.name,
                    "region": row.schedule.region.name,
                    "cadence": row.schedule.cadence,
                    "enabled": row.schedule.enabled,
                    "consent": row.schedule.consent,
                    "last": _described(row.last) if row.last else None,
                    "next": _described(row.next) if row.next else None,
                }
                for row in rows
            ]
        )
        return
    zh = language() == "zh"
    print_table(
        "计划" if zh else "Schedules",
        ["编号", "名称", "地区", "启用", "上次", "下次"]
        if zh
        else ["id", "name", "region", "enabled", "last", "next"],
        [
            (
                row.schedule.pk,
                row.schedule.name,
                row.schedule.region.name,
                "●" if row.schedule.enabled else "–",
                f"{row.last.period} {row.last.mark[1]}" if row.last else "–",
                f"{row.next.period} {localtime(row.next.due_at):%m-%d %H:%M}" if row.next else "–",
            )
            for row in rows
        ],
        right=(0,),
    )


@app.command("calendar")
def calendar(
    days: Annotated[int, typer.Option(min=1, max=366, help="往后几天 · days ahead")] = 31,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """今后的日程 · what falls due from today on."""
    with speaking_plainly():
        rows = queries.calendar(acting_as(username), today(), today() + dt.timedelta(days=days))
    if as_json:
        emit_json([_described(row) for row in rows])
        return
    for row in rows:
        out.print(f"{localtime(row.due_at):%Y-%m-%d %H:%M}  {row.schedule.name}  {row.period}", markup=False)


@app.command("run")
def run(
    schedule: Annotated[int, typer.Argument(metavar="SCHEDULE", help="计划编号 · number of the schedule")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """立即办理最早未办的周期 · deal with the oldest open period now."""
    with speaking_plainly():
        occurrence = services.run_now(acting_as(username), schedule)
    if as_json:
        emit_json({"period": occurrence.period, "state": occurrence.state, "run": occurrence.run_id})
    else:
        out.print(f"{occurrence.period} {occurrence.state} #{occurrence.run_id or '–'}", markup=False)


@app.command("agree")
def agree(
    schedule: Annotated[int, typer.Argument(metavar="SCHEDULE", help="计划编号 · number of the schedule")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """同意计划以本人名义执行 · agree that a schedule acts in your name."""
    with speaking_plainly():
        _answered(consent.agree(acting_as(username), schedule), as_json)


@app.command("decline")
def decline(
    schedule: Annotated[int, typer.Argument(metavar="SCHEDULE", help="计划编号 · number of the schedule")],
    reason: Annotated[str, typer.Option("--reason", help="理由 · why")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """不同意或收回同意 · do not agree, or no longer."""
    with speaking_plainly():
        _answered(consent.decline(acting_as(username), schedule, reason), as_json)


def _answered(schedule: Schedule, as_json: bool) -> None:
    if as_json:
        emit_json({"id": schedule.pk, "consent": schedule.consent})
    else:
        out.print(f"{schedule.name} {schedule.consent}", markup=False)


@app.command("tick")
def tick(username: AsUser = None, as_json: AsJson = False) -> None:
    """办理所有到期的计划 · deal with everything that is due."""
    with speaking_plainly():
        if username is not None and not acting_as(username).can(Permission.SYSTEM_MAINTAIN):
            raise PermissionDenied(Permission.SYSTEM_MAINTAIN)
        done = services.tick()
    if as_json:
        emit_json({"done": done})
    else:
        out.print(str(done))


def _described(row: OccurrenceRow) -> dict[str, object]:
    return {
        "schedule": row.schedule.pk,
        "period": row.period,
        "due_at": row.due_at.isoformat(),
        "latest_at": row.latest_at.isoformat(),
        "state": row.occurrence.state if row.occurrence else "upcoming",
        "note": row.note,
        "late": row.late,
        "run": row.occurrence.run_id if row.occurrence else None,
    }
