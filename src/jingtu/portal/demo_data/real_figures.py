"""Published figures as facts of the tree ``china``, each with its source.

``real/programme_figures.csv`` and ``real/national_figures.csv`` are kept as found;
``real/mapping.csv`` says, row by row and after review, what became of each: a fact (region, element,
period, value, qualifier, category) or a narrative with the reason. Nothing is derived here.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).with_name("real")
FILES: Mapping[str, str] = {
    "programme": "programme_figures.csv",
    "national": "national_figures.csv",
}
TREE = "china"


@dataclass(frozen=True)
class RealFact:
    """One published figure in the form of an import row, with the row it came from.

    ``value`` is in the element's unit; ``qualifier`` is a bound or ``inferred`` when only the period is
    inferred; ``inferred`` says so in either case. ``row`` counts data rows of the file from 1.
    """

    region: str
    level: str
    element: str
    period: str
    value: str
    qualifier: str
    category: str
    source: str
    file: str
    row: int
    inferred: bool
    note_zh: str
    note_en: str

    def as_row(self) -> dict[str, str]:
        """The columns an import file has."""
        return {
            "region": self.region,
            "level": self.level,
            "element": self.element,
            "period": self.period,
            "value": self.value,
            "category": self.category,
            "qualifier": self.qualifier,
            "source": self.source,
        }


@dataclass(frozen=True)
class Narrative:
    """A published row that is not one quantity, and why."""

    file: str
    row: int
    place: str
    region: str
    level: str
    indicator: str
    period_text: str
    value_text: str
    unit: str
    source: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True)
class RowReport:
    """What became of one row of a figure file: the facts made of it, or the narrative."""

    file: str
    row: int
    place: str
    indicator: str
    period_text: str
    value_text: str
    source: str
    facts: tuple[RealFact, ...]
    narrative: Narrative | None


def real_facts() -> list[RealFact]:
    """Every fact the published figures yield, in the order of the files."""
    return [fact for report in row_reports() for fact in report.facts]


def narratives() -> list[Narrative]:
    """Every published row kept as text, with the reason."""
    return [report.narrative for report in row_reports() if report.narrative is not None]


def row_reports() -> list[RowReport]:
    """Each row of both figure files with what became of it; ValueError when one is not accounted for."""
    mapping: dict[tuple[str, int], list[dict[str, str]]] = {}
    for line in _rows("mapping.csv"):
        mapping.setdefault((line["file"], int(line["row"])), []).append(line)
    reports = []
    for file, name in FILES.items():
        for number, figure in enumerate(_rows(name), start=1):
            lines = mapping.pop((file, number), [])
            if [line["part"] for line in lines].count("main") != 1:
                raise ValueError(f"{name} row {number} must be mapped exactly once")
            reports.append(_report(file, number, figure, lines))
    if mapping:
        raise ValueError(f"mapped rows that do not exist: {sorted(mapping)}")
    return reports


def write_csv(path: Path) -> int:
    """Write the facts as a long import file (UTF-8 with BOM, for spreadsheets); returns the row count."""
    facts = real_facts()
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(facts[0].as_row()), lineterminator="\n")
        writer.writeheader()
        writer.writerows(fact.as_row() for fact in facts)
    return len(facts)


def _report(file: str, number: int, figure: dict[str, str], lines: list[dict[str, str]]) -> RowReport:
    main = next(line for line in lines if line["part"] == "main")
    narrative = None
    if main["disposition"] == "narrative":
        narrative = Narrative(
            file,
            number,
            main["place"],
            main["region"],
            main["level"],
            main["indicator"],
            main["period_text"],
            figure["value"],
            figure["unit"],
            figure["source"],
            main["note_zh"],
            main["note_en"],
        )
    return RowReport(
        file,
        number,
        main["place"],
        main["indicator"],
        main["period_text"],
        figure["value"],
        figure["source"],
        tuple(_fact(line, figure) for line in lines if line["disposition"] == "fact"),
        narrative,
    )


def _fact(line: dict[str, str], figure: dict[str, str]) -> RealFact:
    inferred = line["inferred"] == "yes" or line["qualifier"] == "inferred"
    source = figure["source"]
    if line["note_zh"]:
        source += f"（{line['note_zh']}）"
    return RealFact(
        line["region"],
        line["level"],
        line["element"],
        line["period"],
        line["value"],
        line["qualifier"] or ("inferred" if inferred else ""),
        line["category"],
        source,
        line["file"],
        int(line["row"]),
        inferred,
        line["note_zh"],
        line["note_en"],
    )


@lru_cache(maxsize=8)
def _table(name: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as stream:
        return tuple(tuple(row.items()) for row in csv.DictReader(stream))


def _rows(name: str) -> list[dict[str, str]]:
    return [dict(row) for row in _table(name)]
