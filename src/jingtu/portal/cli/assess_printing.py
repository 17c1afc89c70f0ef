"""How the assess commands show their results on a terminal, from files and from the database alike."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from jingtu.core.kernel.console import language, out, print_table

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


def print_derivation(sentence: str, root: Any, depth: int) -> None:
    """A sentence and under it the steps a number came from, ``depth`` levels of them."""
    from rich.text import Text
    from rich.tree import Tree

    def grow(step: Any, branch: Tree | None, left: int) -> Tree:
        source = step.params.get("source_row")
        place = f"  ← {_row_words(source)}" if source else ""
        value = f": {step.value}" if step.value is not None else ""
        label = Text(f"{step.label(language())}{value}{place}")
        node = Tree(label) if branch is None else branch.add(label)
        if left > 1:
            for child in step.children:
                grow(child, node, left - 1)
        return node

    out.print(sentence, markup=False, soft_wrap=True)
    out.print(grow(root, None, depth))


def print_changes(changes: list[dict[str, Any]]) -> None:
    """What two results say differently, one line a change, with its causes."""
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


def print_ranking(content: dict[str, Any]) -> None:
    """The ranked places of a publication, best first, and what the marks mean."""
    from jingtu.engine.export import MARKS, standing, why_unranked
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
    held = Counter(row["rank"] for row in content["subjects"])
    for row in sorted(content["subjects"], key=lambda row: (row["rank"] is None, row["rank"], row["region"])):
        counts = dict.fromkeys(MARKS, 0)
        for indicator in row["indicators"].values():
            counts[standing(indicator)] += 1
        reported, expected = row["coverage"]
        rows.append(
            [
                rank_words(row["rank"], tied=held[row["rank"]] > 1),
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
    before = Period.parse(scope["period"]).previous().label(lang)
    out.print(
        f"± places gained or lost since {before}, by the figures of today"
        if english
        else f"± 较上期（{before}）名次，按现有数据计算",
        style="dim",
        markup=False,
    )
    for row in content["subjects"]:
        if row["rank"] is None:
            out.print(f"{row['name']}: {why_unranked(content, row, lang)}", style="dim", markup=False)


def print_findings(sentences: list[str]) -> None:
    """The first ten findings and how many more there are."""
    for sentence in sentences[:10]:
        out.print(f"! {sentence}", style="yellow", markup=False, soft_wrap=True)
    rest = len(sentences) - 10
    if rest > 0:
        more = (
            f"… {rest} more findings in publication.json" if language() == "en" else f"…另有{rest}条核查提示"
        )
        out.print(more, style="yellow", markup=False)


def rank_words(rank: int | None, *, tied: bool) -> str:
    """A rank for a terminal; a shared one says so."""
    if not rank:
        return "–"
    if not tied:
        return str(rank)
    return f"{rank} (tied)" if language() == "en" else f"{rank}（并列）"


def _moved(before: int | None, now: int | None) -> str:
    if not before or not now or before == now:
        return ""
    return f"↑{before - now}" if before > now else f"↓{now - before}"


def _row_words(row: int) -> str:
    return f"row {row}" if language() == "en" else f"第{row}行"


def _short(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
