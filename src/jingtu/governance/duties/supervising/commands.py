"""``jingtu supervision``: list and show notices, those not answered in time."""

from __future__ import annotations

from typing import Annotated

import typer

from jingtu.core.kernel.console import (
    AsJson,
    AsUser,
    acting_as,
    emit_json,
    fail,
    language,
    print_mapping,
    print_table,
    speaking_plainly,
)

from . import queries
from .models import Supervision
from .queries import NoticeFilter
from .rules import NoticeState

app = typer.Typer(no_args_is_help=True, help="督办：列出、查看 · list and show supervision notices")


@app.command("list")
def list_notices(
    state: Annotated[str, typer.Option(help="open, issued, answered…")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="只列超期的 · overdue only")] = False,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出督办 · list notices."""
    if state and state not in {"open", *NoticeState}:
        fail(f"--state: {', '.join(['open', *NoticeState])}")
    with speaking_plainly():
        found = list(queries.notices(acting_as(username), NoticeFilter(state=state, overdue=overdue)))
    if as_json:
        emit_json([described(notice) for notice in found])
        return
    zh = language() == "zh"
    print_table(
        "督办" if zh else "Supervision",
        ["编号", "文号", "事项", "单位", "状态", "期限"]
        if zh
        else ["no.", "number", "what", "asked of", "state", "due"],
        [(one.pk, one.number, one.title, one.addressee, one.state, one.due) for one in found],
        right=(0,),
    )


@app.command("show")
def show(
    number: Annotated[int, typer.Argument(metavar="NOTICE", help="督办编号 · number of the notice")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """查看一件督办 · show a notice."""
    with speaking_plainly():
        page = queries.notice_page(acting_as(username), number)
    told = described(page.notice) | {
        "text": page.notice.text,
        "steps": [f"{row.step.at.isoformat()} {row.step.action} {row.step.text}" for row in page.history],
    }
    if as_json:
        emit_json(told)
    else:
        print_mapping(told)


def described(notice: Supervision) -> dict[str, object]:
    """A notice as JSON."""
    return {
        "id": notice.pk,
        "number": notice.number,
        "title": notice.title,
        "subject": notice.subject,
        "about": notice.label,
        "addressee": notice.addressee,
        "state": notice.state,
        "due": notice.due.isoformat(),
        "answered_on": notice.answered_on.isoformat() if notice.answered_on else None,
    }
