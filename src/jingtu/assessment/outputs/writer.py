"""A sheet in its layout, for the Word, PDF and Excel writers of bulletins."""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone

from jingtu.assessment.bulletins.content import Block, Bulletin, Cell, Column, Note, Paragraph, Table
from jingtu.core.ui.words import format_number
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language

from .layout import Row
from .queries import Line, SheetPage
from .rules import Origin, Status

STATUS_WORDS: dict[Status, tuple[str, str]] = {
    Status.CONFIRMED: ("已核定", "confirmed"),
    Status.PUBLISHED: ("待核定", "not confirmed yet"),
    Status.PROVISIONAL: ("暂定，未发布", "provisional, not published"),
    Status.STALE: ("核定后有变化", "changed since it was confirmed"),
    Status.NEEDS_EVIDENCE: ("缺佐证", "evidence missing"),
    Status.SUPPRESSED: ("小数保护", "withheld, small count"),
    Status.MISSING: ("缺数据", "no figures"),
}
STATE_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("缺报", "not reported"),
    "not_applicable": ("不适用", "not applicable"),
    "below_minimum": ("未达最小分母", "too small a denominator"),
    "suppressed": ("小数保护", "withheld"),
}
MET_WORDS: dict[str, tuple[str, str]] = {
    "met": ("达标", "met"),
    "watch": ("未达标", "not met"),
    "below": ("触红线", "below the red line"),
}
WIDTHS = {"number": 0.5, "title": 2.6, "value": 1.2, "basis": 1.6, "note": 1.6, "evidence": 1.4}


class SheetWriter:
    """Writes one sheet in one language."""

    def __init__(self, page: SheetPage, language: Language, mark: str = "") -> None:
        self.page, self.language, self.mark = page, language, mark
        self.layout = page.sheet.version.layout
        self.at = 0 if language == "zh" else 1

    def pick(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def document(self) -> Bulletin:
        """The composed sheet."""
        sheet, layout = self.page.sheet, self.layout
        label = Period.parse(sheet.period).label(self.language)
        issuer = self.pick(
            f"{sheet.region.name}禁毒委员会办公室", f"Drug Control Office, {sheet.region.name}"
        )
        count = len(self.page.lines)
        sent = timezone.localtime(sheet.sent_at).date() if sheet.sent_at else None
        return Bulletin(
            language=self.language,
            issuer=issuer,
            number="",
            title=f"{layout.name(self.language)}",
            recipient="",
            blocks=tuple(self.blocks(label)),
            signature=issuer,
            date=sent.isoformat() if sent else self.pick("（未报出）", "(not sent)"),
            distribution="",
            fictional_notice=self.pick(
                "虚构示范数据：表中地区、名称、数字均为虚构，表样为示例",
                "Fictional demonstration data: places, names, figures and the layout are invented",
            )
            if sheet.region.tree.fictional
            else "",
            running_foot=self.pick(
                f"共{count}项　表样第{sheet.version.number}版　{self.mark}",
                f"{count} items. Layout version {sheet.version.number}. {self.mark}",
            ),
        )

    def blocks(self, label: str) -> list[Block]:
        sheet, layout = self.page.sheet, self.layout
        found: list[Block] = [
            Paragraph(
                self.pick(
                    f"填报地区：{sheet.region.name}　周期：{label}　第{sheet.issue}稿",
                    f"Region: {sheet.region.name}. Period: {label}. Issue {sheet.issue}",
                ),
                indent=False,
            ),
            Paragraph(
                self.pick(
                    f"用于{layout.evaluation('zh')}（{layout.document('zh')}）",
                    f"For {layout.evaluation('en')} ({layout.document('en')})",
                ),
                indent=False,
            ),
            self.table(),
        ]
        if layout.note(self.language):
            found.append(Note(layout.note(self.language)))
        if self.page.provisional:
            text = (
                f"标有“暂定”的{self.page.provisional}项按现有数据计算，尚未发布，可能变动。",
                f"{self.page.provisional} values marked provisional rest on figures that are not published and may change.",
            )
            found.append(Note(text[self.at]))
        if any(line.status == Status.SUPPRESSED for line in self.page.lines):
            found.append(
                Note(
                    self.pick(
                        "“小数保护”：人数较少，或为防止倒推一并不列，不是零。",
                        "Withheld: few persons, or withheld with them so that they cannot be worked out; not zero.",
                    )
                )
            )
        return found

    def table(self) -> Table:
        """The rows and columns of the layout."""
        columns = tuple(
            Column(
                zh if self.at == 0 else en,
                "right" if kind == "value" else "center" if kind == "number" else "left",
                WIDTHS.get(kind, 1.0),
            )
            for kind, zh, en in self.layout.columns
        )
        kinds = [kind for kind, _zh, _en in self.layout.columns]
        rows = tuple(tuple(self.cell(kind, row, line) for kind in kinds) for row, line in self.page.blocks)
        name = self.pick("外报表", "Sheet")
        return Table(name, self.layout.name(self.language), columns, rows)

    def cell(self, kind: str, row: Row, line: Line | None) -> Cell:
        """What one column says of one row."""
        if kind == "title":
            return Cell(row.title(self.language))
        if line is None:
            return Cell("")
        texts = {
            "number": str(line.number),
            "unit": line.unit,
            "value": self.value(line),
            "requirement": line.requirement or "–",
            "met": MET_WORDS[line.met][self.at] if line.met in MET_WORDS else "–",
            "period": Period.parse(self.page.sheet.period).label(self.language),
            "basis": self.basis(line),
            "status": STATUS_WORDS[line.status][self.at],
            "evidence": self.pick("、", ", ").join(name for _pk, name in line.evidence) or "–",
            "confirmed": f"{line.person} {line.at}".strip() or "–",
            "note": "；".join(part for part in (row.note(self.language), line.note) if part),
        }
        return Cell(texts[kind])

    def value(self, line: Line) -> str:
        """The value or the text; why there is none; provisional values say so."""
        if line.row.kind == "text":
            return line.text or self.pick("（未填写）", "(not written)")
        if line.value is None:
            return STATE_WORDS.get(line.state, STATE_WORDS["missing"])[self.at]
        text = shown(line)
        if line.provisional:
            text += self.pick("（暂定）", " (provisional)")
        return text

    def basis(self, line: Line) -> str:
        if line.origin == Origin.RUN and line.run_id:
            return self.pick(
                f"已发布考核#{line.run_id}第{line.run_version}版",
                f"published run #{line.run_id}, version {line.run_version}",
            )
        words = {
            Origin.RUN: ("已发布考核", "published run"),
            Origin.FACTS: ("现有数据，未发布", "figures in force, not published"),
            Origin.TEXT: ("文字填写", "written"),
            Origin.NONE: ("–", "–"),
        }
        return words[line.origin][self.at]


def shown(line: Line) -> str:
    """A value with separators and the digits of its definition."""
    try:
        number = Decimal(line.value or "")
    except ArithmeticError:
        return line.value or ""
    return format_number(number, line.decimals) or ""
