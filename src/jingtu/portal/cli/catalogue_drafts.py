"""``jingtu catalogue drafts|draft|diff|impact|enforce|integrity``: the next version, from the terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from jingtu.assessment.indicators.queries import Comparison
    from jingtu.core.kernel.actor import Actor

DraftId = Annotated[int, typer.Argument(metavar="DRAFT", help="草案编号 · number of the draft")]


def _say(zh: str, en: str) -> str:
    return en if language() == "en" else zh


def _start(username: str | None) -> Actor:
    from jingtu.portal.cli import set_up_django

    set_up_django()
    return acting_as(username)


def drafts(
    state: Annotated[str, typer.Option(help="open, draft, validated, enforced, discarded")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出草案 · list drafts of the next version."""
    actor = _start(username)
    from jingtu.assessment.indicators import queries

    if state not in ("", "open", "draft", "validated", "enforced", "discarded"):
        fail(_say(f"没有“{state}”这种状态。", f'There is no state "{state}".'))
    with speaking_plainly():
        rows = [
            {
                "id": draft.pk,
                "title": draft.title,
                "base": draft.base.number,
                "edits": draft.revision,
                "state": draft.state,
                "opened_by": draft.opened_by.username,
                "version": draft.version.number if draft.version else None,
            }
            for draft in queries.drafts(actor, state)
        ]
    if as_json:
        emit_json(rows)
        return
    names = ("id", "title", "base", "edits", "state", "opened_by", "version")
    print_table("", names, [[row[name] for name in names] for row in rows], right=(0, 2, 3, 6))


def draft(
    number: Annotated[
        int | None, typer.Argument(metavar="DRAFT", help="草案编号；不写则起草 · none begins a draft")
    ] = None,
    title: Annotated[str, typer.Option(help="草案名称 · title of a new draft")] = "",
    purpose: Annotated[str, typer.Option(help="修改目的 · what it is for")] = "",
    file: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help="用此 YAML 代替全部定义 · replace all")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="撤销 · take the last edit back")] = False,
    redo: Annotated[bool, typer.Option("--redo", help="重做 · do it again")] = False,
    rebase: Annotated[bool, typer.Option("--rebase", help="更新到最新版 · bring up to date")] = False,
    validate: Annotated[bool, typer.Option("--validate", help="校验并提交 · check and hand on")] = False,
    discard: Annotated[str, typer.Option(metavar="REASON", help="作废 · give it up, with the reason")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """起草、导入、撤销、校验、作废 · begin a draft, or work on one."""
    actor = _start(username)
    from jingtu.assessment.indicators import queries, services

    if number is None and (undo or redo or rebase or discard):
        fail(_say("请写草案编号。", "Name the draft by its number."))
    with speaking_plainly():
        chosen = services.open_draft(actor, title, purpose).pk if number is None else number
        acts: list[tuple[bool, Callable[[], object]]] = [
            (undo, lambda: services.undo(actor, chosen)),
            (redo, lambda: services.redo(actor, chosen)),
            (rebase, lambda: services.rebase(actor, chosen)),
            (file is not None, lambda: _import(actor, chosen, file)),
            (validate, lambda: services.validate(actor, chosen)),
            (bool(discard), lambda: services.discard(actor, chosen, discard)),
        ]
        for wanted, act in acts:
            if wanted:
                act()
        page = queries.draft_page(actor, chosen)
    changes = [f"{change.what} {change.kind}/{change.code}" for change in page.changes]
    shown = {
        "id": page.draft.pk,
        "title": page.draft.title,
        "base": page.draft.base.number,
        "state": page.draft.state,
        "edits": page.draft.revision,
        "changes": changes,
        "errors": page.errors,
        "warnings": page.warnings,
    }
    if as_json:
        emit_json(shown)
    else:
        print_mapping({**shown, "changes": ", ".join(changes) or "–"})


def _import(actor: Actor, number: int, file: Path | None) -> None:
    from jingtu.assessment.indicators import queries, services

    if file is None or not file.is_file():
        fail(_say(f"没有文件“{file}”。", f'There is no file "{file}".'))
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        fail(_say(f"“{file}”不是 UTF-8 文本。", f'"{file}" is not UTF-8 text.'))
    services.import_text(actor, number, queries.get_draft(actor, number).revision, text)


def diff(
    old: Annotated[int | None, typer.Argument(help="旧版号 · older version")] = None,
    new: Annotated[int | None, typer.Argument(help="新版号 · newer version")] = None,
    number: Annotated[
        int | None,
        typer.Option("--draft", metavar="DRAFT", help="草案与它所基于的版本 · a draft and its base"),
    ] = None,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """两版有何不同，逐字段 · what two versions say differently, field by field."""
    actor = _start(username)
    from jingtu.assessment.indicators import queries

    if (number is None) == (old is None or new is None):
        fail(_say("请写两个版本号，或 --draft 草案编号。", "Give two versions, or --draft with its number."))
    with speaking_plainly():
        if number is not None:
            _draft, found = queries.compare_draft(actor, number)
        else:
            _old, _new, found = queries.compare_versions(actor, old or 0, new or 0)
    rows = _rows(found)
    if as_json:
        emit_json(rows)
        return
    print_table(
        "",
        ("what", "kind", "code", "field", "old", "new"),
        [[row[name] for name in ("what", "kind", "code", "field", "old", "new")] for row in rows],
    )


def _rows(found: Comparison) -> list[dict[str, str]]:
    return [
        {
            "what": change.what,
            "kind": change.kind,
            "code": change.code,
            "field": one.path,
            "old": one.old,
            "new": one.new,
        }
        for change, fields in found.changes
        for one in fields
    ]


def impact(number: DraftId, username: AsUser = None, as_json: AsJson = False) -> None:
    """用草案重算最近一期已发布的考核 · judge the latest published results by a draft."""
    actor = _start(username)
    from jingtu.assessment.indicators import queries, services

    with speaking_plainly():
        views = queries.impact_views(actor, services.compute_impact(actor, number))
    if as_json:
        emit_json([view.result for view in views])
        return
    for view in views:
        print_table(
            f"{view.name} · {view.result['region_name']} · {view.period_label}",
            ("place", "rank", "→", "total", "→"),
            [
                [place["name"], *(_shown(each) for each in (*place["rank"], *place["total"]))]
                for place in view.places
            ],
            right=(1, 2, 3, 4),
        )
    if not views:
        out.print(_say("没有可比的已发布考核。", "There is no published assessment to compare with."))


def _shown(value: Any) -> str:
    return "–" if value is None else str(value)


def enforce(
    number: DraftId,
    period: Annotated[str, typer.Option("--from", help="自哪一期起：2026-12、2027-Q1 · first period")],
    reason: Annotated[str, typer.Option(help="施行理由 · why")],
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """由另一人施行已校验的草案 · a second person puts a validated draft in force."""
    actor = _start(username)
    from jingtu.assessment.indicators import services

    with speaking_plainly():
        version = services.enforce(actor, number, period, reason)
    day = str(version.applies_from)
    if as_json:
        emit_json({"version": version.number, "digest": version.digest, "applies_from": day})
    else:
        words = _say(
            f"第{version.number}版自 {day} 起的各期施行",
            f"Version {version.number} judges periods from {day} on",
        )
        out.print(words, markup=False)


def integrity(
    number: Annotated[
        int | None, typer.Option("--draft", metavar="DRAFT", help="看草案，默认看现行目录 · a draft")
    ] = None,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """没有使用、重复、无处使用、单位不符、长期没有数据 · what deserves a look."""
    actor = _start(username)
    from jingtu.assessment.indicators import queries

    with speaking_plainly():
        found = queries.integrity_page(actor, number)
    rows = [
        {
            "topic": remark.topic,
            "kind": remark.kind,
            "code": remark.code,
            "text": remark.problem.text(language()),
        }
        for remark in found.remarks
    ]
    if as_json:
        emit_json(rows)
        return
    print_table("", ("topic", "code", "text"), [[row["topic"], row["code"], row["text"]] for row in rows])


def add_to(app: typer.Typer) -> None:
    """Give the group its commands about drafts."""
    for command in (drafts, draft, diff, impact, enforce, integrity):
        app.command()(command)
