"""``jingtu letters``: list letters, show coverage, write out lists."""

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
from jingtu.core.regions.queries import find_region, tree_by_slug

from . import coverage as covering
from . import queries
from .exporting import write_csv
from .models import Letter
from .queries import LetterFilter
from .rules import Layer, LetterState

app = typer.Typer(no_args_is_help=True, help="责任书：列出、签订情况、导出 · letters of responsibility")
Year = Annotated[int | None, typer.Option(help="年度 · year")]


def _state(state: str, layer: str) -> None:
    if state and state not in {"live", *LetterState}:
        fail(f"--state: {', '.join(['live', *LetterState])}")
    if layer and layer not in set(Layer):
        fail(f"--layer: {', '.join(Layer)}")


@app.command("list")
def list_letters(
    year: Year = None,
    state: Annotated[str, typer.Option(help="live, issued, signed…")] = "",
    layer: Annotated[str, typer.Option(help="head, deputy, staff, discipline")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出责任书 · list letters."""
    _state(state, layer)
    with speaking_plainly():
        wanted = LetterFilter(year=year, state=state, layer=layer)
        found = list(queries.letters(acting_as(username), wanted).defer("text"))
    if as_json:
        emit_json([described(letter) for letter in found])
        return
    zh = language() == "zh"
    print_table(
        "责任书" if zh else "Letters of responsibility",
        ["编号", "年度", "层级", "签订对象", "签字人", "状态", "签字日期"]
        if zh
        else ["no.", "year", "layer", "recipient", "signer", "state", "signed"],
        [
            (
                letter.pk,
                letter.year,
                letter.layer,
                letter.recipient_name,
                letter.signer_name,
                letter.state,
                letter.signed_on or "–",
            )
            for letter in found
        ],
        right=(0, 1),
    )


@app.command("coverage")
def coverage(
    tree: Annotated[str, typer.Argument(metavar="TREE", help="区划树 · region tree")],
    code: Annotated[str, typer.Argument(metavar="CODE", help="地区代码 · region code")],
    year: Year = None,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """应签、已下达、已签多少，谁还没签 · how many are due, issued, signed, and who has not signed."""
    with speaking_plainly():
        actor = acting_as(username)
        region = find_region(actor, tree_by_slug(actor, tree), code)
        found = covering.coverage(actor, region.pk, year or today().year)
    if as_json:
        emit_json(
            {
                "region": found.region.name,
                "year": found.year,
                "due": found.total.due,
                "issued": found.total.issued,
                "signed": found.total.signed,
                "lines": [
                    {
                        "office": line.region.name,
                        "layer": line.layer,
                        "kind": line.kind,
                        "due": line.tally.due,
                        "issued": line.tally.issued,
                        "signed": line.tally.signed,
                    }
                    for line in found.lines
                ],
                "unsigned": [
                    {"name": one.name, "layer": one.layer, "state": one.state, "letter": one.letter_id}
                    for one in found.unsigned
                ],
            }
        )
        return
    zh = language() == "zh"
    print_table(
        f"{found.region.name} {found.year}",
        ["下达地区", "层级", "对象", "应签", "已下达", "已签"]
        if zh
        else ["office", "layer", "recipients", "due", "issued", "signed"],
        [
            (line.region.name, line.layer, line.kind, line.tally.due, line.tally.issued, line.tally.signed)
            for line in found.lines
        ],
        right=(3, 4, 5),
    )


@app.command("export")
def export(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="写入的 .csv · file to write")],
    year: Year = None,
    state: Annotated[str, typer.Option(help="live, issued, signed…")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """把责任书清单写成文件，并记入审计 · write the list to a file; counted in the audit trail."""
    _state(state, "")
    if target.suffix != ".csv" or not target.parent.is_dir():
        zh = language() == "zh"
        fail(
            f"{target}：须是现有目录下的 .csv 文件"
            if zh
            else f"{target}: must be a .csv file in a folder that exists"
        )
    with speaking_plainly():
        count = write_csv(acting_as(username), LetterFilter(year=year, state=state), target)
    if as_json:
        emit_json({"file": str(target), "letters": count})
    else:
        out.print(f"{target} · {count}", markup=False)


def described(letter: Letter) -> dict[str, object]:
    """A letter as JSON."""
    return {
        "id": letter.pk,
        "year": letter.year,
        "layer": letter.layer,
        "kind": letter.kind,
        "recipient": letter.recipient_name,
        "signer": letter.signer_name,
        "state": letter.state,
        "sign_by": letter.sign_by.isoformat() if letter.sign_by else None,
        "signed_on": letter.signed_on.isoformat() if letter.signed_on else None,
        "hash": letter.digest,
    }
