"""``jingtu catalogue``: check and read definitions, in files or in force.

``check`` and everything with ``--file`` work without a database and never load the web framework.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from jingtu.core.kernel.console import (
    AsJson,
    AsUser,
    acting_as,
    emit_json,
    err,
    fail,
    language,
    out,
    print_mapping,
    speaking_plainly,
)
from jingtu.engine.catalogue import Catalogue, check_catalogue, dump_yaml, load_catalogue, plain

from . import catalogue_drafts

app = typer.Typer(no_args_is_help=True, help="指标目录：检查、查看、导出、导入 · catalogue of definitions")

catalogue_drafts.add_to(app)

Source = Annotated[Path, typer.Argument(metavar="PATH", help="YAML 文件或文件夹 · a file or folder")]
FromFile = Annotated[
    Path | None,
    typer.Option(
        "--file", metavar="PATH", help="读此文件或文件夹而不读数据库 · read files, not the database"
    ),
]


@app.command()
def check(path: Source, as_json: AsJson = False) -> None:
    """检查目录文件，有错误则退出码为2 · check files; exit 2 when there are errors."""
    with speaking_plainly():
        catalogue = load_catalogue(path, strict=False)
        problems = check_catalogue(catalogue)
    errors = [problem for problem in problems if problem.severity == "error"]
    if as_json:
        emit_json(
            {
                **_sizes(catalogue),
                "problems": [
                    {"severity": problem.severity, "text": problem.located_text(language())}
                    for problem in problems
                ],
            }
        )
    else:
        for problem in problems:
            style = "red" if problem.severity == "error" else "yellow"
            err.print(problem.located_text(language()), style=style, markup=False, soft_wrap=True)
        print_mapping(_sizes(catalogue))
    if errors:
        raise typer.Exit(2)


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="指标、元素、评分表或指标组编码 · code of any definition")],
    file: FromFile = None,
    as_json: AsJson = False,
) -> None:
    """查看一个定义 · show one definition."""
    with speaking_plainly():
        entry = _entry(_catalogue(file), code)
    if entry is None:
        fail(f"目录中没有“{code}”。" if language() == "zh" else f'The catalogue has no "{code}".')
    if as_json:
        emit_json(entry)
        return
    print_mapping({name: _flat(value) for name, value in entry.items()})


@app.command()
def export(
    target: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="写入文件，默认打印 · file to write")
    ] = None,
    file: FromFile = None,
) -> None:
    """导出为一份 YAML，含义与导入时相同 · export as one YAML, equal in meaning to what was imported."""
    with speaking_plainly():
        text = dump_yaml(_catalogue(file))
    if target is None:
        out.file.write(text)
        return
    target.write_text(text, encoding="utf-8")
    out.print(f"→ {target}", markup=False)


@app.command("import")
def import_(
    path: Source,
    note: Annotated[str, typer.Option(help="说明 · what changed and why")] = "",
    username: AsUser = None,
    as_json: AsJson = False,
) -> None:
    """检查并施行为下一版本；内容不变则什么也不做 · bring in force as the next version."""
    from jingtu.portal.cli import set_up_django

    set_up_django()
    from jingtu.assessment.indicators.services import import_catalogue

    with speaking_plainly():
        version, new = import_catalogue(acting_as(username), path, note)
    if as_json:
        emit_json({"version": version.number, "digest": version.digest, "new": new})
    elif new:
        words = (
            f"第{version.number}版已施行" if language() == "zh" else f"Version {version.number} is in force"
        )
        out.print(f"{words}: {version.indicator_count} / {version.element_count}", markup=False)
    else:
        words = (
            "内容与第{}版相同，未作改动" if language() == "zh" else "Same content as version {}; nothing done"
        )
        out.print(words.format(version.number), markup=False)


def _catalogue(file: Path | None) -> Catalogue:
    if file is not None:
        return load_catalogue(file)
    from jingtu.portal.cli import set_up_django

    set_up_django()
    from jingtu.assessment.indicators.queries import current_catalogue
    from jingtu.core.kernel.actor import SYSTEM

    return current_catalogue(SYSTEM)


def _entry(catalogue: Catalogue, code: str) -> dict[str, Any] | None:
    content = plain(catalogue)
    for kind in ("indicators", "elements", "scorecards", "groups", "documents"):
        for entry in content.get(kind, ()):
            if entry["code"] == code:
                return {"kind": kind[:-1], **entry} if "kind" not in entry else dict(entry)
    return None


def _flat(value: Any) -> str:
    if isinstance(value, dict) and set(value) <= {"zh", "en"}:
        return str(value.get(language()) or value.get("zh", ""))
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return " ".join(value)
    return str(value)


def _sizes(catalogue: Catalogue) -> dict[str, Any]:
    return {
        "catalogue": f"{catalogue.code} v{catalogue.version}",
        "elements": len(catalogue.elements),
        "indicators": len(catalogue.indicators),
        "groups": len(catalogue.groups),
        "scorecards": len(catalogue.scorecards),
        "documents": len(catalogue.documents),
        "sha256": catalogue.digest(),
    }
