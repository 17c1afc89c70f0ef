"""How a number is written, and what may become of it. Nothing here knows the database.

The parts of a number – the office's short sign, the year in full within 〔〕, the running number without
leading zeros – are those of 党政机关公文处理工作条例 §9(5) and GB/T 9704-2012 7.2.5.
"""

from __future__ import annotations

import string
from enum import StrEnum

from jingtu.core.kernel.characters import seen
from jingtu.engine.problems import Problem, register_texts

DEFAULT_PATTERN = "{office}〔{year}〕{n}号"
PLACEHOLDERS = frozenset({"office", "year", "n"})
LONGEST = 64
REASON_MIN = 4


class NumberState(StrEnum):
    """What a number is used for."""

    ISSUED = "issued"
    RESERVED = "reserved"
    VOID = "void"


def pattern_problem(pattern: str) -> Problem | None:
    """What is wrong with a pattern: it needs ``{year}`` and ``{n}``, may have ``{office}``, nothing else."""
    try:
        parts = [
            (name, spec, conversion)
            for _, name, spec, conversion in string.Formatter().parse(pattern)
            if name
        ]
        bare = [name for _, name, _, _ in string.Formatter().parse(pattern) if name == ""]
    except ValueError:
        return Problem("numbering.pattern", column="pattern")
    names = {name for name, _, _ in parts}
    unknown = sorted(names - PLACEHOLDERS)
    if unknown:
        return Problem("numbering.unknown_field", {"field": f"{{{unknown[0][:40]}}}"}, column="pattern")
    plain = not bare and all(not spec and not conversion for _, spec, conversion in parts)
    if not plain or not {"year", "n"} <= names:
        return Problem("numbering.pattern", column="pattern")
    return None


def written(pattern: str, office: str, year: int, n: int) -> str:
    """The number as it is printed; the pattern was checked by :func:`pattern_problem`."""
    return pattern.format(office=office, year=year, n=n)


def next_n(last: int | None) -> int:
    """The next number after the last one given out in the year; 1 for a new year."""
    return (last or 0) + 1


def reason_problem(reason: str) -> Problem | None:
    """A gap in a sequence is always explained."""
    return (
        Problem("numbering.reason", {"least": REASON_MIN}, column="reason")
        if len(seen(reason)) < REASON_MIN
        else None
    )


register_texts(
    {
        "numbering.pattern": (
            "编号规则须含 {{year}} 和 {{n}}，可含 {{office}}，不能有其他占位；例如：{{office}}〔{{year}}〕{{n}}号。",
            "The pattern needs {{year}} and {{n}}, may have {{office}}, and nothing else in braces; "
            "for example {{office}}〔{{year}}〕{{n}}号.",
        ),
        "numbering.unknown_field": (
            "编号规则里没有“{field}”这一项，只能用 {{office}}、{{year}} 和 {{n}}。",
            'There is no "{field}" in a pattern; it takes {{office}}, {{year}} and {{n}} only.',
        ),
        "numbering.reason": (
            "请写明理由（至少{least}个字）：文号登记簿上不留没有说明的空号。",
            "Please state the reason (at least {least} characters): the register keeps no unexplained gap.",
        ),
        "numbering.too_long": (
            "按此规则写出的文号超过{most}个字，请缩短发文机关代字或规则。",
            "A number by this pattern has more than {most} characters; shorten the office's sign or the pattern.",
        ),
        "numbering.series_taken": (
            "该机关已有同名或同样写法的文号系列。",
            "The office has a series of that name or of that form already.",
        ),
        "numbering.missing": ("请填写{what}。", "Please fill in: {what}."),
        "numbering.not_reserved": (
            "只有预留的文号可以作废；已用于文件的文号随文件撤回而作废。",
            "Only a reserved number is voided by hand; one in use is voided when its document is withdrawn.",
        ),
    }
)
