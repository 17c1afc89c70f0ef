"""What the two languages of a bulletin share: the order of its parts and the figures of its tables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import replace
from decimal import Decimal

from jingtu.assessment.bulletins.beside import beside_ranking
from jingtu.assessment.bulletins.content import (
    Block,
    Bulletin,
    Cell,
    Chart,
    Column,
    Heading,
    Note,
    Paragraph,
    Table,
)
from jingtu.assessment.bulletins.rules import BulletinKind, points_text, ranked
from jingtu.assessment.bulletins.source import BulletinSource, Place, RedLine, Section
from jingtu.engine.notation import plain_number
from jingtu.engine.problems import Language

DAILY_RED_LINES = 8
LISTED = 20
"""So many lines of unmet requirements are printed beside the red lines; the scorecard on screen has them all."""


class Writer(ABC):
    """What the two languages share: the order of the parts and the tables' figures."""

    language: Language

    def __init__(self, source: BulletinSource) -> None:
        self.source = source
        self.places = ranked(source.places)
        self.with_rank = [place for place in self.places if place.rank is not None]
        self.held = Counter(place.rank for place in self.with_rank)

    def pick(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def ranking_table(self) -> Table:
        source = self.source
        columns = [
            Column(self.pick("位次", "Rank"), "center", 0.6, 0),
            Column(self.pick(source.level_zh, source.level_en), "left", 1.6),
            Column(self.pick("总分", "Total"), "right", 0.9, 2),
        ]
        columns += [Column(self.section_title(section), "right", 1.0, 2) for section in source.sections]
        columns.append(Column(self.pick("较上期", "Moved"), "center", 0.8))
        rows = []
        for place in self.places:
            cells = [
                Cell(
                    self.rank_text(place),
                    None if place.rank is None else Decimal(place.rank),
                ),
                Cell(place.name),
                Cell(points_text(place.total), place.total, source.explanation_url(place.region_id)),
            ]
            cells += [
                Cell(
                    points_text(place.section_points.get(section.code)),
                    place.section_points.get(section.code),
                )
                for section in source.sections
            ]
            cells.append(Cell(self.movement(place)))
            rows.append(tuple(cells))
        return Table(
            "ranking",
            self.pick(
                f"{source.period.label('zh')}{source.scorecard_zh}排名",
                f"{source.scorecard_en}, {source.period.label('en')}",
            ),
            tuple(columns),
            tuple(rows),
            self.ranking_note(),
        )

    def section_title(self, section: Section) -> str:
        """The section's name with its full points, unless the name states them already."""
        name = self.pick(section.name_zh, section.name_en)
        if any(character.isdigit() for character in name):
            return name
        return self.pick(
            f"{name}（{plain_number(section.points)}）", f"{name} ({plain_number(section.points)})"
        )

    def rank_text(self, place: Place) -> str:
        """The rank as printed; a shared one says so."""
        if place.rank is None:
            return "—"
        return f"{place.rank}{self.pick('（并列）', ' (tied)') if self.held[place.rank] > 1 else ''}"

    def movement(self, place: Place) -> str:
        gain = place.rank_gain
        if gain is None:
            return "—"
        if gain == 0:
            return self.pick("持平", "same")
        return f"{'↑' if gain > 0 else '↓'}{abs(gain)}"

    def ranking_note(self) -> str:
        notes = []
        ranks = [place.rank for place in self.with_rank]
        if len(ranks) != len(set(ranks)):
            notes.append(
                self.pick(
                    "总分相同的并列，其后位次顺延", "equal totals share a rank and the next rank is skipped"
                )
            )
        for place in self.places:
            if place.rank is None:
                notes.append(
                    self.pick(
                        f"{place.name}不参加排名（{place.unranked_reason_zh or '数据不足'}）",
                        f"{place.name} is not ranked ({place.unranked_reason_en or 'insufficient data'})",
                    )
                )
            if place.veto_zh:
                notes.append(
                    self.pick(
                        f"{place.name}触发一票否决：{place.veto_zh}", f"{place.name}: veto, {place.veto_en}"
                    )
                )
        return self.pick("；", "; ").join(notes)

    def ranking_chart(self) -> Chart:
        scored = [place for place in self.with_rank if place.total is not None]
        return Chart(
            self.pick("总分比较", "Totals compared"),
            self.pick("总分", "Total"),
            tuple(place.name for place in scored),
            tuple(place.total for place in scored if place.total is not None),
            self.pick("分", "points"),
        )

    def red_line_table(self) -> Table:
        columns = (
            Column(self.pick(self.source.level_zh, self.source.level_en), "left", 1.3),
            Column(self.pick("指标", "Indicator"), "left", 2.2),
            Column(self.pick("实际", "Value"), "right", 0.9),
            Column(self.pick("要求", "Required"), "right", 0.9),
            Column(self.pick("还差", "Missing"), "left", 1.35),
            Column(self.pick("状态", "State"), "center", 1.05),
        )
        rows = tuple(
            (
                Cell(line.place),
                Cell(self.pick(line.indicator_zh, line.indicator_en)),
                Cell(line.value, None, self.source.explanation_url(line.region_id, line.indicator)),
                Cell(self.pick(line.requirement, line.requirement_en or line.requirement)),
                Cell(self.pick(line.missing_zh, line.missing_en)),
                Cell(
                    self.pick("◆ 红线", "◆ red line")
                    if line.crossed_red_line
                    else self.pick("▲ 未达标", "▲ not met")
                ),
            )
            for line in self.listed()
        )
        return Table(
            "red_lines", self.pick("红线与未达标指标", "Red lines and unmet requirements"), columns, rows
        )

    def listed(self) -> list[RedLine]:
        """Every red line crossed, then the widest gaps to a requirement (the source has them in that order)."""
        crossed = self.crossed
        unmet = [line for line in self.source.red_lines if not line.crossed_red_line]
        return crossed + unmet[: max(0, LISTED - len(crossed))]

    @property
    def crossed(self) -> list[RedLine]:
        """The red lines that were crossed."""
        return [line for line in self.source.red_lines if line.crossed_red_line]

    def crossed_by_indicator(self) -> dict[str, list[str]]:
        """Indicator names with the places that crossed their red line, each place once."""
        found: dict[str, dict[str, None]] = {}
        for line in self.crossed:
            found.setdefault(self.pick(line.indicator_zh, line.indicator_en), {})[line.place] = None
        return {indicator: list(places) for indicator, places in found.items()}

    def crossed_by_place(self) -> dict[str, list[RedLine]]:
        """Places with the red lines they crossed."""
        found: dict[str, list[RedLine]] = {}
        for line in self.crossed:
            found.setdefault(line.place, []).append(line)
        return found

    @property
    def before(self) -> str:
        """What movement is told against."""
        period = self.source.previous_period
        if period is None:
            return self.pick("上期", "the previous period")
        return self.pick(f"上期（{period.label('zh')}）", period.label("en"))

    def movers(self) -> tuple[Place | None, Place | None]:
        """Who rose most and who fell most against the previous period, if anybody did."""
        moved = [place for place in self.with_rank if place.rank_gain]
        risen = max(moved, key=lambda place: place.rank_gain or 0, default=None)
        fallen = min(moved, key=lambda place: place.rank_gain or 0, default=None)
        return (
            risen if risen and (risen.rank_gain or 0) > 0 else None,
            fallen if fallen and (fallen.rank_gain or 0) < 0 else None,
        )

    def change_table(self) -> Table:
        columns = (
            Column(self.pick(self.source.place_zh, self.source.place_en.capitalize()), "left", 1.3),
            Column(self.pick("指标", "Indicator"), "left", 2.2),
            Column(self.pick("本期", "Now"), "right", 0.9),
            Column(self.pick("比较期", "Before"), "right", 0.9),
            Column(self.pick("变化", "Change"), "right", 0.9),
            Column(self.pick("口径", "Against"), "center", 0.9),
        )
        rows = tuple(
            (
                Cell(change.place),
                Cell(self.pick(change.indicator_zh, change.indicator_en)),
                Cell(change.value),
                Cell(change.earlier),
                Cell(change.change),
                Cell(self.pick(change.against_zh, change.against_en)),
            )
            for change in self.source.changes
        )
        return Table(
            "changes",
            self.pick("变化较大的指标", "Marked changes"),
            columns,
            rows,
            self.pick(
                "率的变化以百分点计，数量的变化以百分比计",
                "rates change by percentage points, counts by per cent",
            ),
        )

    def version_table(self) -> Table:
        """For whom the version says what differently, and by how much."""
        columns = (
            Column(self.pick(self.source.level_zh, self.source.level_en.capitalize()), "left", 1.3),
            Column(self.pick("原总分", "Total before"), "right", 0.9, 2),
            Column(self.pick("现总分", "Total now"), "right", 0.9, 2),
            Column(self.pick("增减", "Change"), "right", 0.8),
            Column(self.pick("原位次", "Rank before"), "center", 0.8),
            Column(self.pick("现位次", "Rank now"), "center", 0.8),
            Column(self.pick("有变化的指标", "Indicators"), "left", 2.2),
        )
        rows = []
        for change in self.source.version_changes:
            moved = (
                None
                if change.total is None or change.earlier_total is None
                else change.total - change.earlier_total
            )
            names = self.pick("、".join(change.indicators_zh), ", ".join(change.indicators_en))
            rows.append(
                (
                    Cell(change.place),
                    Cell(points_text(change.earlier_total), change.earlier_total),
                    Cell(points_text(change.total), change.total),
                    Cell(
                        "—"
                        if moved is None
                        else f"{'+' if moved > 0 else '−' if moved < 0 else ''}{abs(moved):.2f}"
                    ),
                    Cell(str(change.earlier_rank or "—")),
                    Cell(str(change.rank or "—")),
                    Cell(names or "—"),
                )
            )
        return Table(
            "version_changes",
            self.pick("与上一版的差异", "Against the version before"),
            columns,
            tuple(rows),
            self.source.version_reason,
        )

    def short_ranking(self) -> Table:
        """The ranking without the points of the sections."""
        full = self.ranking_table()
        kept = [0, 1, 2, len(full.columns) - 1]
        return replace(
            full,
            columns=tuple(full.columns[index] for index in kept),
            rows=tuple(tuple(row[index] for index in kept) for row in full.rows),
        )

    def short_red_lines(self, most: int) -> Table:
        """Red lines crossed, the widest gaps first."""
        full = self.red_line_table()
        return replace(full, rows=full.rows[: min(most, len(self.crossed))])

    def daily(self) -> list[Block]:
        """One page for the day: how things stand, who crossed a red line, the ranking."""
        blocks: list[Block] = [Paragraph(text) for text in self.overview()[:2]]
        blocks.append(Paragraph(self.red_line_sentence()))
        if self.crossed:
            blocks.append(self.short_red_lines(DAILY_RED_LINES))
        blocks.append(self.short_ranking())
        return blocks

    def weekly(self) -> list[Block]:
        """A notice for the week: overall, ranking, red lines, what is to be done."""
        blocks: list[Block] = [Paragraph(text) for text in self.overview()]
        blocks += [self.short_ranking(), Paragraph(self.red_line_sentence())]
        if self.crossed:
            blocks.append(self.short_red_lines(LISTED))
        blocks += [Paragraph(text) for text in self.next_steps()]
        return blocks

    def full(self) -> list[Block]:
        """The whole bulletin in its six parts."""
        source = self.source
        blocks: list[Block] = [Paragraph(self.opening())]
        blocks += [Heading(self.heading(1)), *(Paragraph(text) for text in self.overview())]
        blocks += [Heading(self.heading(2)), self.ranking_table(), self.ranking_chart()]
        blocks += beside_ranking(source, self.language)
        blocks.append(Heading(self.heading(3)))
        blocks += [Paragraph(self.red_line_sentence())]
        if source.red_lines:
            blocks.append(self.red_line_table())
        blocks.append(Heading(self.heading(4)))
        blocks += [Paragraph(self.change_sentence())]
        if source.changes:
            blocks.append(self.change_table())
        blocks += [Heading(self.heading(5)), *(Paragraph(text) for text in self.problems())]
        blocks += [Heading(self.heading(6)), *(Paragraph(text) for text in self.next_steps())]
        return blocks

    def bulletin(self) -> Bulletin:
        """The bulletin of the source's kind, with what its notes must say whatever its length."""
        source = self.source
        parts = {
            BulletinKind.DAILY: self.daily,
            BulletinKind.WEEKLY: self.weekly,
            BulletinKind.FULL: self.full,
        }
        blocks = parts[BulletinKind(source.kind)]()
        if source.version_changes:
            blocks.append(Heading(self.pick("与上一版的差异", "Against the version before"), 2))
            blocks.append(self.version_table())
        blocks += [Heading(self.pick("数据说明", "Data notes"), 2), *(Note(text) for text in self.notes())]
        return Bulletin(
            language=self.language,
            issuer=self.pick(source.issuer_zh, source.issuer_en),
            number=source.number,
            title=self.title(),
            recipient=self.recipient(),
            blocks=tuple(blocks),
            signature=self.pick(source.issuer_zh, source.issuer_en),
            date=self.date(),
            distribution=self.pick("、", ", ").join(source.distribution),
            fictional_notice=self.pick(
                "本通报所载地区、单位和数字均为虚构，仅供演示。",
                "Every place, unit and figure in this bulletin is invented, for demonstration only.",
            )
            if source.fictional
            else "",
            running_foot=self.pick(
                f"第{source.version}版 · 校验码 {source.publication_hash[:16]}",
                f"version {source.version} · hash {source.publication_hash[:16]}",
            ),
        )

    # The sentences of each language.

    @abstractmethod
    def heading(self, part: int) -> str:
        """Heading of part 1 (overall) to 6 (next steps)."""

    @abstractmethod
    def title(self) -> str: ...

    @abstractmethod
    def recipient(self) -> str: ...

    @abstractmethod
    def date(self) -> str: ...

    @abstractmethod
    def opening(self) -> str: ...

    @abstractmethod
    def overview(self) -> list[str]: ...

    @abstractmethod
    def red_line_sentence(self) -> str: ...

    @abstractmethod
    def change_sentence(self) -> str: ...

    @abstractmethod
    def problems(self) -> list[str]: ...

    @abstractmethod
    def next_steps(self) -> list[str]: ...

    @abstractmethod
    def notes(self) -> list[str]: ...
