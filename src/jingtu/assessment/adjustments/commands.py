"""``jingtu adjustments``: entries of bonus and deduction, and vetoes that fired."""

from __future__ import annotations

from pathlib import Path
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
    print_table,
    speaking_plainly,
)
from jingtu.core.regions.queries import find_region, tree_by_slug
from jingtu.engine.notation import plain_number

from . import queries, services
from .models import Entry, VetoCase

app = typer.Typer(
    no_args_is_help=True, help="加减分与一票否决 · bonus and deduction entries, vetoes that fired"
)
EntryId = Annotated[int, typer.Argument(metavar="ENTRY", help="申报编号 · number of the entry")]
CaseId = Annotated[int, typer.Argument(metavar="VETO", help="一票否决编号 · number of the veto case")]
Reason = Annotated[str, typer.Option("--reason", help="理由 · reasons")]
LINES = ("bonus", "deduction")


@app.command("list")
def list_entries(username: AsUser = None, as_json: AsJson = False) -> None:
    """列出加减分申报 · list the entries you may see."""
    with speaking_plainly():
        found = [_entry(row) for row in queries.entries(acting_as(username))]
    _printed("加减分申报 · entries", found, as_json)


@app.command("propose")
def propose(
    region: Annotated[str, typer.Option("--region", metavar="CODE", help="地区 · region")],
    tree: Annotated[str, typer.Option("--tree", metavar="SLUG", help="区划树 · region tree")],
    scorecard: Annotated[str, typer.Option("--scorecard", help="评分表 · scorecard")],
    line: Annotated[str, typer.Option("--line", help="bonus, deduction")],
    indicator: Annotated[str, typer.Option("--indicator", help="指标 · indicator")],
    period: Annotated[str, typer.Option("--period", help="期间 · period")],
    count: Annotated[str, typer.Option("--count", help="数量 · count")],
    reason: Reason,
    evidence: Annotated[list[Path], typer.Option("--evidence", help="证明材料 · evidence, repeatable")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """申报加分或减分，附证明材料 · state a bonus or a deduction with evidence."""
    if line not in LINES:
        fail(f"{line}: {', '.join(LINES)}")
    for path in evidence:
        if not path.is_file():
            fail(f"没有这个文件：{path}" if language() == "zh" else f"no such file: {path}")
    with speaking_plainly():
        actor = acting_as(username)
        place = find_region(actor, tree_by_slug(actor, tree), region)
        files = [(path.name, [path.read_bytes()]) for path in evidence]
        made = services.enter(
            actor,
            place,
            scorecard,
            line,  # type: ignore[arg-type]
            indicator,
            period,
            count,
            reason,
            files,
        )
    _said(_entry(made), as_json)


@app.command("approve")
def approve(
    entry: EntryId,
    note: Annotated[str, typer.Option(help="说明 · note")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """批准申报 · let an entry count."""
    with speaking_plainly():
        done = services.approve(acting_as(username), entry, note)
    _said(_entry(done), as_json)


@app.command("refuse")
def refuse(entry: EntryId, reason: Reason, username: AsUser = None, as_json: AsJson = False) -> None:
    """不予批准 · turn an entry down."""
    with speaking_plainly():
        done = services.refuse_entry(acting_as(username), entry, reason)
    _said(_entry(done), as_json)


@app.command("withdraw")
def withdraw(entry: EntryId, reason: Reason, username: AsUser = None, as_json: AsJson = False) -> None:
    """撤回申报 · take an entry back."""
    with speaking_plainly():
        done = services.withdraw(acting_as(username), entry, reason)
    _said(_entry(done), as_json)


@app.command("vetoes")
def list_vetoes(username: AsUser = None, as_json: AsJson = False) -> None:
    """列出触发的一票否决 · list the vetoes that fired."""
    with speaking_plainly():
        actor = acting_as(username)
        found = [_case(row) | {"value": queries.value_shown(actor, row)} for row in queries.vetoes(actor)]
    _printed("一票否决 · vetoes", found, as_json)


@app.command("reply")
def reply(
    case: CaseId,
    text: Annotated[str, typer.Option("--text", help="答辩 · what the place says")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """答辩 · speak for the place while there is time."""
    with speaking_plainly():
        done = services.reply(acting_as(username), case, text)
    _said(_case(done), as_json)


@app.command("decide")
def decide(
    case: CaseId,
    reason: Reason,
    applies: Annotated[bool, typer.Option("--apply/--waive", help="适用或不适用 · whether it applies")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """决定一票否决是否适用 · decide whether a veto applies."""
    with speaking_plainly():
        done = services.decide_veto(acting_as(username), case, reason, applies=applies)
    _said(_case(done), as_json)


def _entry(row: Entry) -> dict[str, object]:
    return {
        "id": row.pk,
        "region": row.region.name,
        "scorecard": row.scorecard,
        "line": row.line,
        "indicator": row.indicator,
        "period": row.period,
        "count": plain_number(row.count),
        "state": row.state,
    }


def _case(row: VetoCase) -> dict[str, object]:
    return {
        "id": row.pk,
        "region": row.region.name,
        "scorecard": row.scorecard,
        "indicator": row.indicator,
        "period": row.period,
        "state": row.state,
        "reply_until": row.reply_until.isoformat(),
    }


def _said(described: dict[str, object], as_json: bool) -> None:
    if as_json:
        emit_json(described)
    else:
        out.print(f"#{described['id']} {described['state']}", markup=False)


def _printed(title: str, found: list[dict[str, object]], as_json: bool) -> None:
    if as_json:
        emit_json(found)
        return
    columns = list(found[0]) if found else ["id"]
    print_table(title, columns, [[row[name] for name in columns] for row in found])
