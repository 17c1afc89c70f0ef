"""``jingtu appeal``: list, show, accept and decide appeals."""

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
    out,
    print_mapping,
    print_table,
    speaking_plainly,
)

from . import queries, services
from .models import Appeal
from .queries import AppealFilter
from .rules import OUTCOMES, AppealState

app = typer.Typer(
    no_args_is_help=True, help="申诉：列出、查看、受理、裁定 · list, show, accept, decide appeals"
)
Number = Annotated[int, typer.Argument(metavar="APPEAL", help="申诉编号 · number of the appeal")]


@app.command("list")
def list_appeals(
    state: Annotated[str, typer.Option(help="open 为未办结 · open: not settled")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="只列超期的 · overdue only")] = False,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出申诉 · list appeals."""
    if state and state not in {"open", *AppealState}:
        known = ", ".join(["open", *AppealState])
        fail(
            f"没有状态“{state}”；可选：{known}"
            if language() == "zh"
            else f'no state "{state}"; one of {known}'
        )
    with speaking_plainly():
        found = list(queries.appeals(acting_as(username), AppealFilter(state=state, overdue=overdue)))
    if as_json:
        emit_json([_described(appeal) for appeal in found])
        return
    zh = language() == "zh"
    print_table(
        "申诉" if zh else "Appeals",
        ["编号", "地区", "有异议的数", "状态", "时限"] if zh else ["no.", "place", "number", "state", "due"],
        [
            (
                appeal.pk,
                appeal.region.name,
                appeal.label if zh else appeal.label_en,
                appeal.state,
                appeal.due or "–",
            )
            for appeal in found
        ],
        right=(0,),
    )


@app.command("show")
def show(number: Number, username: AsUser = None, as_json: AsJson = False) -> None:
    """查看一件申诉 · show an appeal."""
    with speaking_plainly():
        page = queries.appeal_page(acting_as(username), number)
    described = _described(page.appeal) | {"text": page.appeal.text, "decision": page.appeal.decision}
    if as_json:
        emit_json(described)
    else:
        print_mapping(described)


@app.command("accept")
def accept(
    number: Number,
    note: Annotated[str, typer.Option(help="说明 · note")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """受理一件申诉 · accept an appeal."""
    with speaking_plainly():
        appeal = services.accept(acting_as(username), number, note)
    _said(appeal, as_json)


@app.command("decide")
def decide(
    number: Number,
    outcome: Annotated[str, typer.Argument(help="upheld, partly, rejected")],
    reason: Annotated[str, typer.Option(help="理由 · reasons")],
    correct: Annotated[
        list[str] | None,
        typer.Option(
            "--correct", metavar="KEY=VALUE", help="更正的数，可重复 · corrected figure, repeatable"
        ),
    ] = None,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """裁定一件申诉 · decide an appeal."""
    if outcome not in OUTCOMES:
        fail(f"{outcome}: {', '.join(OUTCOMES)}")
    corrections = {}
    for given in correct or ():
        key, sign, value = given.rpartition("=")
        if not sign:
            fail(f"--correct KEY=VALUE: {given}")
        corrections[key] = value
    with speaking_plainly():
        appeal = services.decide(acting_as(username), number, AppealState(outcome), reason, corrections)
    _said(appeal, as_json)


def _said(appeal: Appeal, as_json: bool) -> None:
    if as_json:
        emit_json(_described(appeal))
    else:
        out.print(f"#{appeal.pk} {appeal.state}", markup=False)


def _described(appeal: Appeal) -> dict[str, object]:
    return {
        "id": appeal.pk,
        "run": appeal.run_id,
        "region": appeal.region.name,
        "indicator": appeal.indicator,
        "number": appeal.label,
        "number_en": appeal.label_en,
        "key": appeal.key,
        "state": appeal.state,
        "due": appeal.due.isoformat() if appeal.due else None,
    }
