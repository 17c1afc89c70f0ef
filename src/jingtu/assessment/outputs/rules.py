"""Where an item of a sheet stands, and what may be done with it. Pure; knows no database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from jingtu.engine.problems import register_texts

from .layout import Row


class Status(StrEnum):
    """How far an item is. The first that fits, from above."""

    NEEDS_EVIDENCE = "needs_evidence"  # the layout asks for a file and there is none
    STALE = "stale"  # confirmed, and the source says something else since
    CONFIRMED = "confirmed"  # a person stands for it
    PUBLISHED = "published"  # filled from a published run, nobody has confirmed it yet
    PROVISIONAL = "provisional"  # filled from figures that are not published
    SUPPRESSED = "suppressed"  # a small count of persons: it goes out nowhere
    MISSING = "missing"  # there is no value, or no text yet


class Origin(StrEnum):
    """What a value rests on."""

    RUN = "run"
    FACTS = "facts"
    TEXT = "text"
    NONE = ""


FACTS_MARK = "facts:"
"""Begins the mark of a value from facts; the batch after which it stood follows."""
LONGEST_TEXT = 2000

register_texts(
    {
        "outputs.no_such_row": ("表中没有“{item}”这一项。", 'The sheet has no item "{item}".'),
        "outputs.nothing_to_confirm": (
            "这一项还没有数值，不能核定；请先补报数据。",
            "The item has no value that could be confirmed; report the figures first.",
        ),
        "outputs.changed_meanwhile": (
            "数值刚刚变为“{now}”，请看过再核定。",
            'The value has just become "{now}"; look at it before confirming.',
        ),
        "outputs.not_a_text": (
            "这一项由系统取数，不能手写；请用备注说明。",
            "The item is filled by the system and cannot be typed; say what is to be said in the remark.",
        ),
        "outputs.text_missing": ("请写明内容。", "Write the answer."),
        "outputs.text_too_long": ("最多{most}个字。", "At most {most} characters."),
        "outputs.control_characters": (
            "含有不可见的控制字符，请删除后重新填写。",
            "Contains invisible control characters; remove them.",
        ),
        "outputs.wrong_level": (
            "该表样由“{level}”级填报。",
            'Sheets of this layout are filled in for regions of the level "{level}".',
        ),
        "outputs.wrong_period": (
            "该表样按{allowed}填报，“{period}”不合。",
            'Sheets of this layout are for {allowed}; "{period}" is not one.',
        ),
        "outputs.running": (
            "{period}尚未结束，结束后再填报。",
            "{period} has not ended yet; make the sheet afterwards.",
        ),
        "outputs.sheet_stands": (
            "该地区该周期的这张表已经有了。",
            "There is such a sheet of this region and period already.",
        ),
        "outputs.closed": (
            "这张表已经报出，不再改动；如需更正，请另建一稿。",
            "The sheet has been sent out and stays as it is; make a further version to correct it.",
        ),
        "outputs.own_hand": (
            "四眼原则：核定或填写过项目的人（没有人核定时，建表的人）不能报出这张表，请由另一人核对后报出。",
            "Four eyes: whoever confirmed or answered an item (where nobody did, whoever made the sheet) does not "
            "send it; have another person look through it and send it.",
        ),
        "outputs.version_stands": (
            "“{code}”刚由另一人存了一版，请看过新版再保存。",
            'Somebody else has just saved a version of "{code}"; look at it and save again.',
        ),
        "outputs.unchanged": ("表样没有变化。", "The layout has not changed."),
    }
)


@dataclass(frozen=True)
class Source:
    """What an item would be filled with now. ``value``: the text as published, None with the reason in ``state``
    (missing, not_applicable, below_minimum, suppressed); ``version``: of the run, ``mark``: what it rests on."""

    value: str | None
    state: str
    origin: Origin
    run_id: int | None = None
    run_version: int | None = None
    mark: str = ""


NOTHING = Source(None, "missing", Origin.NONE)


@dataclass(frozen=True)
class Kept:
    """What a person did with an item: the value they stood for, or the text they wrote."""

    value: str
    text: str
    confirmed: bool
    files: int
    mark: str = ""


def is_own_hand(person: int | None, maker: int | None, confirmers: Collection[int]) -> bool:
    """Whether somebody had a hand in what a sheet says and so is not the one to send it: every value that goes out
    has been looked at by two."""
    return person in confirmers if confirmers else person is not None and person == maker


def status_of(row: Row, source: Source, kept: Kept | None) -> Status:
    """Where an item stands."""
    confirmed = kept is not None and kept.confirmed
    if row.evidence and (kept is None or not kept.files):
        return Status.NEEDS_EVIDENCE
    if row.kind == "text":
        return Status.CONFIRMED if confirmed and kept is not None and kept.text else Status.MISSING
    if confirmed and kept is not None:
        return Status.CONFIRMED if source.value == kept.value else Status.STALE
    if source.value is None:
        return Status.SUPPRESSED if source.state == "suppressed" else Status.MISSING
    return Status.PUBLISHED if source.origin == Origin.RUN else Status.PROVISIONAL
