"""``jingtu simulate``: try a card on published periods without changing anything."""

from __future__ import annotations

from typing import Annotated

import typer

from jingtu.core.kernel.console import (
    AsJson,
    AsUser,
    acting_as,
    emit_json,
    err,
    language,
    print_table,
    speaking_plainly,
)

from .queries import Asked
from .retrospecting import Wanted, look_back

app = typer.Typer(no_args_is_help=True, help="模拟：多期回溯 · simulation: look back on a year")


@app.callback()
def main() -> None:
    """模拟，不改动任何结果 · simulate; nothing is changed."""


@app.command("retrospect")
def retrospect(
    run_id: Annotated[int, typer.Argument(metavar="RUN", help="一次考核的编号 · number of a run")],
    year: Annotated[int, typer.Option(help="年度；缺省为该考核所在年 · year; that of the run")] = 0,
    catalogue: Annotated[int | None, typer.Option(help="目录版本；缺省为最新 · version; the newest")] = None,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """把一版评分表用到一年各期 · lay a card on every published period of a year."""
    with speaking_plainly():
        looked = look_back(acting_as(username), run_id, Wanted(year, Asked(catalogue=catalogue)))
    said = [one.text(language()) for one in looked.left_out]
    if as_json:
        emit_json({"catalogue": looked.catalogue, **looked.found.plain(), "left_out": said})
        return
    zh = language() == "zh"
    print_table(
        "",
        ["地区" if zh else "place", *looked.found.periods, "升降" if zh else "gained"],
        [
            (
                line.name,
                *(
                    "–" if cell is None else f"{cell.old_rank or '–'} → {cell.new_rank or '–'}"
                    for cell in line.cells
                ),
                f"{line.gained:+d}",
            )
            for line in looked.found.lines
        ],
    )
    for sentence in said:
        err.print(sentence, markup=False, soft_wrap=True)
