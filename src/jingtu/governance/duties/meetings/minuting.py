"""The minutes of a meeting by the official layout, as Word and PDF."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.utils.timezone import localtime

from jingtu.assessment.bulletins import pdf, word
from jingtu.assessment.bulletins.content import Block, Bulletin, Cell, Column, Heading, Paragraph, Table
from jingtu.engine.notation import chinese_day
from jingtu.engine.problems import Language

from .models import AgendaItem, Attendee, Decision, Meeting
from .packing import FICTIONAL
from .rules import Presence

FORMATS: dict[str, Callable[[Bulletin], bytes]] = {"docx": word.render, "pdf": pdf.render}
NUMERALS = "一二三四五六七八九十"


def minutes_of(meeting: Meeting, language: Language) -> Bulletin:
    """The minutes as they stand; what is not confirmed says so in the place of the signature."""
    zh = language == "zh"
    attendees = list(meeting.attendees.select_related("person", "substitute_person"))
    items = list(meeting.items.all())
    decisions = list(meeting.decisions.select_related("region", "unit", "person"))
    confirmed = meeting.confirmed_at is not None
    chair = meeting.chair.full_name if meeting.chair else "—"
    blocks: list[Block] = [
        Paragraph(_opening(meeting, chair, zh)),
        *_people(attendees, zh),
        *(block for number, item in enumerate(items) for block in _item(item, number, language)),
    ]
    if decisions:
        blocks.append(_decisions(decisions, zh))
    signed = (f"主持人 {chair} 确认" if zh else f"Confirmed by the chair, {chair}") if confirmed else ""
    return Bulletin(
        language=language,
        issuer="会议纪要" if zh else "Minutes",
        number=_number(meeting, zh),
        title=f"{meeting.region.name}{meeting.title}纪要"
        if zh
        else f"Minutes: {meeting.title}, {meeting.region.name}",
        recipient="",
        blocks=tuple(blocks),
        signature=signed or ("（纪要草稿，主持人尚未确认）" if zh else "(Draft; not confirmed by the chair)"),
        date=_date(localtime(meeting.confirmed_at).date() if meeting.confirmed_at else meeting.held_on, zh),
        distribution="",
        fictional_notice=FICTIONAL[language] if meeting.region.tree.fictional else "",
        running_foot=f"{meeting.held_on.isoformat()} {meeting.title}",
    )


def _number(meeting: Meeting, zh: bool) -> str:
    """Which meeting of its series in its year; an extraordinary one bears its day."""
    if meeting.series_id is None:
        return meeting.held_on.isoformat()
    earlier = Meeting.objects.filter(
        series_id=meeting.series_id,
        held_on__year=meeting.held_on.year,
        held_on__lte=meeting.held_on,
    ).exclude(state="cancelled")
    year, number = meeting.held_on.year, earlier.count()
    return f"〔{year}〕第{number}期" if zh else f"{year}, no. {number}"


def _date(day: dt.date, zh: bool) -> str:
    return chinese_day(day) if zh else day.isoformat()


def _opening(meeting: Meeting, chair: str, zh: bool) -> str:
    when = _date(meeting.held_on, zh)
    place = meeting.place
    if zh:
        at = f"在{place}" if place else ""
        return f"{when}{meeting.at:%H:%M}，{chair}{at}主持召开{meeting.title}。现将会议研究和决定的事项纪要如下。"
    at = f" at {place}" if place else ""
    return f"{meeting.title} was held on {when}, {meeting.at:%H:%M}{at}, chaired by {chair}."


def _people(attendees: list[Attendee], zh: bool) -> list[Block]:
    came, excused, absent = [], [], []
    for one in attendees:
        name = f"{one.label}（{one.role}）" if one.role else one.label
        if one.presence == Presence.PRESENT:
            came.append(name)
        elif one.presence == Presence.SUBSTITUTED:
            stood_in = one.substitute_label
            came.append(f"{stood_in}（代{one.label}）" if zh else f"{stood_in} (for {one.label})")
        elif one.presence == Presence.EXCUSED:
            excused.append(name)
        elif one.presence == Presence.ABSENT:
            absent.append(name)
    labels = ("出席：", "请假：", "缺席：") if zh else ("Present: ", "Excused: ", "Absent: ")
    return [
        Paragraph(label + ("、" if zh else ", ").join(names))
        for label, names in zip(labels, (came, excused, absent), strict=True)
        if names
    ]


def _item(item: AgendaItem, number: int, language: Language) -> list[Block]:
    title = item.title_en or item.title_zh if language == "en" else item.title_zh
    mark = f"{_numeral(number + 1)}、" if language == "zh" else f"{number + 1}. "
    return [
        Heading(mark + title),
        *(Paragraph(line) for line in item.record.splitlines() if line.strip()),
    ]


def _numeral(number: int) -> str:
    """Chinese numerals up to 99."""
    tens, ones = divmod(number, 10)
    head = ("" if tens <= 1 else NUMERALS[tens - 1]) + ("十" if tens else "")
    return head + (NUMERALS[ones - 1] if ones else "")


def _decisions(decisions: list[Decision], zh: bool) -> Table:
    titles = ("序号", "决定事项", "承办", "期限") if zh else ("No.", "Decision", "Owner", "Due")
    return Table(
        "decisions",
        "决定事项" if zh else "Decisions",
        (
            Column(titles[0], "center", 0.5),
            Column(titles[1], "left", 3.2),
            Column(titles[2], "left", 1.5),
            Column(titles[3], "center", 1.1),
        ),
        tuple(
            (
                Cell(str(one.number)),
                Cell(one.text),
                Cell(
                    "、".join(
                        part
                        for part in (
                            one.region.name,
                            one.unit.name if one.unit else "",
                            one.person.full_name if one.person else "",
                        )
                        if part
                    )
                ),
                Cell(one.due.isoformat()),
            )
            for one in decisions
        ),
    )
