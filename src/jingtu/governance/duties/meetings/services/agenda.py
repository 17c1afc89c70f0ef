"""The agenda: points taken up, own items, their order, presenters, minutes and papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from jingtu.core.audit.actions import register_actions
from jingtu.core.files.queries import content_path
from jingtu.core.files.services import Upload, receive
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, NotFound, Problem, refuse, register_texts

from ..models import AgendaItem, Meeting, Paper
from ..rules import MINUTES_MOST, MOST_ITEMS, MOST_PAPERS, TEXT_MOST, Act, MeetingState, after
from .common import (
    active_people,
    audited,
    clean,
    managed_meeting,
    next_position,
    numbered,
    touched,
    wrong_state,
)

PURPOSE = "meeting-paper"
ACCEPTED_KINDS = ("pdf", "docx", "xlsx")

register_actions(
    {
        "meetings.agenda": ("修改会议议程", "Agenda changed"),
        "meetings.paper": ("上传会议材料", "Paper handed in"),
    }
)
register_texts(
    {
        "meetings.too_many_items": ("议题不得超过{most}个。", "At most {most} items."),
        "meetings.too_many_papers": (
            "每个议题的材料不得超过{most}份。",
            "At most {most} papers for one item.",
        ),
        "meetings.item_minutes": ("时间应在 1 至 {most} 分钟之间。", "1 to {most} minutes."),
        "meetings.pdf_locked": (
            "“{name}”设有密码或已损坏，无法装订进材料。请去除密码、重新导出后上传。",
            "“{name}” has a password or is damaged and cannot be bound into the papers. "
            "Export it again without password.",
        ),
        "meetings.paper_kept": (
            "会议通知已发，已上传的材料不能删除。",
            "The invitation has gone out; papers handed in stay.",
        ),
    }
)


@dataclass(frozen=True)
class ItemData:
    """What is said of an item besides where it comes from."""

    title: str
    detail: str = ""
    presenter: str = ""
    presenter_id: int | None = None
    minutes: int = 10


@dataclass(frozen=True)
class Taken:
    """A proposed point to be put on the agenda, as it was proposed."""

    kind: str
    key: str
    title_zh: str
    title_en: str
    detail_zh: str = ""
    detail_en: str = ""
    url: str = ""


def take_points(actor: Actor, meeting_id: int, points: Sequence[Taken]) -> list[AgendaItem]:
    """Put proposed points on the agenda; those on it already are passed over."""
    with transaction.atomic():
        meeting = _open(actor, meeting_id)
        standing = set(meeting.items.values_list("kind", "key"))
        wanted = [one for one in points if (one.kind, one.key) not in standing]
        _room_for(meeting, len(wanted))
        made = []
        for one in wanted:
            item = AgendaItem(
                meeting=meeting,
                position=next_position(meeting),
                kind=one.kind,
                key=one.key,
                title_zh=one.title_zh[:255],
                title_en=one.title_en[:255],
                detail_zh=one.detail_zh,
                detail_en=one.detail_en,
                url=one.url[:255],
                added_late=meeting.frozen,
            )
            item.save()
            made.append(item)
        if made:
            _changed(actor, meeting, {"taken": [item.title_zh for item in made]})
    return made


def add_item(actor: Actor, meeting_id: int, wanted: ItemData, files: Sequence[Upload] = ()) -> AgendaItem:
    """Put an own item on the agenda, with its papers or, where one of them is refused, not at all."""
    values = _values(wanted)
    with transaction.atomic():
        meeting = _open(actor, meeting_id)
        _room_for(meeting, 1)
        item = AgendaItem.objects.create(
            meeting=meeting,
            position=next_position(meeting),
            kind="own",
            title_zh=clean(wanted.title, "title", 255),
            detail_zh=clean(wanted.detail, "detail", TEXT_MOST, needed=False),
            added_late=meeting.frozen,
            **values,
        )
        _changed(actor, meeting, {"added": item.title_zh})
        add_papers(actor, item.pk, files)
    return item


def change_item(actor: Actor, item_id: int, wanted: ItemData, files: Sequence[Upload] = ()) -> AgendaItem:
    """Change who presents an item and for how long, and hand in papers, all or nothing; the words only of an own
    one, before the invitation."""
    values = _values(wanted)
    with transaction.atomic():
        meeting, item = _item(actor, item_id)
        if item.kind == "own" and not meeting.frozen:
            values["title_zh"] = clean(wanted.title, "title", 255)
            values["detail_zh"] = clean(wanted.detail, "detail", TEXT_MOST, needed=False)
        for name, value in values.items():
            setattr(item, name, value)
        item.save(update_fields=list(values))
        _changed(actor, meeting, {"item": item.title_zh, "minutes": item.minutes})
        add_papers(actor, item.pk, files)
    return item


def shift_item(actor: Actor, item_id: int, by: int) -> AgendaItem:
    """Move an item up (negative) or down; at the edge it stays. Raises Conflict after the invitation."""
    with transaction.atomic():
        meeting, item = _item(actor, item_id)
        _refuse_frozen(meeting)
        items = list(meeting.items.all())
        at = next(number for number, one in enumerate(items) if one.pk == item.pk)
        to = min(max(at + by, 0), len(items) - 1)
        if to != at:
            items.insert(to, items.pop(at))
            numbered(items)
            _changed(actor, meeting, {"moved": item.title_zh, "to": to + 1})
    item.refresh_from_db()
    return item


def drop_item(actor: Actor, item_id: int) -> Meeting:
    """Take an item off the agenda; only before the invitation, while it is a draft."""
    with transaction.atomic():
        meeting, item = _item(actor, item_id)
        _refuse_frozen(meeting)
        title = item.title_zh
        item.delete()
        numbered(list(meeting.items.all()))
        _changed(actor, meeting, {"dropped": title})
    return meeting


def add_papers(actor: Actor, item_id: int, files: Sequence[Upload]) -> list[Paper]:
    """Hand in papers for an item. A PDF is bound into the pack; others lie beside it.

    Raises InvalidInput for a file that is not welcome, or a PDF that cannot be opened; then none is kept.
    """
    with transaction.atomic():
        meeting, item = _item(actor, item_id)
        if item.papers.count() + len(files) > MOST_PAPERS:
            raise refuse("meetings.too_many_papers", column="papers", most=MOST_PAPERS)
        made = []
        for name, blocks in files:
            stored = receive(
                actor,
                blocks,
                name,
                purpose=PURPOSE,
                accepted=ACCEPTED_KINDS,
                region_id=meeting.region_id,
            )
            pages = 0
            if stored.kind == "pdf":
                from ..binding import page_count

                found = page_count(content_path(stored))
                if found is None:
                    raise refuse("meetings.pdf_locked", column="papers", name=stored.name)
                pages = found
            made.append(Paper.objects.create(item=item, file=stored, pages=pages, added_at=now()))
        if made:
            touched(meeting)
            audited(
                actor,
                "meetings.paper",
                meeting,
                after={"item": item.pk, "files": [p.file.name for p in made]},
            )
    return made


def drop_paper(actor: Actor, paper_id: int) -> AgendaItem:
    """Take a paper away again, before the invitation; its file stays in the store's history."""
    with transaction.atomic():
        paper = Paper.objects.select_related("item", "file").filter(pk=paper_id).first()
        if paper is None:
            raise NotFound(f"#{paper_id}")
        meeting, item = _item(actor, paper.item_id)
        if meeting.frozen:
            raise Conflict(Problem("meetings.paper_kept"))
        name = paper.file.name
        paper.delete()
        _changed(actor, meeting, {"paper_dropped": name})
    return item


def _values(wanted: ItemData) -> dict[str, object]:
    if not 1 <= wanted.minutes <= MINUTES_MOST:
        raise refuse("meetings.item_minutes", column="minutes", most=MINUTES_MOST)
    active_people([wanted.presenter_id], "presenter_person")
    return {
        "presenter": clean(wanted.presenter, "presenter", 64, needed=False),
        "presenter_person_id": wanted.presenter_id,
        "minutes": wanted.minutes,
    }


def _open(actor: Actor, meeting_id: int) -> Meeting:
    """The meeting whose agenda may still get items. Raises Conflict once it was held or cancelled."""
    meeting = managed_meeting(actor, meeting_id, lock=True)
    state = MeetingState(meeting.state)
    if state is not MeetingState.PLANNED and after(state, Act.ADD) is None:
        raise Conflict(wrong_state(meeting))
    return meeting


def _item(actor: Actor, item_id: int) -> tuple[Meeting, AgendaItem]:
    item = AgendaItem.objects.filter(pk=item_id).first()
    if item is None:
        raise NotFound(f"#{item_id}")
    return _open(actor, item.meeting_id), item


def _refuse_frozen(meeting: Meeting) -> None:
    if meeting.frozen:
        raise Conflict(Problem("meetings.agenda_frozen"))


def _room_for(meeting: Meeting, more: int) -> None:
    if meeting.items.count() + more > MOST_ITEMS:
        raise refuse("meetings.too_many_items", most=MOST_ITEMS)


def _changed(actor: Actor, meeting: Meeting, what: dict[str, object]) -> None:
    touched(meeting)
    audited(actor, "meetings.agenda", meeting, after=what)
