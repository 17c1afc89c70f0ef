"""``jingtu bodies``: list bodies, show one, list its members."""

from __future__ import annotations

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
    print_mapping,
    print_table,
    speaking_plainly,
)

from . import queries
from .models import Body, Member
from .words import KINDS, kind_word, pick, title_word

app = typer.Typer(
    no_args_is_help=True, help="组织机构：列出、查看、成员 · list and show bodies, their members"
)
Number = Annotated[int, typer.Argument(metavar="BODY", help="机构编号 · number of the body")]


@app.command("list")
def list_bodies(
    kind: Annotated[str, typer.Option(help=" | ".join(KINDS))] = "",
    search: Annotated[str, typer.Option(help="名称、地区或职责 · name, place or duties")] = "",
    dissolved: Annotated[bool, typer.Option("--dissolved", help="已撤销的 · dissolved ones")] = False,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出机构 · list bodies."""
    if kind and kind not in KINDS:
        fail(f"--kind: {', '.join(KINDS)}")
    with speaking_plainly():
        actor = acting_as(username)
        found = list(queries.bodies(actor, queries.Wanted(search=search, kind=kind, dissolved=dissolved)))
    if as_json:
        emit_json([_described(body) | {"in_office": body.in_office} for body in found])  # type: ignore[attr-defined]
        return
    zh = language() == "zh"
    print_table(
        "组织机构" if zh else "Bodies",
        ["编号", "地区", "名称", "种类", "在任成员"] if zh else ["id", "place", "name", "kind", "members"],
        [
            (body.pk, body.region.name, _name(body), kind_word(body, language()), body.in_office)  # type: ignore[attr-defined]
            for body in found
        ],
        right=(0, 4),
    )


@app.command("show")
def show(body_id: Number, username: AsUser = None, as_json: AsJson = False) -> None:
    """查看一个机构 · show one body."""
    with speaking_plainly():
        body = queries.get_body(acting_as(username), body_id)
    if as_json:
        emit_json(_described(body))
    else:
        print_mapping(_described(body))


@app.command("members")
def members(
    body_id: Number,
    history: Annotated[bool, typer.Option("--history", help="含已离任 · former ones too")] = False,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出成员 · list the members of a body."""
    with speaking_plainly():
        actor = acting_as(username)
        body = queries.get_body(actor, body_id)
        found = queries.members(actor, body, None if history else today())
    if as_json:
        emit_json([_member(body, member) for member in found])
        return
    zh = language() == "zh"
    print_table(
        _name(body),
        ["职务", "姓名", "所任职务", "单位", "任期起", "任期止"]
        if zh
        else ["title", "name", "post", "unit", "from", "to"],
        [
            (
                title_word(body.kind, member, language()),
                member.who,
                member.post,
                member.unit.name if member.unit else "",
                member.starts,
                member.ends or "",
            )
            for member in found
        ],
    )


def _name(body: Body) -> str:
    return body.name_en if language() == "en" and body.name_en else body.name


def _described(body: Body) -> dict[str, object]:
    return {
        "id": body.pk,
        "region": body.region.name,
        "kind": body.kind,
        "kind_name": pick(KINDS[body.kind], language()),
        "team": body.team,
        "name": body.name,
        "name_en": body.name_en,
        "parent": body.parent_id,
        "duties": body.duties,
        "document": body.document,
        "indicators": body.indicators,
        "founded": body.founded,
        "dissolved": body.dissolved,
    }


def _member(body: Body, member: Member) -> dict[str, object]:
    return {
        "id": member.pk,
        "title": member.title,
        "title_name": title_word(body.kind, member, language()),
        "name": member.who,
        "post": member.post,
        "unit": member.unit.name if member.unit else None,
        "starts": member.starts,
        "ends": member.ends,
    }
