"""``jingtu duty-reports``: list, show and draft duty reports, write one out as Word or PDF."""

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
    print_mapping,
    print_table,
    speaking_plainly,
)
from jingtu.core.regions.queries import find_region, tree_by_slug

from . import queries, services
from .models import DutyReport
from .printing import FORMATS, printed
from .rules import State
from .sections import sections_of

app = typer.Typer(no_args_is_help=True, help="述职：列出、查看、撰写、导出 · list, show, draft, export")
Number = Annotated[int, typer.Argument(metavar="REPORT", help="述职报告编号 · number of the report")]


@app.command("list")
def list_reports(
    year: Annotated[int | None, typer.Option(help="年度 · year")] = None,
    state: Annotated[str, typer.Option(help=", ".join(State))] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出本人的和可以查看的 · list one's own and those one may read."""
    if state and state not in set(State):
        fail(f"--state: {', '.join(State)}")
    with speaking_plainly():
        found = [_described(one) for one in queries.reports(acting_as(username), year, state)]
    if as_json:
        emit_json(found)
        return
    zh = language() == "zh"
    print_table(
        "述职报告" if zh else "Duty reports",
        ["编号", "年度", "地区", "职务", "述职人", "状态"]
        if zh
        else ["no.", "year", "place", "post", "person", "state"],
        [(one["id"], one["year"], one["region"], one["post"], one["person"], one["state"]) for one in found],
        right=(0, 1),
    )


@app.command("show")
def show(report: Number, username: AsUser = None, as_json: AsJson = False) -> None:
    """查看一份，连同系统记载和讲评 · show one with what the system holds and the comments."""
    at = 0 if language() == "zh" else 1
    with speaking_plainly():
        actor = acting_as(username)
        found = queries.get_report(actor, report)
        sections = sections_of(actor, found)
    comments = [
        {"person": one.person.full_name, "at": one.at.isoformat(), "text": one.text}
        for one in found.comments.select_related("person")
    ]
    known = [
        {
            "title": section["label"][at],
            "sentence": section["sentence"][at],
            "lines": [line["text"][at] for line in section["lines"]],
        }
        for section in sections
    ]
    if as_json:
        emit_json({**_described(found), "text": found.text, "sections": known, "comments": comments})
        return
    print_mapping({**_described(found), "text": found.text})
    for each in known:
        out.print(f"{each['title']}: {each['sentence']}", markup=False, soft_wrap=True)
        for line in each["lines"]:
            out.print(f"  - {line}", markup=False, soft_wrap=True)
    for said in comments:
        out.print(f"{said['person']} {said['at'][:10]}: {said['text']}", markup=False, soft_wrap=True)


@app.command("draft")
def draft(
    tree: Annotated[str, typer.Argument(metavar="TREE", help="区划树 · region tree")],
    code: Annotated[str, typer.Argument(metavar="CODE", help="地区代码 · region code")],
    post: Annotated[str, typer.Argument(metavar="POST", help="所述职务 · of which post")],
    year: Annotated[int | None, typer.Option(help="年度，默认今年 · year, this one unless said")] = None,
    text: Annotated[
        Path | None, typer.Option("--text", help="正文文件（UTF-8 文本） · file with the text (UTF-8)")
    ] = None,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """撰写本人的述职报告；提交须本人在网页上办理 · draft one's own report; it is handed in on the page."""
    words = _words(text) if text is not None else ""
    with speaking_plainly():
        actor = acting_as(username)
        region = find_region(actor, tree_by_slug(actor, tree), code)
        made = services.draft(actor, region.pk, post, year or today().year, words)
    if as_json:
        emit_json(_described(made))
    else:
        out.print(f"#{made.pk} {made.state}", markup=False)


@app.command("export")
def export(
    report: Number,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="写到 · write to (.docx, .pdf)")],
    english: Annotated[bool, typer.Option("--english", help="英文版 · in English")] = False,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """写成 Word 或 PDF，并记入审计 · write it as Word or PDF; recorded in the audit trail."""
    extension = target.suffix.removeprefix(".").lower()
    if extension not in FORMATS or not target.parent.is_dir():
        zh = language() == "zh"
        fail(
            f"{target}：须是现有目录下的 .docx 或 .pdf 文件"
            if zh
            else f"{target}: must be a .docx or .pdf file in a folder that exists"
        )
    with speaking_plainly():
        _name, content = printed(acting_as(username), report, "en" if english else "zh", extension)
    try:
        target.write_bytes(content)
    except OSError as error:
        fail(f"{target}: {error.strerror}")
    if as_json:
        emit_json({"report": report, "file": str(target), "bytes": len(content)})
    else:
        out.print(str(target), markup=False)


def _words(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        fail(f"{path}: {error.strerror}")
    except UnicodeDecodeError:
        fail(f"{path}：不是 UTF-8 文本" if language() == "zh" else f"{path}: not a text in UTF-8")


def _described(report: DutyReport) -> dict[str, object]:
    return {
        "id": report.pk,
        "year": report.year,
        "region": report.region.name,
        "unit": report.unit.name if report.unit else None,
        "post": report.post,
        "person": report.person.full_name,
        "state": report.state,
        "submitted_at": report.submitted_at.isoformat() if report.submitted_at else None,
    }
