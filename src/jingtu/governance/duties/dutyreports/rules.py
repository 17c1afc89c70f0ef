"""How a duty report goes: written by its author, commented on by others, closed by one of them."""

from __future__ import annotations

from enum import StrEnum

from jingtu.engine.problems import register_texts

TEXT_MOST = 12_000


class State(StrEnum):
    """Where a report stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    COMMENTED = "commented"
    CLOSED = "closed"


class Act(StrEnum):
    """What is done with a report."""

    WRITE = "write"
    SUBMIT = "submit"
    COMMENT = "comment"
    CLOSE = "close"


AFTER: dict[tuple[State, Act], State] = {
    (State.DRAFT, Act.WRITE): State.DRAFT,
    (State.DRAFT, Act.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Act.COMMENT): State.COMMENTED,
    (State.COMMENTED, Act.COMMENT): State.COMMENTED,
    (State.COMMENTED, Act.CLOSE): State.CLOSED,
}
AUTHORS = frozenset({Act.WRITE, Act.SUBMIT})
"""What the author does; all else is for others."""

register_texts(
    {
        "dutyreports.text_missing": ("请填写内容。", "Write the text."),
        "dutyreports.text_too_long": (
            "文字过长（最多 {most} 字）。",
            "The text is too long (at most {most}).",
        ),
        "dutyreports.unprintable": (
            "含有不可见的控制字符，请删除后重新填写。",
            "Contains invisible control characters; remove them.",
        ),
        "dutyreports.unit_elsewhere": (
            "只能为本人所在地区、本人任职的单位述职。",
            "One reports for a unit of the own place in which one holds a post.",
        ),
        "dutyreports.post_missing": ("请填写所述职务。", "Say of which post you report."),
        "dutyreports.bad_year": ("请填写今年或以前的年度。", "Give this year or an earlier one."),
        "dutyreports.there_already": (
            "该职务该年度的述职报告已有，请在原稿上修改。",
            "There is a report of this post for this year already; go on with it.",
        ),
        "dutyreports.wrong_state": (
            "述职报告当前的状态不能这样办理。",
            "In its present state this cannot be done with the report.",
        ),
        "dutyreports.own_report": (
            "本人不能讲评、办结自己的述职报告。",
            "Nobody comments on or closes a report of their own.",
        ),
        "dutyreports.authors_only": (
            "只有本人能撰写和提交。",
            "Only the author writes and submits it.",
        ),
    }
)
