"""``jingtu bulletin``: list, issue and write out bulletins."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from django.utils.timezone import localtime

from jingtu.assessment.bulletins import gathering, queries, services
from jingtu.assessment.bulletins.compose import compose
from jingtu.assessment.bulletins.models import Bulletin
from jingtu.assessment.bulletins.rules import BulletinKind
from jingtu.core.files.queries import content_path
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
from jingtu.engine.problems import Problem, register_texts

register_texts(
    {
        "bulletins.unknown_format": (
            "没有“{format}”格式；可选：{known}。",
            'No format "{format}"; choose of {known}.',
        ),
        "bulletins.no_folder": (
            "目录“{path}”不存在，请先建立。",
            'The folder "{path}" does not exist; make it first.',
        ),
    }
)

app = typer.Typer(
    no_args_is_help=True, help="通报：列出、印发、写出文件 · list, issue and write out bulletins"
)


@app.command("list")
def list_bulletins(
    text: Annotated[str, typer.Argument(help="按文号、地区、时期查找 · words to find")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """列出已印发的通报 · list issued bulletins."""
    with speaking_plainly():
        found = list(queries.bulletins(acting_as(username), text))
    if as_json:
        emit_json([_described(bulletin) for bulletin in found])
        return
    zh = language() == "zh"
    print_table(
        "通报" if zh else "Bulletins",
        ["编号", "文号", "考核", "版本", "印发时间"] if zh else ["id", "number", "run", "version", "issued"],
        [
            (
                bulletin.pk,
                bulletin.number,
                f"{bulletin.run.region.name} {bulletin.run.period_label} {bulletin.run.scorecard_name}",
                bulletin.run.version,
                f"{localtime(bulletin.issued_at):%Y-%m-%d %H:%M}",
            )
            for bulletin in found
        ],
        right=(0, 3),
    )


@app.command("issue")
def issue(
    run: Annotated[int, typer.Argument(metavar="RUN", help="已发布考核的编号 · number of a published run")],
    issuer: Annotated[str, typer.Option(help="发文机关 · issuing office")],
    number: Annotated[str, typer.Option(help="文号 · official number")] = "",
    issuer_en: Annotated[str, typer.Option(help="发文机关英文名 · its English name")] = "",
    kind: Annotated[
        str, typer.Option(help="full, weekly, daily；不填则按草稿 · by its draft when left out")
    ] = "",
    copy_to: Annotated[list[str] | None, typer.Option(help="抄送，可重复 · copies to, repeatable")] = None,
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """印发一次已发布考核的通报 · issue the bulletin of a published run."""
    if kind and kind not in set(BulletinKind):
        fail(f"--kind: {', '.join(BulletinKind)}")
    with speaking_plainly():
        bulletin = services.issue(
            acting_as(username),
            run,
            number=number,
            issuer_zh=issuer,
            issuer_en=issuer_en,
            distribution=copy_to or (),
            kind=BulletinKind(kind) if kind else None,
        )
    if as_json:
        emit_json(_described(bulletin))
    else:
        out.print(f"#{bulletin.pk} {bulletin.number}", markup=False)


@app.command("write")
def write(
    bulletin_id: Annotated[int, typer.Argument(metavar="BULLETIN", help="通报编号 · number of the bulletin")],
    folder: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="写入的目录 · folder to write to")
    ] = Path(),
    extension: Annotated[
        str, typer.Option("--format", help="docx, pdf, xlsx；不填则全部 · all when left out")
    ] = "",
    in_language: Annotated[
        str, typer.Option("--language", help="zh 或 en；不填则全部 · both when left out")
    ] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """把印发的文件写到目录，并记入审计 · write the printed files to a folder; each is counted in the audit."""
    if extension and extension not in services.FORMATS:
        fail(
            Problem(
                "bulletins.unknown_format", {"format": extension, "known": ", ".join(services.FORMATS)}
            ).text(language())
        )
    if in_language and in_language not in services.LANGUAGES:
        fail(
            Problem(
                "bulletins.unknown_format", {"format": in_language, "known": ", ".join(services.LANGUAGES)}
            ).text(language())
        )
    if not folder.is_dir():
        fail(Problem("bulletins.no_folder", {"path": str(folder)}).text(language()))
    written = []
    with speaking_plainly():
        actor = acting_as(username)
        for printed in queries.files_of(queries.get_bulletin(actor, bulletin_id)):
            if extension not in ("", printed.format) or in_language not in ("", printed.language):
                continue
            stored = services.download(actor, bulletin_id, printed.format, printed.language)
            target = folder / stored.name
            target.write_bytes(content_path(stored).read_bytes())
            written.append(str(target))
    if as_json:
        emit_json(written)
    else:
        for name in written:
            out.print(name, markup=False, soft_wrap=True)


@app.command("show")
def show(
    bulletin_id: Annotated[int, typer.Argument(metavar="BULLETIN", help="通报编号 · number of the bulletin")],
    username: AsUser = None,
) -> None:
    """在终端显示通报全文 · print a bulletin's text."""
    with speaking_plainly():
        bulletin = queries.get_bulletin(acting_as(username), bulletin_id)
        text = compose(gathering.source_of(bulletin), language()).text()
    out.print(text, markup=False, soft_wrap=True)


def _described(bulletin: Bulletin) -> dict[str, object]:
    return {
        "id": bulletin.pk,
        "number": bulletin.number,
        "run": bulletin.run_id,
        "region": bulletin.run.region.name,
        "period": bulletin.run.period,
        "scorecard": bulletin.run.scorecard,
        "version": bulletin.run.version,
        "issued_at": bulletin.issued_at.isoformat(),
    }
