"""The words of the quarterly bulletin: numbers by kind, organisations by name, persons only as counts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from jingtu.assessment.bulletins import content
from jingtu.assessment.bulletins.content import Block, Bulletin, Cell, Column, Heading, Note, Paragraph, Table
from jingtu.core.regions.models import Region
from jingtu.engine.notation import chinese_day, english_day
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language

from .models import Measure, Proposal
from .registry import bulletin_parts
from .rules import DECIDED_STATES, ProposalState, State, shown_count, shown_counts
from .words import STATE_NAMES

TRANSLATED = "English reading copy; the Chinese bulletin alone is authoritative."
NAMED = frozenset({State.IN_FORCE.value, State.OBJECTED.value, State.ENDED.value})
"""Only what was decided and served is told by name."""


def compose(region: Region, period: Period, language: Language, number: str, day: dt.date) -> Bulletin:
    """The bulletin of a region for a quarter. It reads what lies inside the region; who may issue it was asked."""
    first, last = period.start, period.end
    zh = language == "zh"
    inside = {
        "region__tree_id": region.tree_id,
        "region__position__gte": region.position,
        "region__position__lte": region.last,
    }
    found = list(
        Measure.objects.filter(**inside, decided_on__range=(first, last), state__in=sorted(DECIDED_STATES))
        .exclude(state=State.DECIDED.value)
        .select_related("ladder", "region")
        .order_by("region__position", "pk")
    )
    asked = Counter(
        Proposal.objects.filter(**inside, decided_at__date__range=(first, last)).values_list(
            "state", flat=True
        )
    )
    blocks: list[Block] = [
        *([] if zh else [Note(TRANSLATED)]),
        Heading("一、总体情况" if zh else "1. Overview"),
        Paragraph(_overview(found, asked, period, language)),
        Heading("二、措施种类" if zh else "2. Measures by kind"),
        _by_kind(found, language),
    ]
    named = [one for one in found if not one.concerns_person and one.state in NAMED]
    blocks.append(Heading("三、对单位采取的措施" if zh else "3. Measures against organisations"))
    blocks.append(
        _organisations(named, language)
        if named
        else Paragraph("本季度没有。" if zh else "None in this quarter.")
    )
    for part in bulletin_parts():
        blocks += part.compose(region, first, last, language)
    blocks.append(
        Note(
            "措施由有权的人写明理由决定；规则只提出建议。对人员采取的措施只计数，少于五人的不列准确数。"
            if zh
            else "Named persons decide on measures, with reasons; rules only propose. Measures concerning persons are "
            "counted only, and counts below five are not given exactly."
        )
    )
    label = period.label(language)
    return Bulletin(
        language=language,
        issuer=f"{region.name}禁毒委员会办公室" if zh else f"Drug Control Office, {region.name}",
        number=number,
        title=f"{region.name}{label}追责情况通报"
        if zh
        else f"Accountability bulletin, {region.name}, {label}",
        recipient="各有关单位：" if zh else "To the offices concerned:",
        blocks=tuple(blocks),
        signature=f"{region.name}禁毒委员会办公室" if zh else f"Drug Control Office, {region.name}",
        date=chinese_day(day) if zh else english_day(day),
        distribution="",
        fictional_notice=_fictional(region.tree.fictional, language),
        running_foot=label,
    )


def _fictional(fictional: bool, language: Language) -> str:
    if not fictional:
        return ""
    return (
        "虚构示范数据，与任何真实地区无关"
        if language == "zh"
        else "Invented demonstration data; no real place"
    )


def _overview(found: Sequence[Measure], asked: Counter[str], period: Period, language: Language) -> str:
    taken, refused = asked[ProposalState.TAKEN.value], asked[ProposalState.NOT_TAKEN.value]
    imposed = [one for one in found if one.state != State.DROPPED.value]
    places = sum(1 for one in imposed if not one.concerns_person)
    persons = len(imposed) - places
    if language == "zh":
        text = f"{period.label('zh')}，对规则提出的建议作出决定{taken + refused}项，其中采取{taken}项、不采取{refused}项。"
        text += f"对单位决定采取措施{places}项"
        return text + (f"，对人员{shown_count(persons)}人次。" if persons else "，对人员未采取措施。")
    text = f"In {period.label('en')}, {taken + refused} proposals were decided: {taken} taken up, {refused} not. "
    text += f"Measures decided against organisations: {places}; "
    return text + (f"concerning persons: {shown_count(persons)}." if persons else "concerning persons: none.")


def _by_kind(found: Sequence[Measure], language: Language) -> Table:
    zh = language == "zh"
    kinds: dict[str, list[Measure]] = {}
    for one in found:
        kinds.setdefault(one.kind.name(language), []).append(one)
    persons = [sum(1 for one in members if one.concerns_person) for members in kinds.values()]
    rows = []
    for (name, members), people in zip(kinds.items(), persons, strict=True):
        places = len(members) - people
        text = shown_count(people)
        number = None if text.startswith("<") else Decimal(people)
        rows.append((Cell(name), Cell(str(places), Decimal(places)), Cell(text, number)))
    if shown_counts(persons) and rows:
        places = len(found) - sum(persons)
        text = shown_count(sum(persons))
        number = None if text.startswith("<") else Decimal(sum(persons))
        rows.append((Cell("合计" if zh else "Total"), Cell(str(places), Decimal(places)), Cell(text, number)))
    return Table(
        "种类" if zh else "Kinds",
        "本季度作出的决定" if zh else "Decided in the quarter",
        (
            Column("措施" if zh else "Kind", "left", 2),
            Column("单位" if zh else "Organisations", "right", 1, 0),
            Column("人员（人次）" if zh else "Persons", "right", 1, 0),
        ),
        tuple(rows),
        "" if rows else ("没有。" if zh else "None."),
    )


def _organisations(found: Sequence[Measure], language: Language) -> Table:
    zh = language == "zh"
    position = 0 if zh else 1
    rows = tuple(
        (
            Cell(one.region.name),
            Cell(one.kind.name(language)),
            Cell(one.decided_on.isoformat() if one.decided_on else ""),
            Cell(one.ends_on.isoformat() if one.ends_on else "–"),
            Cell(STATE_NAMES[one.state][position]),
        )
        for one in found
    )
    titles = (
        ("单位", "措施", "决定日期", "期限至", "状态")
        if zh
        else ("Organisation", "Measure", "Decided on", "Until", "State")
    )
    columns = tuple(
        Column(title, "left", width) for title, width in zip(titles, (2, 2, 1.2, 1.2, 1), strict=True)
    )
    caption = "对单位采取的措施" if zh else "Measures against organisations"
    return Table("单位" if zh else "Organisations", caption, columns, rows)


# --- kept word for word


def stored(bulletin: Bulletin) -> dict[str, Any]:
    """A bulletin as plain values."""
    blocks = [
        {"kind": block.kind, **asdict(block)}
        for block in bulletin.blocks
        if not isinstance(block, content.Chart)
    ]
    for block in blocks:
        for row in block.get("rows", ()):
            for cell in row:
                cell["number"] = None if cell["number"] is None else str(cell["number"])
    plain = {name: value for name, value in asdict(bulletin).items() if name != "blocks"}
    return {**plain, "blocks": blocks}


def restored(kept: dict[str, Any]) -> Bulletin:
    """The bulletin as it was kept."""
    return Bulletin(**{**kept, "blocks": tuple(_block(dict(block)) for block in kept["blocks"])})


def _block(kept: dict[str, Any]) -> Block:
    kind = kept.pop("kind")
    if kind == Heading.kind:
        return Heading(**kept)
    if kind == Paragraph.kind:
        return Paragraph(**kept)
    if kind == Note.kind:
        return Note(**kept)
    columns = tuple(Column(**column) for column in kept.pop("columns"))
    rows = tuple(
        tuple(
            Cell(cell["text"], None if cell["number"] is None else Decimal(cell["number"]), cell["url"])
            for cell in row
        )
        for row in kept.pop("rows")
    )
    return Table(columns=columns, rows=rows, **kept)
