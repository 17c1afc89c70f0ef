"""The words of a listing's official papers, in the layout of the office's bulletins. Chinese, as such papers are.

Every number in them stands in the listing; nothing is made up here. Venues are named in the notices to the region
they lie in, and in a public notice without their address.
"""

from __future__ import annotations

import datetime as dt

from jingtu.assessment.bulletins.content import Block, Bulletin, Cell, Column, Heading, Note, Paragraph, Table
from jingtu.core.kernel.languages import in_both
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.notation import chinese_day, plain_number

from .models import Acceptance, Listing, ListingCriterion
from .words import LEVELS

REVIEWED = ("review", "revoke")
PROBLEMS_ZH = {
    "outflow": "外流贩毒问题",
    "transit": "毒品中转集散问题",
    "production": "制毒问题",
    "use": "吸毒突出问题",
    "other": "毒品其他突出问题",
}
"""As a paper names what a place is listed for, fuller than the screens do."""


def available(listing: Listing, acceptance: Acceptance | None) -> list[str]:
    """The papers that can be printed of a listing as it stands."""
    found = ["notice"] if listing.noticed_on and listing.state != "proposed" else []
    if listing.listed_on:
        found += ["listing", "rectify", "public"]
    if listing.steps.filter(act__in=REVIEWED).exists():
        found.append("review")
    if acceptance is not None:
        found.append("acceptance")
    if listing.delisted_on:
        found.append("delisting")
    return found


def compose(
    kind: str,
    listing: Listing,
    *,
    issuer: str,
    number: str,
    day: dt.date,
    acceptance: Acceptance | None = None,
) -> Bulletin:
    """The paper of a kind, dated ``day``."""
    title, recipient, blocks = {
        "notice": _notice,
        "listing": _listing,
        "rectify": _rectify,
        "review": _review,
        "acceptance": lambda one: _acceptance(one, acceptance),
        "delisting": _delisting,
        "public": _public,
    }[kind](listing)
    return Bulletin(
        language="zh",
        issuer=issuer,
        number=number,
        title=title,
        recipient=recipient,
        blocks=tuple(blocks),
        signature=issuer,
        date=_date(day),
        distribution="",
        fictional_notice="虚构示范数据，不反映任何真实地方" if listing.region.tree.fictional else "",
        running_foot=f"{issuer}　{_date(day)}印发",
    )


def public_text(listing: Listing) -> str:
    """The public notice as plain text, to be copied."""
    title, _recipient, blocks = _public(listing)
    return "\n".join([title, *(block.text for block in blocks if isinstance(block, Paragraph))])


Parts = tuple[str, str, list[Block]]


def _about(listing: Listing) -> str:
    return f"{PROBLEMS_ZH[listing.problem]}{in_both(LEVELS[listing.level])[0]}{listing.class_zh}"


def _subject(listing: Listing) -> str:
    return f"{listing.region.name}{listing.venue.name}" if listing.venue else listing.region.name


def _to(listing: Listing) -> str:
    return f"{listing.region.name}禁毒委员会："


def _notice(listing: Listing) -> Parts:
    until = f"{_date(listing.hear_until)}前" if listing.hear_until else "规定期限内"
    blocks: list[Block] = [
        Paragraph(f"经研究，拟将{_subject(listing)}列为{_about(listing)}对象。"),
        Heading("一、事实和依据"),
        Paragraph(listing.grounds),
        *_criteria_table(listing, "入列指标情况"),
        Heading("二、陈述申辩"),
        Paragraph(
            f"你单位可在{until}提出书面陈述申辩意见，并可要求当面听取意见。逾期未提出的，不影响依程序作出决定。"
        ),
    ]
    return f"关于拟将{_subject(listing)}列为{listing.class_zh}对象的告知书", _to(listing), blocks


def _listing(listing: Listing) -> Parts:
    blocks: list[Block] = [
        Paragraph(
            f"经告知并听取意见，决定将{_subject(listing)}列为{_about(listing)}对象，期限{listing.term_months}个月，"
            f"自{_date(listing.listed_on)}起至{_date(listing.due_on)}止。"
        ),
        Heading("一、决定理由"),
        Paragraph(listing.decision),
        Heading("二、退出要求"),
        *_criteria_table(listing, "入列值和退出要求"),
        Heading("三、责任"),
        Paragraph(f"包抓责任领导：{listing.leader}。"),
    ]
    effects = [
        text
        for held, text in ((listing.no_awards, "取消评先评优资格"), (listing.no_promotion, "暂缓提拔使用"))
        if held
    ]
    if effects:
        blocks.append(Paragraph(f"依据{listing.document_number}，整治期间{'、'.join(effects)}。"))
    return f"关于将{_subject(listing)}列为{listing.class_zh}对象的通知", _to(listing), blocks


def _rectify(listing: Listing) -> Parts:
    due = listing.version.rules.progress_day
    blocks: list[Block] = [
        Paragraph(
            f"你地已于{_date(listing.listed_on)}列为{_about(listing)}对象（{listing.document_number}）。现就整治工作函告如下。"
        ),
        Heading("一、制定方案"),
        Paragraph("请制定整治方案，逐项明确任务、责任单位、责任人和完成时限。"),
        Heading("二、按月报告"),
        Paragraph(f"请于每月{due}日前报告上月进展，对照退出要求说明差距。"),
        *_criteria_table(listing, "对照表"),
        Heading("三、期满验收"),
        Paragraph(
            f"整治期至{_date(listing.due_on)}止。达到要求后可提出自评，由上级组织现场验收、征求意见后决定。"
        ),
    ]
    return f"关于做好{_subject(listing)}{listing.class_zh}工作的函", _to(listing), blocks


def _review(listing: Listing) -> Parts:
    step = listing.steps.filter(act__in=REVIEWED).last()
    revoked = step is not None and step.act == "revoke"
    outcome = "予以撤销" if revoked else "予以维持"
    blocks: list[Block] = [
        Paragraph(
            f"关于将{_subject(listing)}列为{_about(listing)}对象的决定（{listing.document_number}），经复核，{outcome}。"
        ),
        *(Paragraph(text) for text in (step.text.splitlines() if step else ()) if text.strip()),
    ]
    return f"关于{_subject(listing)}{listing.class_zh}的复核决定", _to(listing), blocks


def _acceptance(listing: Listing, acceptance: Acceptance | None) -> Parts:
    assert acceptance is not None
    columns = (
        Column("项目", width=3),
        Column("分值", "right"),
        Column("得分", "right"),
        Column("说明", width=3),
    )
    rows = tuple(
        (Cell(line.name_zh), Cell(plain_number(line.points)), Cell(plain_number(line.score)), Cell(line.note))
        for line in acceptance.lines.all()
    )
    result = "合格" if acceptance.passed else "不合格"
    blocks: list[Block] = [
        Paragraph(
            f"验收对象：{_subject(listing)}（{_about(listing)}）。验收日期：{_date(acceptance.held_on)}。"
        ),
        Paragraph(acceptance.findings),
        Table("checklist", "验收评分", columns, rows, f"合格分{plain_number(acceptance.pass_mark)}分。"),
        Paragraph(f"得分{plain_number(acceptance.total)}分，结论：{result}。"),
        Heading("验收组签字"),
    ]
    for member in acceptance.team.select_related("person"):
        signed = "已在系统中签字" if member.signed_at else "未签字"
        blocks.append(
            Paragraph(f"{'组长' if member.leads else '成员'}：{member.person.full_name}（{signed}）")
        )
    blocks.append(Note(f"签字内容校验值：{acceptance.text_hash}"))
    return f"{_subject(listing)}{listing.class_zh}验收表", "", blocks


def _delisting(listing: Listing) -> Parts:
    step = listing.steps.filter(act="delist").last()
    basis = f"（{step.document_number}）" if step else ""
    reasons = step.text if step else ""
    blocks: list[Block] = [
        Paragraph(
            f"经现场验收、征求意见和综合评定，决定自{_date(listing.delisted_on)}起解除{_subject(listing)}的{_about(listing)}{basis}。"
        ),
        *(Paragraph(text) for text in reasons.splitlines() if text.strip()),
        Paragraph(f"巩固期至{_date(listing.watch_until)}止。巩固期内问题反弹的，依程序重新挂牌。"),
    ]
    return f"关于解除{_subject(listing)}{listing.class_zh}的通知", _to(listing), blocks


def _public(listing: Listing) -> Parts:
    if listing.delisted_on:
        text = f"经验收合格并征求意见，{_subject(listing)}自{_date(listing.delisted_on)}起摘牌，巩固期至{_date(listing.watch_until)}。"
    elif listing.state == "revoked":
        text = f"{_subject(listing)}的{_about(listing)}自{_date(listing.ended_on)}起撤销。"
    else:
        text = (
            f"依据{listing.document_number}，{_subject(listing)}自{_date(listing.listed_on)}起列为{_about(listing)}对象，"
            f"整治期至{_date(listing.due_on)}。欢迎社会监督。"
        )
    return f"关于{_subject(listing)}{listing.class_zh}的公告", "", [Paragraph(text)]


def _criteria_table(listing: Listing, caption: str) -> list[Block]:
    rows = list(listing.criteria.all())
    if not rows:
        return []
    columns = (
        Column("指标", width=3),
        Column("入列值", "right"),
        Column("退出要求", "right"),
        Column("来源", width=2),
    )
    return [
        Table("criteria", caption, columns, tuple(
            (
                Cell(f"{row.name_zh}（{row.unit_zh}）" if row.unit_zh else row.name_zh),
                Cell("—" if row.entry_value is None else plain_number(row.entry_value)),
                Cell(Threshold.parse(row.required).label(language="zh") if row.required else "—"),
                Cell(_source(row)),
            )
            for row in rows
        ))
    ]  # fmt: skip


def _source(row: ListingCriterion) -> str:
    if row.entry_run_id is not None:
        return f"已发布考核（{row.entry_day}）"
    return row.entry_source or "—"


def _date(day: dt.date | None) -> str:
    return chinese_day(day) if day else ""
