"""``jingtu meetings``: list meetings, show an agenda and what is proposed for it, bind the papers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from jingtu.core.files.queries import content_path
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
from jingtu.engine.problems import Language

from . import queries
from .proposing import proposals
from .queries import MeetingFilter
from .rules import MeetingState
from .services.packs import keep_pack

app = typer.Typer(
    no_args_is_help=True, help="会议：列出、议程、材料汇编 · list meetings, agendas, packs of papers"
)
Number = Annotated[int, typer.Argument(metavar="MEETING", help="会议编号 · number of the meeting")]


@app.command("list")
def list_meetings(
    state: Annotated[str, typer.Option(help="状态，如 planned · by state")] = "",
    mine: Annotated[bool, typer.Option("--mine", help="只列本人参加的 · only one's own")] = False,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出会议 · list meetings."""
    if state and state not in set(MeetingState):
        known = ", ".join(MeetingState)
        fail(
            f"没有状态“{state}”；可选：{known}"
            if language() == "zh"
            else f'no state "{state}"; one of {known}'
        )
    with speaking_plainly():
        found: list[Any] = list(queries.meetings(acting_as(username), MeetingFilter(state=state, mine=mine)))
    if as_json:
        emit_json(
            [
                {
                    "id": one.pk,
                    "title": one.title,
                    "region": one.region.name,
                    "day": one.held_on.isoformat(),
                    "at": f"{one.at:%H:%M}",
                    "state": one.state,
                    "items": one.item_count,
                    "decisions": one.decision_count,
                }
                for one in found
            ]
        )
        return
    zh = language() == "zh"
    print_table(
        "会议" if zh else "Meetings",
        ["编号", "日期", "会议", "地区", "状态", "议题", "决定"]
        if zh
        else ["no.", "day", "meeting", "region", "state", "items", "decisions"],
        [
            (
                one.pk,
                f"{one.held_on} {one.at:%H:%M}",
                one.title,
                one.region.name,
                one.state,
                one.item_count,
                one.decision_count,
            )
            for one in found
        ],
        right=(0, 5, 6),
    )


@app.command("agenda")
def agenda(meeting: Number, username: AsUser = None, as_json: AsJson = False) -> None:
    """议程和建议列入的议题 · the agenda and what is proposed for it."""
    with speaking_plainly():
        actor = acting_as(username)
        page = queries.meeting_page(actor, meeting)
        groups = proposals(actor, page.meeting) if page.may_manage else []
    english = language() == "en"
    if as_json:
        emit_json(
            {
                "meeting": page.meeting.pk,
                "items": [
                    {
                        "position": item.position,
                        "kind": item.kind,
                        "title": item.title_en or item.title_zh if english else item.title_zh,
                        "presenter": item.presenter_label,
                        "minutes": item.minutes,
                        "added_late": item.added_late,
                    }
                    for item in page.items
                ],
                "proposed": [
                    {"point": one.name, "title": one.title, "detail": one.detail}
                    for group in groups
                    for one in group.points
                ],
            }
        )
        return
    for item in page.items:
        title = item.title_en or item.title_zh if english else item.title_zh
        out.print(f"{item.position}. {title} ({item.minutes})", markup=False, soft_wrap=True)
    for group in groups:
        out.print(f"+ {group.label}", markup=False)
        for one in group.points:
            out.print(f"  - {one.title}  {one.detail}", markup=False, soft_wrap=True)


@app.command("pack")
def pack(
    meeting: Number,
    target: Annotated[Path, typer.Option("--out", "-o", help="写到哪个文件 · file to write")],
    english: Annotated[bool, typer.Option("--english", help="英文材料 · papers in English")] = False,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """汇编会议材料为一份 PDF · bind the papers into one PDF."""
    with speaking_plainly():
        spoken: Language = "en" if english else "zh"
        made = keep_pack(acting_as(username), meeting, spoken)
    try:
        target.write_bytes(content_path(made.file).read_bytes())
    except OSError as error:
        fail(f"{target}: {error.strerror}")
    if as_json:
        emit_json({"meeting": meeting, "pages": made.pages, "file": str(target), "sha256": made.file.sha256})
    else:
        out.print(f"{target} · {made.pages}", markup=False)
