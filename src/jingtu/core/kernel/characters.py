"""Characters that no record takes."""

from __future__ import annotations

import re
import unicodedata

from .errors import InvalidInput, Problem, register_texts

register_texts(
    {
        "kernel.unseen": (
            "“{text}”中有看不见的字符（零宽字符、换行、改变书写方向的字符等），容易与别的名称混淆；请删去原文，用键盘重新输入",
            "“{text}” holds characters nobody sees (of no width, ends of lines, changes of direction) and could pass "
            "for another name; clear the field and type it anew",
        ),
    }
)

# Null is kept by no database, the others by no printed document; half of a pair is no character at all.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def unprintable(text: str, *, kept: str | None = None) -> bool:
    """Whether the text holds a control character other than tab and the ends of lines, or half of a pair.

    ``kept``: for text that is printed as it stands, the only control characters it may hold.
    """
    if _UNPRINTABLE.search(text) is not None:
        return True
    return kept is not None and any(
        unicodedata.category(character) == "Cc" and character not in kept for character in text
    )


# Unicode 16.0, DerivedCoreProperties.txt, Default_Ignorable_Code_Point: drawn as nothing, of whatever category.
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# No property says it, but their pictures are empty: BRAILLE PATTERN BLANK, MUSICAL SYMBOL NULL NOTEHEAD.
_BLANK = "\u2800\U0001d159"
_UNSEEN = re.compile(f"[{_IGNORABLE}{_BLANK}]")
# What registered names of persons are written with: which form of a Han character, or of a Mongolian letter.
_CHOSEN_FORM = re.compile(
    "(?<=[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\ufe00-\ufe02\U000e0100-\U000e01ef]"
    "|(?<=[\u1820-\u18aa])[\u180b-\u180d\u180f]"
)


def unseen(text: str) -> bool:
    """Whether a name holds characters nobody sees, or that turn what stands beside them: it could pass for another."""
    return _UNSEEN.search(text) is not None or any(_is_control(character) for character in text)


def unseen_in_person(name: str) -> bool:
    """The same for the name of a person, which may say which form of a rare character it is written with."""
    return unseen(_CHOSEN_FORM.sub("", name))


def seen(text: str) -> str:
    """What there is to read of a text: a reason or an answer of characters nobody sees says nothing."""
    return "".join(one for one in text if one.isspace() or not unseen(one)).strip()


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp")


def unseen_problem(column: str, *texts: str) -> Problem | None:
    """What is wrong with names people give: what :func:`unseen` or :func:`unprintable` finds in one of them."""
    wrong = next((text for text in texts if unseen(text) or unprintable(text)), None)
    if wrong is None:
        return None
    shown = "".join("□" if unseen(one) or unprintable(one) else one for one in wrong)
    return Problem("kernel.unseen", {"text": shown[:80]}, column=column)


def refuse_unseen(**names: str) -> None:
    """Raises InvalidInput naming each field whose name or title holds such characters."""
    found = (unseen_problem(column, text) for column, text in names.items())
    problems = [problem for problem in found if problem is not None]
    if problems:
        raise InvalidInput(problems)
