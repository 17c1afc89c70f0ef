"""The papers of a meeting as one PDF: cover, agenda with contents, each item's paper, uploaded files bound in."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typst

from jingtu.assessment.bulletins.content import Block, Heading, Note, Paragraph, Table
from jingtu.assessment.bulletins.pdf import fonts
from jingtu.core.files.queries import content_path
from jingtu.core.kernel.actor import Actor
from jingtu.engine.problems import Language

from .binding import Bound, bind, first_pages, made_pages, sizes, uploaded_pages
from .models import AgendaItem, Meeting
from .papers import paper_of

LAYOUT = Path(__file__).with_name("layouts") / "pack.typ"
Tell = Callable[[int], None]

WORDS: dict[Language, dict[str, Any]] = {
    "zh": {
        "papers": "会议材料汇编",
        "agenda": "议程和目录",
        "columns": ["序号", "议题", "汇报人", "分钟", "页码"],
        "late": "（通知后补充）",
        "people": "参会人员",
        "beside": "另附：",
        "bound": "附于其后：",
        "nothing": "本议题没有书面材料。",
    },
    "en": {
        "papers": "Papers of the meeting",
        "agenda": "Agenda and contents",
        "columns": ["No.", "Item", "Presenter", "Minutes", "Page"],
        "late": " (added after the invitation)",
        "people": "People asked",
        "beside": "Beside the pack: ",
        "bound": "Bound in behind: ",
        "nothing": "There is no written paper for this item.",
    },
}
FICTIONAL: dict[Language, str] = {
    "zh": "虚构示范数据：其中的地区和数字均非真实。",
    "en": "Invented for the demonstration: neither places nor figures are real.",
}


@dataclass(frozen=True)
class Made:
    """A pack as it was set and bound."""

    content: bytes
    pages: int


def make_pack(actor: Actor, meeting: Meeting, language: Language, tell: Tell | None = None) -> Made:
    """Set and bind the papers of a meeting that was given to the actor, as far as the actor may read them.

    ``tell`` is given percentages as the work goes on.
    """
    tell = tell or _nobody
    items = list(meeting.items.select_related("presenter_person").prefetch_related("papers__file"))
    texts = []
    for number, item in enumerate(items, start=1):
        texts.append(paper_of(actor, item, language))
        tell(5 + 45 * number // len(items))
    base = {"language": language, "title": meeting.title, "words": WORDS[language]}
    text = _set({**base, "mode": "parts", "parts": _parts(items, texts, language)})
    tell(60)
    stretches = _stretches(items, text, language)
    front = _front(meeting, items, stretches, base, language)
    tell(70)
    parts = [Bound(made_pages(front), WORDS[language]["agenda"])]
    parts += [part for stretch in stretches for part in stretch]
    stamps = made_pages(
        _set(
            {**base, "mode": "stamps", "running": f"{meeting.title} {meeting.held_on}", "sizes": sizes(parts)}
        )
    )
    tell(80)
    content = bind(parts, stamps, f"{meeting.title} {meeting.held_on}")
    tell(95)
    return Made(content, len(stamps))


def _nobody(percent: int) -> None:
    """Nobody watches."""


def _set(data: dict[str, Any]) -> bytes:
    inputs = {"pack": json.dumps(data, ensure_ascii=False)}
    return typst.compile(str(LAYOUT), font_paths=fonts(), sys_inputs=inputs, timestamp=0)


def _title(item: AgendaItem, language: Language) -> str:
    return item.title_en or item.title_zh if language == "en" else item.title_zh


def _parts(
    items: Sequence[AgendaItem], texts: Sequence[Sequence[Block]], language: Language
) -> list[dict[str, Any]]:
    minutes = "{}分钟" if language == "zh" else "{} minutes"
    return [
        {
            "number": item.position,
            "title": _title(item, language),
            "lead": " · ".join(part for part in (item.presenter_label, minutes.format(item.minutes)) if part),
            "blocks": [_plain(block) for block in blocks],
            "bound": [paper.file.name for paper in item.papers.all() if paper.pages],
            "beside": [paper.file.name for paper in item.papers.all() if not paper.pages],
        }
        for item, blocks in zip(items, texts, strict=True)
    ]


def _plain(block: Block) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "text": block.text}
    if isinstance(block, Paragraph | Note):
        return {"kind": "paragraph", "text": block.text}
    assert isinstance(block, Table)  # papers are made of text and tables
    return {
        "kind": "table",
        "caption": block.caption,
        "note": block.note,
        "columns": [
            {"title": column.title, "align": column.align, "width": column.width} for column in block.columns
        ],
        "rows": [[cell.text for cell in row] for row in block.rows],
    }


def _stretches(items: Sequence[AgendaItem], text: bytes, language: Language) -> list[list[Bound]]:
    """Item by item: the pages of its text, then those of the files handed in for it."""
    pages, begins = made_pages(text), first_pages(text)
    ends = [*begins[1:], len(pages)]
    found = []
    for item, first, last in zip(items, begins, ends, strict=True):
        stretch = [Bound(pages[first:last], f"{item.position}. {_title(item, language)}")]
        stretch += [
            Bound(uploaded_pages(content_path(paper.file)), paper.file.name)
            for paper in item.papers.all()
            if paper.pages
        ]
        found.append(stretch)
    return found


def _front(
    meeting: Meeting,
    items: Sequence[AgendaItem],
    stretches: Sequence[Sequence[Bound]],
    base: dict[str, Any],
    language: Language,
) -> bytes:
    """Cover and agenda, with the page on which each item begins; those depend on how long the agenda is."""
    lengths = [sum(len(part.pages) for part in stretch) for stretch in stretches]
    pages = 2
    while True:
        firsts = [pages + 1 + sum(lengths[:number]) for number in range(len(lengths))]
        content = _set({**base, "mode": "front", **_cover(meeting, items, firsts, language)})
        found = len(made_pages(content))
        if found <= pages:
            return content
        pages = found


def _cover(
    meeting: Meeting, items: Sequence[AgendaItem], firsts: Sequence[int], language: Language
) -> dict[str, Any]:
    zh = language == "zh"
    facts = [
        ("时间" if zh else "Time", f"{meeting.held_on.isoformat()} {meeting.at:%H:%M}"),
        ("地点" if zh else "Place", meeting.place or "—"),
        ("主持" if zh else "Chair", meeting.chair.full_name if meeting.chair else "—"),
        ("时长" if zh else "Length", f"{meeting.minutes}分钟" if zh else f"{meeting.minutes} minutes"),
    ]
    people = meeting.attendees.select_related("person")
    return {
        "region": meeting.region.name,
        "fictional_notice": FICTIONAL[language] if meeting.region.tree.fictional else "",
        "facts": facts,
        "people": [f"{one.label}（{one.role}）" if one.role else one.label for one in people],
        "items": [
            {
                "number": item.position,
                "title": _title(item, language),
                "presenter": item.presenter_label or "—",
                "minutes": item.minutes,
                "late": item.added_late,
                "beside": [paper.file.name for paper in item.papers.all() if not paper.pages],
                "page": first,
            }
            for item, first in zip(items, firsts, strict=True)
        ],
    }
