"""A body's report as an official letter, in Chinese and English, from what was gathered and what people wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from jingtu.assessment.bulletins.content import Block, Bulletin, Cell, Column, Heading, Note, Paragraph, Table
from jingtu.engine.notation import chinese_day
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language

from .models import BodyReport

NUMERALS = "一二三四五六七八九十"
_TONES = {
    "met": ("●", "●"),
    "watch": ("▲", "▲"),
    "below": ("◆", "◆"),
}


class ReportWriter:
    """Writes one report in one language."""

    def __init__(self, report: BodyReport, language: Language) -> None:
        self.report = report
        self.language: Language = language
        self.at = 0 if language == "zh" else 1
        self.content: Mapping[str, Any] = report.content
        self.period = Period.parse(report.period)

    def pick(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def document(self) -> Bulletin:
        """The composed report."""
        report = self.report
        body, recipient = report.body, report.recipient
        issuer = self.pick(body.name, body.name_en or body.name)
        to = self.pick(recipient.name, recipient.name_en or recipient.name)
        label = self.period.label(self.language)
        day = timezone.localtime(report.issued_at).date() if report.issued_at else None
        dated = "" if day is None else self.pick(chinese_day(day), day.isoformat())
        invented = self.pick(
            "虚构示范数据：本文所涉地区、单位、人员和数字均为虚构",
            "Fictional demonstration data: places, units, people and figures are invented",
        )
        return Bulletin(
            language=self.language,
            issuer=issuer,
            number=report.number,
            title=self.pick(f"{issuer}{label}工作情况报告", f"Report of the {issuer}, {label}"),
            recipient=self.pick(f"{to}：", f"To: {to}"),
            blocks=tuple(self.blocks()),
            signature=issuer,
            date=dated or self.pick("（未签发）", "(not issued)"),
            distribution="",
            fictional_notice=invented if self.content["fictional"] else "",
            running_foot=self.pick(f"校验码 {report.digest[:16]}", f"hash {report.digest[:16]}"),
        )

    def blocks(self) -> list[Block]:
        """Overall, the body's own work, that of its teams, problems, what comes next, notes."""
        texts = self.report.texts
        own, *teams = self.content["bodies"]
        parts: list[tuple[str, str, list[Block]]] = [
            ("总体情况", "Overall", [*self._written(texts.get("overall", "")), Paragraph(self._people(own))]),
            ("主要工作", "Main work", self._panels(own)),
        ]
        if teams:
            parts.append(("各工作组情况", "The special teams", self._teams(teams)))
        for name, zh, en in (("problems", "存在问题", "Problems"), ("next", "下步打算", "What comes next")):
            if texts.get(name, "").strip():
                parts.append((zh, en, self._written(texts[name])))
        found: list[Block] = []
        for number, (zh, en, blocks) in enumerate(parts):
            found += [Heading(self.pick(f"{NUMERALS[number]}、{zh}", f"{number + 1}. {en}")), *blocks]
        found.append(
            Note(
                self.pick(
                    f"数字取自起草时系统所载，校验码（SHA-256）{self.report.digest}；文字由起草人撰写。",
                    "Figures are those the system held when the report was drawn up, "
                    f"SHA-256 {self.report.digest}; what people wrote stands as they wrote it.",
                )
            )
        )
        return found

    def _written(self, text: str) -> list[Block]:
        return [Paragraph(line.strip()) for line in text.splitlines() if line.strip()]

    def _people(self, own: Mapping[str, Any]) -> str:
        count = own["members"]
        teams = len(self.content["bodies"]) - 1
        return self.pick(
            f"期末在任成员{count}人，下设工作机构{teams}个。",
            f"At the end of the period {count} members sit in it; {teams} bodies stand below it.",
        )

    def _panels(self, body: Mapping[str, Any]) -> list[Block]:
        found: list[Block] = []
        for panel in body["panels"]:
            found.append(Heading(panel["label"][self.at], 2))
            found.append(Paragraph(panel["sentence"][self.at]))
            if panel["lines"]:
                found.append(self._table(panel))
        return found or [Paragraph(self.pick("本期没有记录。", "Nothing is on record for the period."))]

    def _teams(self, teams: list[Mapping[str, Any]]) -> list[Block]:
        found: list[Block] = []
        for team in teams:
            found.append(Heading(team["name"][self.at], 2))
            sentences = [panel["sentence"][self.at] for panel in team["panels"]]
            people = self.pick(f"成员{team['members']}人。", f"{team['members']} members.")
            found.append(Paragraph(self.pick("", " ").join([people, *sentences])))
        return found

    def _table(self, panel: Mapping[str, Any]) -> Table:
        columns = (
            Column(self.pick("事项", "Item"), "left", 3),
            Column(self.pick("情况", "State"), "left", 1.6),
        )
        rows = []
        for line in panel["lines"]:
            mark = _TONES.get(line["tone"], ("", ""))[self.at]
            detail = " ".join(part for part in (mark, line["detail"][self.at]) if part)
            rows.append((Cell(line["text"][self.at]), Cell(detail or "–")))
        return Table(panel["key"], panel["label"][self.at], columns, tuple(rows))
