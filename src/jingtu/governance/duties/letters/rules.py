"""Letters of responsibility (责任书): who binds whom, their life as a table, the fields of their templates, clocks.

A county signs one every year with its towns, its member units and partner organisations, a unit with its staff; in
four layers: the head is in charge, deputies lead, staff act, discipline inspection prompts (row R4, the practice of
Linshui 2022). Nothing here knows the database.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jingtu.core.kernel.characters import seen, unprintable
from jingtu.engine.problems import Problem, register_texts
from jingtu.engine.workdays import Term, add_working_days, working_days_between


class Layer(StrEnum):
    """Whose responsibility a letter states."""

    HEAD = "head"
    DEPUTY = "deputy"
    STAFF = "staff"
    DISCIPLINE = "discipline"


class Kind(StrEnum):
    """What kind of recipient a letter binds; ``MEMBER``: a person inside a unit."""

    PLACE = "place"
    UNIT = "unit"
    PARTNER = "partner"
    MEMBER = "member"


class LetterState(StrEnum):
    """Where a letter stands."""

    DRAFTED = "drafted"
    ISSUED = "issued"
    SIGNED = "signed"
    REFUSED = "refused"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class LetterAction(StrEnum):
    """What may happen to a letter."""

    DRAFT = "draft"
    ISSUE = "issue"
    SIGN = "sign"
    SCAN = "scan"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REPLACE = "replace"
    EXPIRE = "expire"


class Hand(StrEnum):
    """Whose hand an act needs: the office that issues, the named signer, or the calendar."""

    OFFICE = "office"
    SIGNER = "signer"
    CALENDAR = "calendar"


@dataclass(frozen=True)
class Transition:
    """One row of the table: from which states to which, by whom."""

    sources: frozenset[LetterState]
    target: LetterState
    hand: Hand
    needs_reason: bool = False


S = LetterState
TABLE: dict[LetterAction, Transition] = {
    LetterAction.ISSUE: Transition(frozenset({S.DRAFTED}), S.ISSUED, Hand.OFFICE),
    LetterAction.SIGN: Transition(frozenset({S.ISSUED}), S.SIGNED, Hand.SIGNER),
    LetterAction.SCAN: Transition(frozenset({S.ISSUED}), S.SIGNED, Hand.OFFICE),
    LetterAction.REFUSE: Transition(frozenset({S.ISSUED}), S.REFUSED, Hand.SIGNER, needs_reason=True),
    # What somebody has signed is not taken back: it is replaced by a letter signed anew.
    LetterAction.WITHDRAW: Transition(
        frozenset({S.DRAFTED, S.ISSUED, S.REFUSED}), S.WITHDRAWN, Hand.OFFICE, needs_reason=True
    ),
    LetterAction.REPLACE: Transition(
        frozenset({S.ISSUED, S.SIGNED, S.REFUSED}), S.REPLACED, Hand.OFFICE, needs_reason=True
    ),
    LetterAction.EXPIRE: Transition(frozenset({S.ISSUED, S.SIGNED, S.REFUSED}), S.EXPIRED, Hand.CALENDAR),
}
LIVE = frozenset({S.DRAFTED, S.ISSUED, S.SIGNED, S.REFUSED})
"""States in which a letter counts for its recipient."""
OUT = LIVE - {S.DRAFTED}
"""States in which a letter has gone out and holds."""
UNSIGNED = LIVE - {S.SIGNED}
"""States in which a letter still wants a signature."""

SIGN_DAYS = 10
REMIND_EVERY = 5
"""Working days that a new template proposes: within which a letter is to be signed after it was issued, and between
reminders afterwards. Office practice, not law; each template sets its own."""
MOST_SIGN_DAYS = 60
MOST_REMIND_EVERY = 30
REASON_MIN = 4
LONGEST = 20_000


@dataclass(frozen=True)
class LetterFacts:
    """What the rules need to know of a letter and of the person before it."""

    state: LetterState
    year: int
    manages: bool
    is_signer: bool
    may_sign: bool


def refusal(action: LetterAction, letter: LetterFacts, today: dt.date) -> Problem | None:
    """Why the act is refused now, or None when it is allowed. Whose hand it needs is asked first."""
    row = TABLE[action]
    if row.hand is Hand.OFFICE and not letter.manages:
        return Problem("letters.not_permitted")
    if row.hand is Hand.SIGNER and not (letter.is_signer and letter.may_sign):
        return Problem("letters.not_the_signer")
    if letter.state not in row.sources:
        return Problem("letters.wrong_state")
    over = today.year > letter.year
    if action is LetterAction.EXPIRE:
        return None if over else Problem("letters.year_not_over", {"year": letter.year})
    if over and action is not LetterAction.WITHDRAW:
        return Problem("letters.year_over", {"year": letter.year})
    return None


def allowed_actions(letter: LetterFacts, today: dt.date) -> tuple[LetterAction, ...]:
    """The acts open to this person now."""
    return tuple(action for action in TABLE if refusal(action, letter, today) is None)


def reason_problem(action: LetterAction, reason: str) -> Problem | None:
    """What is wrong with the reason given for an act that must be explained."""
    if TABLE[action].needs_reason and len(seen(reason)) < REASON_MIN:
        return Problem("letters.reason_missing", {"least": REASON_MIN}, column="reason")
    return text_problem(reason, "reason")


def text_problem(text: str, column: str) -> Problem | None:
    """What no record takes."""
    if unprintable(text):
        return Problem("letters.unprintable", column=column)
    return Problem("letters.too_long", {"most": LONGEST}, column=column) if len(text) > LONGEST else None


def sign_by(issued: dt.date, days: int = SIGN_DAYS) -> Term:
    """Until when a letter is to be signed."""
    return add_working_days(issued, days)


def reminder_due(due: dt.date, last: dt.date | None, today: dt.date, every: int = REMIND_EVERY) -> bool:
    """Whether the signer is to be reminded: on the last day, and every few working days after."""
    if today < due:
        return False
    return last is None or last < due or working_days_between(last, today) >= every


def days_problems(sign_days: int, remind_every: int) -> list[Problem]:
    """What is wrong with the working days of a template."""
    found = []
    for column, days, most in (
        ("sign_days", sign_days, MOST_SIGN_DAYS),
        ("remind_every", remind_every, MOST_REMIND_EVERY),
    ):
        if not 1 <= days <= most:
            found.append(Problem("letters.days_wrong", {"most": most}, column=column))
    return found


def scan_problem(issued: dt.date, signed: dt.date, today: dt.date) -> Problem | None:
    """A paper is signed between the day it went out and the day it is entered."""
    if issued <= signed <= today:
        return None
    return Problem("letters.scan_day", {"first": issued.isoformat(), "last": today.isoformat()}, column="day")


def year_problem(year: int, today: dt.date) -> Problem | None:
    """Letters are made for the running year or the next."""
    if today.year <= year <= today.year + 1:
        return None
    return Problem("letters.year_wrong", {"first": today.year, "last": today.year + 1}, column="year")


# --- templates

FIELDS: dict[str, tuple[str, str]] = {
    "year": ("年度", "the year"),
    "issuer": ("责任书的下达机关", "the office that issues the letter"),
    "recipient": ("签订的地区、单位或组织", "the place, unit or organisation that is bound"),
    "signer": ("签字人姓名", "the signer's name"),
    "targets": (
        "目标表：该地区当年有效的目标，自成一段",
        "table of the place's targets of the year, a paragraph of its own",
    ),
    "duties": ("职责清单：模板中逐条列出的职责，自成一段", "the template's duties, a paragraph of their own"),
}
"""What may stand in braces in a template, and nothing else."""
_FIELD = re.compile(r"\{([^{}]*)\}")


def template_problems(text: str, column: str) -> list[Problem]:
    """What is wrong with the text of a template: each unknown field by its name, and braces that do not close."""
    problems = [
        Problem("letters.unknown_field", {"field": name, "known": "、".join(FIELDS)}, column=column)
        for name in dict.fromkeys(_FIELD.findall(text))
        if name not in FIELDS
    ]
    if not problems and re.search(r"[{}]", _FIELD.sub("", text)):
        problems.append(Problem("letters.stray_brace", column=column))
    return problems


def merged(text: str, values: Mapping[str, str]) -> str:
    """The text with its fields filled in; checked before by :func:`template_problems`."""
    return _FIELD.sub(lambda match: values[match[1]], text)


def letter_text(title: str, body: str, values: Mapping[str, str]) -> str:
    """The exact text of a letter: its first line is the title."""
    lines = [
        merged(title, values).strip(),
        "",
        *merged(body, values).replace("\r\n", "\n").strip().split("\n"),
    ]
    return "\n".join(line.rstrip() for line in lines)


def digest_of(text: str) -> str:
    """The hash (SHA-256) that is signed."""
    return hashlib.sha256(text.encode()).hexdigest()


register_texts(
    {
        "letters.not_permitted": (
            "只有下达机关管理责任书的人可以这样办理。",
            "Only those who manage letters for the issuing office may do this.",
        ),
        "letters.not_the_signer": (
            "只有责任书上写明的签字人本人可以签字或拒签。",
            "Only the signer named on the letter may sign or refuse it.",
        ),
        "letters.wrong_state": (
            "责任书的当前状态不允许此操作，请刷新页面查看最新状态。",
            "The letter's present state does not allow this. Reload to see where it stands.",
        ),
        "letters.year_over": (
            "{year}年已经结束，该年度的责任书不再办理。",
            "{year} is over; letters of that year are closed.",
        ),
        "letters.year_not_over": ("{year}年尚未结束。", "{year} is not over yet."),
        "letters.year_wrong": (
            "责任书按年度签订，请填写{first}或{last}年。",
            "Letters are made for {first} or {last}.",
        ),
        "letters.reason_missing": (
            "请写明理由（至少{least}个字）。",
            "Please state the reason (at least {least} characters).",
        ),
        "letters.unprintable": (
            "含有不可见的控制字符，请删除后重新填写。",
            "Contains invisible control characters; remove them.",
        ),
        "letters.too_long": ("文字超过{most}个字。", "The text has more than {most} characters."),
        "letters.missing": ("请填写此项。", "Please fill this in."),
        "letters.half_english": (
            "英文阅读本的标题和正文要么都写，要么都不写。",
            "Write both title and text of the English copy, or neither.",
        ),
        "letters.days_wrong": ("请填写1至{most}个工作日。", "Give 1 to {most} working days."),
        "letters.scan_day": (
            "签字日期应在下达之日（{first}）至今日（{last}）之间。",
            "The day of signature lies between the day of issue ({first}) and today ({last}).",
        ),
        "letters.unknown_field": (
            "模板中没有“{field}”这个合并字段；可用：{known}。",
            'There is no merge field "{field}"; known are: {known}.',
        ),
        "letters.stray_brace": (
            "大括号没有成对；合并字段写作 {{year}}。",
            "Braces do not pair; a merge field is written {{year}}.",
        ),
        "letters.no_recipient": ("请至少选择一个签订对象。", "Choose at least one recipient."),
        "letters.unknown_recipient": (
            "所选对象不在该模板的签订范围内，请刷新页面重新选择。",
            "A chosen recipient is not among those of the template. Reload and choose again.",
        ),
        "letters.unknown_signer": (
            "“{recipient}”的签字人不在可选人员之内，请重新选择。",
            "The signer chosen for {recipient} is not among those who may sign for it.",
        ),
        "letters.signer_missing": (
            "请为“{recipient}”选择签字人，或填写纸质签字人的姓名。",
            "Choose a signer for {recipient}, or write the name of who signs on paper.",
        ),
        "letters.standing_already": (
            "“{recipient}”本年度这一层级已有责任书；需要变更的，请在原责任书上办理换签。",
            "{recipient} has a letter of this layer for the year already; to change it, replace that letter.",
        ),
        "letters.text_changed": (
            "所签内容与责任书正文不一致，请刷新页面、重新阅读后再签。",
            "What you are signing is not the text of the letter. Reload, read it again and sign.",
        ),
        "letters.replacement_waits": (
            "该责任书已有一份待下达的换签稿，请先下达或撤回该稿。",
            "A replacement of this letter has been drafted; issue or withdraw that first.",
        ),
        "letters.partner_known": ("该组织已在名单中。", "The organisation is on the list already."),
        "letters.no_kind": ("请选择模板适用的签订对象。", "Choose for whom the template is."),
    }
)
