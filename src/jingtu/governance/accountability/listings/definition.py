"""What a rule set says, read from and written to plain data; what is wrong with it. Nothing here knows the database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from jingtu.core.kernel.characters import unprintable
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.notation import plain_number
from jingtu.engine.problems import InvalidInput, Language, Problem, register_texts

PROBLEMS = ("outflow", "transit", "production", "use", "other")
LEVELS = ("county", "city", "province", "nation")
MEASURES = ("indicator", "element", "bottom", "entered")
"""Where a criterion's value comes from: a published indicator, a data element frozen in a publication, the place
from the bottom of a published ranking, or entered with its source."""
STATUSES = ("V", "S", "G")
MOST_MONTHS = 120
_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True)
class ListingClass:
    """A class of listing, ``rank`` 1 the mildest. Months: of the term, of each extension, of both together, of
    the watch after delisting. ``formal``: a listing in the narrow sense, announced with a notice."""

    code: str
    zh: str
    en: str
    rank: int
    term: int
    extension: int
    cap: int
    watch: int
    formal: bool = False
    source: str = ""
    status: str = "G"

    def name(self, language: Language) -> str:
        return self.en if language == "en" and self.en else self.zh


@dataclass(frozen=True)
class Criterion:
    """When a place comes into question (``entry``), and what it has to reach (``exit``), for one problem and one
    listing level or for all. ``subject``: the indicator, element or scorecard that is looked at; ``place``: the level
    of the places it is asked about (``township``), empty for every level."""

    code: str
    zh: str
    en: str
    measure: str = "entered"
    subject: str = ""
    entry: str = ""
    exit: str = ""
    unit_zh: str = ""
    unit_en: str = ""
    problem: str = ""
    level: str = ""
    source: str = ""
    status: str = "G"
    place: str = ""

    def name(self, language: Language) -> str:
        return self.en if language == "en" and self.en else self.zh

    def suits(self, place: str) -> bool:
        """Whether it is asked about places of this level of the tree."""
        return self.place in ("", place)

    def applies(self, problem: str, level: str, place: str) -> bool:
        """Whether it is asked about a listing of such a place for this problem by this level."""
        return self.problem in ("", problem) and self.level in ("", level) and self.suits(place)


@dataclass(frozen=True)
class CheckItem:
    """A line of the acceptance checklist."""

    code: str
    zh: str
    en: str
    points: Decimal

    def name(self, language: Language) -> str:
        return self.en if language == "en" and self.en else self.zh


@dataclass(frozen=True)
class RuleSetContent:
    """Everything a version of a rule set says."""

    classes: tuple[ListingClass, ...]
    criteria: tuple[Criterion, ...] = ()
    checklist: tuple[CheckItem, ...] = ()
    pass_mark: Decimal = Decimal(90)
    hearing_days: int = 5
    objection_days: int = 15
    opinion_days: int = 10
    progress_day: int = 10
    key_areas: int = 2
    warned_areas: int = 2
    document: str = ""

    def the_class(self, code: str) -> ListingClass:
        """The class of that code. Raises KeyError."""
        return {one.code: one for one in self.classes}[code]

    def has_class(self, code: str) -> bool:
        """Whether there is such a class."""
        return any(one.code == code for one in self.classes)

    def asked(self, problem: str, level: str, place: str) -> list[Criterion]:
        """The criteria that apply, in their order."""
        return [one for one in self.criteria if one.applies(problem, level, place)]

    @property
    def full_marks(self) -> Decimal:
        return sum((item.points for item in self.checklist), Decimal(0))

    def plain(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "classes": [asdict(one) for one in self.classes],
            "criteria": [asdict(one) for one in self.criteria],
            "checklist": [{**asdict(one), "points": str(one.points)} for one in self.checklist],
            "pass_mark": str(self.pass_mark),
            "hearing_days": self.hearing_days,
            "objection_days": self.objection_days,
            "opinion_days": self.opinion_days,
            "progress_day": self.progress_day,
            "key_areas": self.key_areas,
            "warned_areas": self.warned_areas,
            "document": self.document,
        }


def read(stored: Mapping[str, Any]) -> RuleSetContent:
    """The rule set that :meth:`RuleSetContent.plain` wrote. Raises InvalidInput for one that does not hold."""
    try:
        made = RuleSetContent(
            classes=tuple(ListingClass(**one) for one in stored["classes"]),
            criteria=tuple(Criterion(**one) for one in stored.get("criteria", ())),
            checklist=tuple(
                CheckItem(one["code"], one["zh"], one["en"], Decimal(str(one["points"])))
                for one in stored.get("checklist", ())
            ),
            pass_mark=Decimal(str(stored.get("pass_mark", 90))),
            **{
                name: stored[name]
                for name in (
                    "hearing_days",
                    "objection_days",
                    "opinion_days",
                    "progress_day",
                    "key_areas",
                    "warned_areas",
                    "document",
                )
                if name in stored
            },
        )
    except (KeyError, TypeError, InvalidOperation) as error:
        raise InvalidInput([Problem("listings.rules_unreadable", {"what": str(error)[:80]})]) from error
    problems = faults(made)
    if problems:
        raise InvalidInput(problems)
    return made


def faults(content: RuleSetContent) -> list[Problem]:
    """What is wrong with a rule set, each with the field it is about."""
    found: list[Problem] = []
    if not content.classes:
        found.append(Problem("listings.rules_no_class"))
    for kind, rows in (
        ("classes", content.classes),
        ("criteria", content.criteria),
        ("checklist", content.checklist),
    ):
        found += _names(kind, rows)
    for number, one in enumerate(content.classes):
        months = (one.term, one.extension, one.cap, one.watch)
        in_order = 1 <= one.term <= one.cap <= MOST_MONTHS and one.extension >= 0 and one.watch >= 0
        if not in_order or max(months) > MOST_MONTHS:
            found.append(Problem("listings.rules_months", {"name": one.zh}, column=f"classes-{number}-term"))
    if len({one.rank for one in content.classes}) != len(content.classes):
        found.append(Problem("listings.rules_ranks"))
    for number, criterion in enumerate(content.criteria):
        found += _criterion_faults(number, criterion)
    if any(item.points <= 0 for item in content.checklist):
        found.append(Problem("listings.rules_points"))
    if content.checklist and not 0 < content.pass_mark <= content.full_marks:
        most = plain_number(content.full_marks)
        found.append(Problem("listings.rules_pass_mark", {"most": most}, column="pass_mark"))
    ranges = {
        "hearing_days": 60,
        "objection_days": 60,
        "opinion_days": 60,
        "progress_day": 28,
        "key_areas": 99,
        "warned_areas": 99,
    }
    for field, highest in ranges.items():
        value, least = getattr(content, field), 0 if field.endswith("areas") else 1
        if not isinstance(value, int) or not least <= value <= highest:
            found.append(Problem("listings.rules_range", {"least": least, "most": highest}, column=field))
    if unprintable(content.document):
        found.append(Problem("listings.unprintable", column="document"))
    return found


def _names(kind: str, rows: Sequence[ListingClass | Criterion | CheckItem]) -> list[Problem]:
    found, seen = [], set()
    for number, one in enumerate(rows):
        texts = [text for text in asdict(one).values() if isinstance(text, str)]
        if any(unprintable(text) for text in texts):
            found.append(Problem("listings.unprintable", column=f"{kind}-{number}-zh"))
        if not _CODE.fullmatch(one.code):
            found.append(
                Problem("listings.rules_code", {"code": one.code[:40]}, column=f"{kind}-{number}-code")
            )
        elif one.code in seen:
            found.append(Problem("listings.rules_twice", {"code": one.code}, column=f"{kind}-{number}-code"))
        if not one.zh.strip():
            found.append(
                Problem("listings.rules_name", {"code": one.code[:40]}, column=f"{kind}-{number}-zh")
            )
        seen.add(one.code)
    return found


def _criterion_faults(number: int, one: Criterion) -> list[Problem]:
    found = []
    known = one.measure in MEASURES and one.problem in ("", *PROBLEMS) and one.level in ("", *LEVELS)
    if not known:
        found.append(Problem("listings.rules_choice", {"name": one.zh}, column=f"criteria-{number}-measure"))
    if one.measure != "entered" and not one.subject:
        found.append(Problem("listings.rules_subject", {"name": one.zh}, column=f"criteria-{number}-subject"))
    for name in ("entry", "exit"):
        text = getattr(one, name)
        if not text:
            continue
        try:
            Threshold.parse(text)
        except InvalidInput as error:
            found += [
                Problem(each.code, each.params, column=f"criteria-{number}-{name}") for each in error.problems
            ]
    return found


register_texts(
    {
        "listings.rules_unreadable": ("规则内容无法读取：{what}", "The rules cannot be read: {what}"),
        "listings.rules_no_class": ("至少要有一个类别。", "There must be at least one class."),
        "listings.rules_months": (
            "“{name}”的期限不成立：期限至少1个月，上限不短于期限，均不超过120个月。",
            "The months of “{name}” do not hold: a term of at least 1, a cap no shorter than the term, none above 120.",
        ),
        "listings.rules_ranks": ("各类别的轻重次序不能相同。", "Two classes have the same weight."),
        "listings.rules_points": (
            "验收各项的分值必须大于0。",
            "The points of every line of the checklist must be above 0.",
        ),
        "listings.rules_pass_mark": (
            "合格分应大于0，不超过总分{most}。",
            "The pass mark lies above 0 and not above the full marks of {most}.",
        ),
        "listings.rules_range": ("应在{least}到{most}之间。", "Between {least} and {most}."),
        "listings.rules_code": (
            "代码“{code}”须以小写字母开头，只含小写字母、数字和下划线。",
            "The code “{code}” must begin with a small letter and hold small letters, digits and underscores only.",
        ),
        "listings.rules_twice": ("代码“{code}”重复。", "The code “{code}” occurs twice."),
        "listings.rules_name": ("代码“{code}”没有名称。", "The code “{code}” has no name."),
        "listings.rules_choice": (
            "“{name}”的取值方式、问题类型或层级不在可选范围。",
            "“{name}”: unknown measure, problem or level.",
        ),
        "listings.rules_subject": (
            "“{name}”须写明指标、数据元素或评分表代码。",
            "“{name}” must name its indicator, element or scorecard.",
        ),
    }
)
