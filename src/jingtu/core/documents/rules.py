"""What articles are, how a citation names one, and where a document stands on a day."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum

from jingtu.engine.problems import register_texts

_ARTICLE = re.compile(
    r"^[ \t\u3000]*(第[零〇一二三四五六七八九十百千两\d]{1,12}条(?:之[一二三四五六七八九十]{1,3})?)[ \t\u3000]*",
    re.MULTILINE,
)
CODE = re.compile(r"[a-z0-9][a-z0-9._-]{1,94}")
NO_CODES = frozenset({"new"})
NUMBER_LENGTH = 32
SOON = dt.timedelta(days=60)

register_texts(
    {
        "documents.title_missing": ("请填写文件标题。", "Write the title of the document."),
        "documents.code_taken": ("代码“{code}”已被使用。", 'The code "{code}" is taken.'),
        "documents.bad_code": (
            "代码由小写字母、数字、点、横线组成，例如 city-rules-2026。",
            "A code is made of small letters, digits, dots and dashes, such as city-rules-2026.",
        ),
        "documents.bad_date": (
            "日期写作 2026、2026-03 或 2026-03-01。",
            "Write the date as 2026, 2026-03 or 2026-03-01.",
        ),
        "documents.force_reversed": (
            "失效日期不得早于施行日期。",
            "A document cannot cease before it takes effect.",
        ),
        "documents.reason_missing": ("请说明修改的理由。", "Say why it is changed."),
        "documents.superseded": (
            "这份文件已有新版本，请在新版本上继续。",
            "This document has a newer version; go on from there.",
        ),
        "documents.article_number_missing": (
            "请填写条号，例如“第三条”，不超过 {most} 个字。",
            "Write the number of the article, at most {most} characters.",
        ),
        "documents.article_text_missing": ("请填写条文。", "Write the text of the article."),
        "documents.article_taken": ("已有{number}。", "There is an article {number} already."),
        "documents.articles_exist": (
            "这份文件已有条文，请逐条修改。",
            "This document has articles already; change them one by one.",
        ),
        "documents.no_articles_found": (
            "正文中没有以“第…条”开头的行，请逐条填写。",
            "No line of the text begins with an article number; write the articles one by one.",
        ),
    }
)


class Force(StrEnum):
    """Where a document stands on a day."""

    IN_FORCE = "in_force"
    SOON_ENDING = "soon_ending"
    NOT_YET = "not_yet"
    ENDED = "ended"


def force_on(begins: dt.date | None, ends: dt.date | None, day: dt.date) -> Force:
    """Both dates belong to the time in force; a missing one is open."""
    if begins is not None and day < begins:
        return Force.NOT_YET
    if ends is not None and ends < day:
        return Force.ENDED
    if ends is not None and ends - day <= SOON:
        return Force.SOON_ENDING
    return Force.IN_FORCE


def split_articles(text: str) -> list[tuple[str, str]]:
    """Number and text of every article whose number begins a line; what stands before the first is left out.

    A number that comes twice (a text that quotes another rule at the beginning of a line) belongs to the
    article before it.
    """
    found: list[tuple[str, str]] = []
    first: dict[str, re.Match[str]] = {}
    for mark in _ARTICLE.finditer(text):
        first.setdefault(mark[1], mark)
    marks = list(first.values())
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        body = text[mark.end() : following.start() if following else len(text)].strip()
        if body:
            found.append((mark[1], body))
    return found


def reference(code: str, article: str = "") -> str:
    """How a citation is written down: the document's code, and the article where one is meant."""
    return f"{code}#{article}" if article else code


def parse_reference(text: str) -> tuple[str, str]:
    """Code and article of a citation; no article when none is named."""
    code, _, article = text.strip().partition("#")
    return code, article


def date_is_well_written(text: str) -> bool:
    """Whether a date of issue is a year, a month or a day of the calendar; none at all is fine."""
    if not text:
        return True
    parts = text.split("-")
    if [len(part) for part in parts] not in ([4], [4, 2], [4, 2, 2]) or not text.replace("-", "").isdecimal():
        return False
    try:
        dt.date(*(int(part) for part in (*parts, "1", "1")[:3]))
    except ValueError:
        return False
    return True
