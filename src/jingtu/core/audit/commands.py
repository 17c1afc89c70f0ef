"""``jingtu audit``: list entries, verify the chain."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, cast

import typer
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

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

from . import queries, services
from .actions import label_of

KINDS = {
    "missing": ("记录缺失", "entry missing"),
    "edited": ("内容被改动", "content edited"),
    "relinked": ("顺序被改动", "order changed"),
    "truncated": ("末尾记录缺失或链首被改动", "last entries gone or head changed"),
    "replaced": (
        "当时记下的记录已不在链上：其后的记录被删除或整条链被替换",
        "the noted entry is gone: cut off or replaced",
    ),
}

app = typer.Typer(no_args_is_help=True, help="审计 · audit trail")


@app.command("list")
def list_entries(
    person: Annotated[str, typer.Option(help="人员姓名 · part of a person's name")] = "",
    action: Annotated[str, typer.Option(help="操作代码 · action code or its beginning")] = "",
    target: Annotated[str, typer.Option(help="对象，如 user:12 · target")] = "",
    kind: Annotated[str, typer.Option(help="change | read")] = "",
    since: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="起 · first day")] = None,
    until: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="止 · last day")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="条数 · how many")] = 50,
    as_user: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出审计记录，新的在前 · Show entries, newest first."""
    if kind not in {"", "change", "read"}:
        fail("--kind: change | read")
    autodiscover_modules("services")  # each app names its actions where its services stand
    filters = queries.Filters(
        person,
        action,
        target,
        cast(Literal["", "change", "read"], kind),
        since.date() if since else None,
        until.date() if until else None,
    )
    with speaking_plainly():
        found = list(queries.entries(acting_as(as_user), filters)[:limit])
    if as_json:
        fields = ("sequence", "moment", "actor_id", "actor_label", "action", "target_type", "target_id")
        rest = ("region_id", "before", "after", "reason", "address", "channel", "hash")
        emit_json([{name: getattr(entry, name) for name in (*fields, *rest)} for entry in found])
        return
    print_table(
        "审计 · audit",
        ["#", "时间 · time", "人员 · person", "操作 · action", "对象 · target", "原因 · reason"],
        [
            (
                entry.sequence,
                timezone.localtime(entry.moment).strftime("%Y-%m-%d %H:%M:%S"),
                entry.actor_label,
                label_of(entry.action, language()),
                f"{entry.target_type}:{entry.target_id}",
                entry.reason,
            )
            for entry in found
        ],
        right=[0],
    )


@app.command("verify")
def verify(
    head: Annotated[
        str,
        typer.Option(metavar="[N:]HASH", help="通报所印的链首，须仍在链上 · a head printed in a bulletin"),
    ] = "",
    as_user: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """校验审计链是否完整；有断裂时退出码为 1 · Check the chain; exit code 1 when it is broken."""
    with speaking_plainly():
        found = services.verify(acting_as(as_user), head)
    if as_json:
        emit_json({"holds": not found, "breaks": [{"sequence": b.sequence, "kind": b.kind} for b in found]})
    elif found:
        for each in found:
            out.print(f"#{each.sequence} {KINDS[each.kind][0 if language() == 'zh' else 1]}", style="red")
    else:
        out.print("审计链完整。" if language() == "zh" else "The chain holds.")
    if found:
        raise typer.Exit(1)


@app.command("head")
def show_head(as_json: AsJson = False) -> None:
    """显示链首，记在系统之外以备核对 · Show the head, to be noted outside the system."""
    mark = services.head()
    if as_json:
        emit_json({"sequence": mark.sequence, "hash": mark.hash})
    else:
        out.print(f"{mark.sequence}:{mark.hash}", markup=False, soft_wrap=True)
