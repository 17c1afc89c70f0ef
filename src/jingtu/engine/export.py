"""A ranking as CSV that spreadsheets open safely."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from jingtu.engine.problems import Language

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_HEADERS: Mapping[str, Sequence[str]] = {
    "zh": ("名次", "并列", "同级名次", "上期名次", "编码", "级别", "名称", "总分", "加分", "应报", "实报"),
    "en": (
        "rank",
        "tied",
        "sibling rank",
        "previous rank",
        "code",
        "level",
        "name",
        "total",
        "bonus",
        "due",
        "reported",
    ),
}


def safe_cell(value: object) -> str:
    """Text that a spreadsheet will not run as a formula: a leading ``= + - @`` (full-width too), tab or line
    break gets an apostrophe before it. None is empty.

    Only for text that people wrote (names, codes, reasons); numbers are written as they are.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def ranking_csv(content: Mapping[str, Any], language: Language = "zh") -> bytes:
    """The subjects of a publication, best rank first, unranked last: UTF-8 with BOM."""
    card = content["definitions"]["scorecard"]
    names = {entry["code"]: entry["name"][language] for entry in content["definitions"]["indicators"]}
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    sections = [safe_cell(section["name"][language]) for section in card["sections"]]
    items = [item["indicator"] for section in card["sections"] for item in section["items"]]
    points = "得分" if language == "zh" else "points"
    value = "数值" if language == "zh" else "value"
    tied = "是" if language == "zh" else "yes"
    held = Counter(row["rank"] for row in content["subjects"])
    writer.writerow(
        [
            *_HEADERS[language],
            *sections,
            *(f"{safe_cell(names[code])} {points}" for code in items),
            *(f"{safe_cell(names[code])} {value}" for code in items),
        ]
    )
    for row in sorted(content["subjects"], key=lambda row: (row["rank"] is None, row["rank"], row["region"])):
        by_item = {item["indicator"]: item["points"] for item in row["items"]}
        writer.writerow(
            [
                row["rank"],
                tied if row["rank"] is not None and held[row["rank"]] > 1 else "",
                row["sibling_rank"],
                row["previous_rank"],
                safe_cell(row["region"]),
                safe_cell(row["level"]),
                safe_cell(row["name"]),
                row["total"],
                row["bonus"],
                row["coverage"][1],
                row["coverage"][0],
                *(section["points"] for section in row["sections"]),
                *(by_item[code] for code in items),
                *(row["indicators"][code]["value"] for code in items),
            ]
        )
    return stream.getvalue().encode("utf-8-sig")


def why_unranked(content: Mapping[str, Any], subject: Mapping[str, Any], language: Language = "zh") -> str:
    """Why a subject of a publication has no rank: too little was reported of it, or there is nothing to score."""
    least = Fraction(str(content["definitions"]["scorecard"].get("min_coverage", 0)))
    reported, expected = subject["coverage"]
    if expected and reported < least * expected:
        share = f"{float(100 * least):g}%"
        if language == "zh":
            return f"报送不足，不参加排名：应报{expected}项、已报{reported}项，不足{share}"
        return f"not ranked: {reported} of {expected} figures due were reported, fewer than {share}"
    return "没有可计分的数据，不参加排名" if language == "zh" else "not ranked: there is nothing to score"


def standing(indicator: Mapping[str, Any]) -> str:
    """How an indicator of a publication stands: ``met``, ``watch``, ``below`` or ``none``.

    ``watch``: short of the target but not beyond the red line; without a red line, short is below.
    """
    met, red_line = indicator["met"], indicator["red_line"]
    if red_line:
        return "below"
    if met is None:
        return "none" if red_line is None else "met"
    if met:
        return "met"
    return "below" if red_line is None else "watch"


MARKS: Mapping[str, str] = {"met": "●", "watch": "▲", "below": "◆", "none": "–"}
"""The sign of each standing, readable without colour."""
