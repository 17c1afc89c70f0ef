"""``jingtu doctor``, ``backup`` and ``restore``.

They work on the installation itself and so need the machine's own rights; ``--as`` names the person for
the audit trail, who must hold the permission to maintain the system. On an installation without any
user (before a restore) the machine acts for itself.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from rich.progress import Progress
from rich.text import Text

from jingtu.core.accounts.queries import actor_for
from jingtu.core.kernel.actor import SYSTEM, Actor
from jingtu.core.kernel.console import AsJson, AsUser, emit_json, err, language, out, speaking_plainly
from jingtu.portal.maintenance import archive, checks, services

_MARKS = {"sound": ("●", "green"), "warning": ("▲", "yellow"), "broken": ("◆", "red")}


def doctor(
    fix: Annotated[
        bool, typer.Option("--fix", help="清除中断写入的残留 · remove leftovers of interrupted writes")
    ] = False,
    as_user: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """检查数据库、审计链和文件是否完好 · check that database, audit chain and files are sound."""
    with speaking_plainly():
        found = list(checks.examine(_maintainer(as_user), fix=fix))
    lang = language()
    if as_json:
        emit_json(
            [
                {
                    "check": item.name_en,
                    "verdict": item.verdict,
                    "problems": [problem.text(lang) for problem in item.problems],
                }
                for item in found
            ]
        )
    else:
        for item in found:
            mark, colour = _MARKS[item.verdict]
            name = item.name_zh if lang == "zh" else item.name_en
            out.print(Text.assemble((mark, colour), f" {name}"))
            for problem in item.problems:
                out.print(f"    {problem.text(lang)}", markup=False, soft_wrap=True)
    if any(item.verdict == "broken" for item in found):
        raise typer.Exit(1)


def backup(
    path: Annotated[Path, typer.Argument(help="备份文件，例如 jingtu-2026-11-22.tar.gz · the file to write")],
    as_user: AsUser = None,
) -> None:
    """把数据库和文件一起备份到一个文件 · back up database and files into one file."""
    with speaking_plainly():
        actor = _maintainer(as_user)
        with Progress(console=err, disable=not err.is_terminal, transient=True) as bar:
            task = bar.add_task("备份 · backing up", total=None)
            summary = services.make_backup(
                actor, path, lambda done, total: bar.update(task, completed=done, total=total)
            )
    _say(summary, path)


def restore(
    path: Annotated[Path, typer.Argument(help="备份文件 · the backup")],
    replace: Annotated[
        bool,
        typer.Option("--replace", help="替换现有数据（原数据改名保留） · put it in place of present data"),
    ] = False,
    as_user: AsUser = None,
) -> None:
    """从备份恢复；校验通过后才替换 · restore a backup; nothing moves before everything is checked."""
    with speaking_plainly():
        actor = _maintainer(as_user)
        with Progress(console=err, disable=not err.is_terminal, transient=True) as bar:
            task = bar.add_task("恢复 · restoring", total=None)
            summary = services.restore_backup(
                actor,
                path,
                replace=replace,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
    _say(summary, path)


def _maintainer(username: str | None) -> Actor:
    """The named person, or the machine itself where no name is given."""
    if username is None:
        return SYSTEM
    actor = actor_for(username)
    services.require_maintainer(actor)
    return actor


def _say(summary: archive.Summary, path: Path) -> None:
    size = summary.size_bytes / 1024 / 1024
    made = timezone.localtime(dt.datetime.fromisoformat(summary.made_at)).strftime("%Y-%m-%d %H:%M")
    text = {
        "zh": f"{path.name}：{summary.files}个文件，{size:.1f} MB，备份时间 {made}",
        "en": f"{path.name}: {summary.files} files, {size:.1f} MB, made {made}",
    }
    out.print(text[language()], markup=False, soft_wrap=True)
