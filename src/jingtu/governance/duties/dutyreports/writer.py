"""A duty report as an official document: the person's own words first, then what the system knew, then the comments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from jingtu.assessment.bulletins.content import Block, Bulletin, Cell, Column, Heading, Paragraph, Table
from jingtu.engine.notation import chinese_day
from jingtu.engine.problems import Language

from .models import DutyReport


def document(report: DutyReport, sections: Sequence[dict[str, Any]], language: Language) -> Bulletin:
    """The composed report in one language; what people wrote stands as they wrote it."""
    at = 0 if language == "zh" else 1

    def pick(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    blocks: list[Block] = [Heading(pick("一、本人述职", "1. The post's own report"))]
    blocks += [Paragraph(line.strip()) for line in report.text.splitlines() if line.strip()]
    blocks.append(Heading(pick("二、系统记载", "2. What the system holds")))
    for section in sections:
        blocks += [Heading(section["label"][at], 2), Paragraph(section["sentence"][at])]
        if section["lines"]:
            columns = (
                Column(pick("事项", "Item"), "left", 3),
                Column(pick("情况", "State"), "left", 1.6),
            )
            rows = tuple((Cell(one["text"][at]), Cell(one["detail"][at] or "–")) for one in section["lines"])
            blocks.append(Table(section["label"][1], section["label"][at], columns, rows))
    comments = list(report.comments.select_related("person"))
    if comments:
        blocks.append(Heading(pick("三、讲评", "3. Comments")))
    for one in comments:
        said = timezone.localtime(one.at).date().isoformat()
        blocks.append(
            Paragraph(
                pick(f"{one.person.full_name}（{said}）：", f"{one.person.full_name} ({said}): ") + one.text
            )
        )
    day = timezone.localtime(report.submitted_at).date() if report.submitted_at else None
    dated = "" if day is None else pick(chinese_day(day), day.isoformat())
    return Bulletin(
        language=language,
        issuer=report.region.name,
        number="",
        title=pick(f"{report.year}年度述职报告", f"Duty report {report.year}"),
        recipient=report.post,
        blocks=tuple(blocks),
        signature=report.person.full_name,
        date=dated or pick("（未提交）", "(not submitted)"),
        distribution="",
        fictional_notice=pick(
            "虚构示范数据：本文所涉地区、单位、人员和数字均为虚构",
            "Fictional demonstration data: places, units, people and figures are invented",
        )
        if report.region.tree.fictional
        else "",
        running_foot="",
    )
