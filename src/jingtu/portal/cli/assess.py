"""``jingtu assess``: assess, show, explain and compare, on files alone.

Nothing here loads the web framework: an analyst can use the engine as a tool, without a database.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from jingtu.core.kernel.console import AsJson, emit_json, language, out, print_table, speaking_plainly
from jingtu.engine.problems import refuse, register_texts

app = typer.Typer(no_args_is_help=True, help="考核：计算、查看、说明、比较 · assess, show, explain, compare")

register_texts(
    {
        "assess.several_results": (
            "“{path}”里有{count}份结果，请指明其中一个子目录",
            '"{path}" holds {count} results; name one of its folders',
        ),
        "assess.not_ranked": (
            "“{region}”不在本次考核的排名对象之中；可加 --indicator 查看它的单项指标",
            '"{region}" is not among the ranked places; add --indicator to see one of its indicators',
        ),
        "assess.unknown_indicator": (
            "目录中没有指标“{indicator}”，可用：{known}",
            'there is no indicator "{indicator}"; there are: {known}',
        ),
        "assess.cannot_write": ("无法写入“{path}”：{reason}", 'cannot write to "{path}": {reason}'),
    }
)

Results = Annotated[Path, typer.Argument(help="assess run --out 写出的目录 · a folder written by run --out")]


@app.command()
def run(
    regions: Annotated[Path, typer.Option(help="区划 CSV：code,name,parent[,level] · region tree")],
    facts: Annotated[list[Path], typer.Option(help="数据 CSV/XLSX，可多次给出 · facts, may be repeated")],
    catalogue: Annotated[
        list[Path], typer.Option(help="指标目录 YAML 或文件夹 · catalogue file or folder, may be repeated")
    ],
    scorecard: Annotated[str, typer.Option(help="评分表编码 · code of the scorecard")],
    period: Annotated[str, typer.Option(help="期间，如 2026-10、2026-Q3、2018-01..2018-02 · period")],
    within: Annotated[str | None, typer.Option(help="只排此地区之内 · rank inside this region only")] = None,
    level: Annotated[str | None, typer.Option(help="排名级别，默认取评分表的 · level to rank")] = None,
    base: Annotated[str | None, typer.Option(help="固定基期 · fixed base period")] = None,
    out_folder: Annotated[
        Path | None, typer.Option("--out", help="写出结果的目录 · folder to write results to")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """按评分表考核，列出排名；--out 另存公布内容、排名表与结果快照。

    Assess by a scorecard and print the ranking; --out writes publication.json, ranking.csv and a
    snapshot that the other commands read.
    """
    with speaking_plainly():
        from jingtu.engine.assess import assess
        from jingtu.engine.catalogue import load_catalogue
        from jingtu.engine.factfile import read_fact_file
        from jingtu.engine.facttable import FactTable
        from jingtu.engine.periods import Period
        from jingtu.engine.publication import publication, publication_hash
        from jingtu.engine.tree import RegionTree

        asked = Period.parse(period)
        fixed = Period.parse(base) if base else None
        tree = RegionTree.read_csv(regions, regions.stem, asked.end)
        definitions = load_catalogue(list(catalogue))
        table = FactTable.concat([read_fact_file(path, tree, definitions) for path in facts])
        place = _position(tree, within) if within else 0
        result = assess(tree, table, definitions, scorecard, asked, place, level, base=fixed)
        content = publication(result)
        if out_folder is not None:
            _write(result, content, out_folder)
        warnings = [problem.text(language()) for problem in result.warnings]
    if as_json:
        emit_json({"sha256": publication_hash(content), "warnings": warnings, **content})
        return
    _print_ranking(content)
    for warning in warnings:
        out.print(warning, style="yellow", markup=False)
    _print_findings([f.text(language()) for f in _findings(result)])
    out.print(f"SHA-256 {publication_hash(content)}", style="dim", markup=False)
    if out_folder is not None:
        out.print(f"→ {out_folder}", markup=False)


@app.command()
def show(results: Results, as_json: AsJson = False) -> None:
    """查看已写出的结果 · show the ranking of written results."""
    with speaking_plainly():
        reader = _reader(results)
        content = reader.publication
    if as_json:
        emit_json({"sha256": reader.publication_hash, **content})
        return
    _print_ranking(content)
    out.print(f"SHA-256 {reader.publication_hash}", style="dim", markup=False)


@app.command()
def explain(
    results: Results,
    region: Annotated[str, typer.Option(help="地区编码或名称 · code or name of the region")],
    indicator: Annotated[str | None, typer.Option(help="指标编码；不给则说明总分 · one indicator")] = None,
    depth: Annotated[int, typer.Option(min=1, help="展开层数 · levels to open")] = 9,
    as_json: AsJson = False,
) -> None:
    """说明一个得分或指标从何而来、离要求还差多少 · open a number into its derivation and its gap."""
    with speaking_plainly():
        reader = _reader(results)
        position = _position(reader.tree, region)
        known = reader.catalogue.indicators
        if indicator is not None and indicator not in known:
            raise refuse("assess.unknown_indicator", indicator=indicator, known="、".join(known))
        try:
            explanation = reader.explain(position, indicator)
        except KeyError:
            raise refuse("assess.not_ranked", region=region) from None
    if as_json:
        emit_json(explanation.plain())
        return
    from rich.tree import Tree

    out.print(explanation.sentence(language()), markup=False, soft_wrap=True)

    def grow(step: Any, branch: Tree | None, left: int) -> Tree:
        source = step.params.get("source_row")
        place = f"  ← {_row_words(source)}" if source else ""
        value = f": {step.value}" if step.value is not None else ""
        from rich.text import Text

        label = Text(f"{step.label(language())}{value}{place}")
        node = Tree(label) if branch is None else branch.add(label)
        if left > 1:
            for child in step.children:
                grow(child, node, left - 1)
        return node

    out.print(grow(explanation.root, None, depth))


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="原结果目录 · the earlier results")],
    new: Annotated[Path, typer.Argument(help="新结果目录 · the later results")],
    as_json: AsJson = False,
) -> None:
    """两份结果有何不同、由哪些数据或定义引起 · what changed between two results, and why."""
    with speaking_plainly():
        from jingtu.engine.stored import snapshot_difference

        changes = snapshot_difference(_reader(old), _reader(new))
    if as_json:
        emit_json(changes)
        return
    english = language() == "en"
    if not changes:
        out.print("no difference" if english else "没有差别")
        return
    rows = [
        (
            _KINDS.get(change["kind"], (change["kind"],) * 2)[english],
            change.get("region", ""),
            change.get("indicator") or change.get("element") or change.get("code") or change.get("what", ""),
            _short(change.get("old")),
            _short(change.get("new")),
            "; ".join(change.get("causes", [])) or change.get("period", ""),
        )
        for change in changes
    ]
    titles = ("what", "region", "about", "before", "now", "because of") if english else (
        "变化", "地区", "对象", "原", "现", "起因"
    )  # fmt: skip
    print_table("", titles, rows, right=(3, 4))


_KINDS: dict[str, tuple[str, str]] = {
    "scope": ("范围", "scope"),
    "definition": ("定义", "definition"),
    "fact": ("数据", "fact"),
    "subject": ("对象", "place"),
    "value": ("数值", "value"),
    "exact": ("数值（舍入后不变）", "value (same when rounded)"),
    "indicator_rank": ("指标名次", "rank by indicator"),
    "points": ("得分", "points"),
    "bonus": ("加分", "bonus"),
    "vetoes": ("否决", "vetoes"),
    "total": ("总分", "total"),
    "rank": ("名次", "rank"),
}


def _write(result: Any, content: dict[str, Any], folder: Path) -> None:
    from jingtu.engine.export import ranking_csv
    from jingtu.engine.publication import canonical
    from jingtu.engine.snapshot import write_snapshot

    try:
        folder.mkdir(parents=True, exist_ok=True)
        snapshot = write_snapshot(result, folder / "snapshots", content)
        (folder / "publication.json").write_bytes(canonical(content))
        (folder / "ranking.csv").write_bytes(ranking_csv(content, language()))
        (folder / "current.json").write_text(json.dumps({"snapshot": snapshot.digest}) + "\n", "utf-8")
    except OSError as error:
        raise refuse("assess.cannot_write", path=str(folder), reason=error.strerror or str(error)) from None


def _reader(folder: Path) -> Any:
    """The snapshot in a folder: the folder itself, or the one its ``current.json`` names."""
    from jingtu.engine.stored import read_snapshot

    pointer = folder / "current.json"
    if pointer.is_file():
        try:
            return read_snapshot(
                folder / "snapshots" / str(json.loads(pointer.read_text("utf-8"))["snapshot"])
            )
        except (ValueError, KeyError, TypeError):
            raise refuse("snapshot.unreadable", path=str(folder)) from None
    return read_snapshot(folder)


def _position(tree: Any, text: str) -> int:
    """A region by code, or by name when the name is unique."""
    named: list[int] = [] if tree.candidates(text) else tree.named(text)
    return named[0] if len(named) == 1 else int(tree.position(text))


def _findings(result: Any) -> list[Any]:
    from jingtu.engine.checks import check

    return check(result)


def _print_ranking(content: dict[str, Any]) -> None:
    from jingtu.engine.export import MARKS, standing
    from jingtu.engine.periods import Period

    lang = language()
    english = lang == "en"
    scope, card = content["scope"], content["definitions"]["scorecard"]
    title = f"{scope['name']} · {card['name'][lang]} · {Period.parse(scope['period']).label(lang)}"
    columns = ["rank", "±", "code", "name", "total"] if english else ["名次", "±", "编码", "名称", "总分"]
    # Section columns only where they fit; --json and ranking.csv always have them.
    sections = card["sections"] if out.width >= 90 + 14 * len(card["sections"]) else []
    columns += [section["name"][lang] for section in sections]
    columns += ["standing" if english else "达标情况", "coverage" if english else "报送率"]
    rows = []
    for row in sorted(content["subjects"], key=lambda row: (row["rank"] is None, row["rank"], row["region"])):
        counts = dict.fromkeys(MARKS, 0)
        for indicator in row["indicators"].values():
            counts[standing(indicator)] += 1
        reported, expected = row["coverage"]
        rows.append(
            [
                row["rank"] or "–",
                _moved(row["previous_rank"], row["rank"]),
                row["region"],
                row["name"],
                row["total"] or "–",
                *(section["points"] for section in row["sections"][: len(sections)]),
                " ".join(f"{MARKS[name]}{count}" for name, count in counts.items() if count),
                f"{100 * reported // expected}%" if expected else "–",
            ]
        )
    figures = (0, 1, 4, *range(5, 5 + len(sections)), len(columns) - 1)
    print_table(title, columns, rows, right=figures)
    legend = "● met  ▲ short of the target  ◆ below or beyond the red line  – none" if english else (
        "● 达标  ▲ 未达标  ◆ 不达标或触及红线  – 无要求或无数据"
    )  # fmt: skip
    out.print(legend, style="dim", markup=False)


def _print_findings(sentences: list[str]) -> None:
    for sentence in sentences[:10]:
        out.print(f"! {sentence}", style="yellow", markup=False, soft_wrap=True)
    rest = len(sentences) - 10
    if rest > 0:
        more = (
            f"… {rest} more findings in publication.json" if language() == "en" else f"…另有{rest}条核查提示"
        )
        out.print(more, style="yellow", markup=False)


def _moved(before: int | None, now: int | None) -> str:
    if not before or not now or before == now:
        return ""
    return f"↑{before - now}" if before > now else f"↓{now - before}"


def _row_words(row: int) -> str:
    return f"row {row}" if language() == "en" else f"第{row}行"


def _short(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
