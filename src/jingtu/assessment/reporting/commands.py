"""``jingtu reports``: forms, what is due, filling in from a file, submitting, returning, accepting, reminding, burden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from django.db import transaction
from django.utils.timezone import localtime

from jingtu.core.kernel.actor import Actor
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
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import find_region, tree_by_slug
from jingtu.engine.periods import Period
from jingtu.engine.problems import InvalidInput, refuse

from . import queries, services
from .definition_text import read_forms, write_forms
from .models import Report
from .services import Choice, Chosen, Entry
from .working import find_form, parse_period

app = typer.Typer(no_args_is_help=True, help="报表：填报、审核、催报、负担 · report forms")

FormArgument = Annotated[str, typer.Argument(help="报表代码 · code of the form", metavar="FORM")]
PeriodArgument = Annotated[str, typer.Argument(help="周期 · period", metavar="PERIOD")]
RegionArgument = Annotated[str, typer.Argument(help="单位代码 · code of the unit", metavar="UNIT")]


def _say(zh: str, en: str) -> str:
    return en if language() == "en" else zh


def _unit(actor: Actor, code: str, unit: str) -> Region:
    form, _ = find_form(code)
    return find_region(actor, form.tree, unit)


def _report(actor: Actor, code: str, period: str, unit: str) -> Report:
    region = _unit(actor, code, unit)
    queries.grid_one(actor, code, period, region.pk)  # whoever may not see it finds nothing
    report = Report.objects.filter(form__code=code, period=parse_period(period).key, region=region).first()
    if report is None:
        raise NotFound(f"{code} {period} {unit}", "report")
    return report


@app.command("list")
def list_forms(username: AsUser = None, as_json: AsJson = False) -> None:
    """列出报表定义 · list the forms."""
    with speaking_plainly():
        lines = queries.form_list(acting_as(username))
    rows = [
        {
            "form": line.form.code,
            "name": line.form.name_en if language() == "en" else line.form.name_zh,
            "tree": line.form.tree.slug,
            "period": line.version.content.cadence if line.version else None,
            "version": line.version.number if line.version else None,
            "cells": line.cells,
        }
        for line in lines
    ]
    _print(rows, as_json, _say("报表", "Forms"), right=(4, 5))


@app.command("due")
def due(
    everything: Annotated[bool, typer.Option("--all", help="连同已完成 · finished ones too")] = False,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """待填报 · what is to be filled in."""
    with speaking_plainly():
        lines = queries.due_lines(acting_as(username), everything=everything)
    rows = [
        {
            "form": line.form.code,
            "period": line.period.key,
            "due": localtime(line.due_at).isoformat(timespec="minutes"),
            "units": line.units,
            "open": line.open,
            "state": line.timeliness.value,
        }
        for line in lines
    ]
    _print(rows, as_json, _say("待填报", "To fill in"), right=(3, 4))


@app.command("fill")
def fill(
    form: FormArgument,
    period: PeriodArgument,
    file: Annotated[Path, typer.Argument(help="CSV 或 XLSX 文件 · the file")],
    unit: Annotated[
        list[str] | None, typer.Option("--unit", help="单位代码；不写为名下全部 · unit; all of yours without")
    ] = None,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """从文件填入：全部正确才存 · put a file's figures in, if all of it is right."""
    with speaking_plainly():
        actor = acting_as(username)
        if not file.is_file():
            fail(_say(f"没有这个文件：{file}", f"no such file: {file}"))
        ids = [_unit(actor, form, code).pk for code in unit or ()]
        if not ids:
            ids = [view.region.pk for view in queries.grid_many(actor, form, period).units]
        returned = services.read_back(actor, form, period, _blocks(file), file.name, ids)
        if returned.problems:
            raise InvalidInput(returned.problems)
        if returned.refused:
            raise InvalidInput([refused.problem for refused in returned.refused])
    if as_json:
        emit_json({"saved": returned.saved})
    else:
        out.print(_say(f"已存入 {returned.saved} 格", f"Saved {returned.saved} cells"))


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            yield block


@app.command("submit")
def submit(
    form: FormArgument,
    period: PeriodArgument,
    unit: RegionArgument,
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer", help="答复被退回而不改的格，如 due=台账已核 · why a returned cell stays as it is"
        ),
    ] = None,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """提交审核；逐格说明缺错 · hand a report in, or say what is missing cell by cell."""
    with speaking_plainly():
        actor = acting_as(username)
        place = _unit(actor, form, unit).pk
        with transaction.atomic():
            _answer(actor, form, period, place, answer or ())
            report = services.submit(actor, form, period, place)
    _done(report, as_json, _say("已提交", "Submitted"))


def _answer(actor: Actor, form: str, period: str, place: int, answers: Sequence[str]) -> None:
    """Note at the cells named why they stay; all or none."""
    if not answers:
        return
    unit = queries.grid_one(actor, form, period, place).units[0]
    versions = {cell.key: cell.version for cell in unit.cells}
    entries = []
    for text in answers:
        # A category holds an equals sign, too: the longest name that is a cell's is the cell's.
        named = [key for key in versions if text.startswith(f"{key}=")]
        said = text[len(max(named, key=len)) + 1 :].strip() if named else ""
        if not said:
            raise refuse("report.unreadable_answer", text=text[:80])
        key = max(named, key=len)
        entries.append(Entry(place, key, None, versions[key], said))
    outcome = services.save_cells(actor, form, period, entries)
    if outcome.refused:
        raise InvalidInput([refused.problem for refused in outcome.refused])


@app.command("return")
def return_cells(
    form: FormArgument,
    period: PeriodArgument,
    unit: RegionArgument,
    cell: Annotated[list[str], typer.Option("--cell", help="单元格，如 users_current|age=u18 · cell")],
    reason: Annotated[str, typer.Option("--reason", help="理由 · why")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """退回单元格 · send single cells back with the reason."""
    with speaking_plainly():
        actor = acting_as(username)
        found = _report(actor, form, period, unit)
        report = services.return_cells(actor, found.pk, dict.fromkeys(cell, reason))
    _done(report, as_json, _say("已退回", "Returned"))


@app.command("accept")
def accept(
    form: FormArgument,
    period: PeriodArgument,
    unit: Annotated[list[str], typer.Argument(help="单位代码，可写多个 · units")],
    note: Annotated[str, typer.Option("--note", help="意见 · note")] = "",
    use: Annotated[
        list[str] | None,
        typer.Option(
            "--use",
            help="提交后来了不同的数时以哪个为准，如 due=report:17 · which figure shall stand, e.g. due=standing:17",
        ),
    ] = None,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """审核通过本级，末级即入库 · pass reports on; at the last step their figures become facts."""
    with speaking_plainly():
        actor = acting_as(username)
        chosen = [_report(actor, form, period, code) for code in unit]
        if use and len(chosen) != 1:
            raise refuse("report.choose_one_unit")
        reports = services.pass_reports(
            actor,
            [Chosen(report.pk, report.revision) for report in chosen],
            note,
            {chosen[0].pk: _choices(use)} if use else None,
        )
    if as_json:
        emit_json([{"report": report.pk, "state": report.state} for report in reports])
    else:
        out.print(_say(f"已通过 {len(reports)} 份", f"Passed {len(reports)} reports"))


def _choices(texts: Sequence[str]) -> dict[str, Choice]:
    found = {}
    for text in texts:
        key, _mark, rest = text.rpartition("=")
        choice = Choice.read(rest)
        if not key or choice is None:
            raise refuse("report.unreadable_choice", text=text[:80])
        found[key] = choice
    return found


@app.command("remind")
def remind(
    form: FormArgument,
    period: PeriodArgument,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """催报未提交的单位 · remind units that have not reported."""
    with speaking_plainly():
        sent = services.remind(acting_as(username), form, period)
    if as_json:
        emit_json({"sent": sent})
    else:
        out.print(_say(f"已发出 {sent} 条通知", f"Sent {sent} notices"))


@app.command("burden")
def burden(
    month: Annotated[str, typer.Option("--month", help="月份，如 2026-10；不写为上月 · month")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """填报负担：各单位手工填了多少格 · how many cells each unit typed by hand."""
    with speaking_plainly():
        actor = acting_as(username)
        chosen = Period.parse(month) if month else Period.of("month", today()).previous()
        found = queries.burden(actor, Period.of("month", chosen.end))
    rows = [
        {
            "unit": unit.region.code,
            "name": unit.region.name,
            **{form.code: count for form, count in zip(found.forms, unit.by_form, strict=True)},
            "typed": unit.typed,
            "before": unit.before,
            "derived": unit.locked,
        }
        for unit in found.units
    ]
    _print(rows, as_json, f"{_say('填报负担', 'Burden')} {found.month.key}")


@app.command("install")
def install(
    file: Annotated[Path, typer.Argument(help="报表定义（YAML）· definitions of forms")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """装入并发布文件中的报表 · draw up and publish the forms of a file."""
    with speaking_plainly():
        actor = acting_as(username)
        if not file.is_file():
            fail(_say(f"没有这个文件：{file}", f"no such file: {file}"))
        done = [
            (code, *services.install_form(actor, code, tree_by_slug(actor, tree), definition))
            for code, tree, definition in read_forms(file)
        ]
    rows = [{"form": code, "version": version.number, "new": new} for code, version, new in done]
    _print(rows, as_json, _say("报表", "Forms"))


@app.command("export")
def export(
    to: Annotated[Path, typer.Argument(help="目标文件（YAML）· where to write")], username: AsUser = None
) -> None:
    """把现行报表定义写成文件 · write the forms in force to a file."""
    with speaking_plainly():
        lines = queries.form_list(acting_as(username))
        forms = [
            (line.form.code, line.form.tree.slug, line.version.content) for line in lines if line.version
        ]
        to.write_text(write_forms(forms), encoding="utf-8")
    out.print(_say(f"已写入 {to}", f"Wrote {to}"))


def _done(report: Report, as_json: bool, words: str) -> None:
    if as_json:
        emit_json({"report": report.pk, "state": report.state, "revision": report.revision})
    else:
        out.print(words)


def _print(
    rows: Sequence[Mapping[str, object]], as_json: bool, title: str, right: tuple[int, ...] = ()
) -> None:
    if as_json:
        emit_json(rows)
    elif not rows:
        out.print(f"{title}{_say('：无', ': none')}", markup=False)
    else:
        print_table(title, list(rows[0]), [list(row.values()) for row in rows], right=right)
