"""What a ladder of measures consists of, and the two that come with the system. Pure.

The order and names of the two are those of published reports; days, terms and effects are general practice that
no report states: an office sets its own before it decides anything by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from jingtu.engine.problems import Language, Problem, register_texts

EFFECTS = ("no_award", "no_promotion", "no_transfer", "removal", "adjustment", "discipline")
"""What may be recorded of a measure, one by one: no award; no promotion; no transfer or further use; removal from
post; personnel adjustment; discipline by the body competent for it."""
FORMS = ("written", "talk", "published")
ADDRESSEES = ("organisation", "person", "either")
TEMPLATES = (
    "criticism", "talk", "listing", "adjustment", "discipline", "warning", "yellow_card", "admonishing", "general",
)  # fmt: skip
LEAST_REPLY, MOST_DAYS, MOST_MONTHS, MOST_RUNGS = 3, 60, 60, 12


@dataclass(frozen=True)
class Rung:
    """One kind of measure. ``level``: the lowest level whose post may decide it, empty for any above the place;
    ``term``: months it lasts, 0 for one without a term; ``tag``: S seen in a report, G unverified practice."""

    code: str
    name_zh: str
    name_en: str
    basis: str = ""
    level: str = ""
    form: str = "written"
    reply_days: int = 5
    objection_days: int = 15
    review_days: int = 30
    term: int = 0
    effects: tuple[str, ...] = ()
    addressee: str = "organisation"
    template: str = "general"
    tag: str = "G"

    def name(self, language: Language) -> str:
        """Its name in a language."""
        return self.name_zh if language == "zh" else self.name_en

    def stored(self) -> dict[str, Any]:
        """As it is kept in a version of a ladder."""
        return {**asdict(self), "effects": list(self.effects)}


def rung_of(kept: Mapping[str, Any]) -> Rung:
    """A rung as it was kept."""
    return Rung(**{**kept, "effects": tuple(kept["effects"])})


@dataclass(frozen=True)
class Preset:
    """A ladder that comes with the system: where its order was read, and the rungs."""

    key: str
    name_zh: str
    name_en: str
    source: str
    rungs: tuple[Rung, ...]


_HUBEI, _LINSHUI = "report_hubei_2024", "report_linshui_2022"
PRESETS: dict[str, Preset] = {
    "hubei": Preset(
        "hubei",
        "五维追责（湖北报告）",
        "Five measures (Hubei report)",
        _HUBEI,
        (
            Rung("criticism", "通报批评", "Notice of criticism", _HUBEI, form="published", term=6,
                 effects=("no_award",), template="criticism", tag="S"),
            Rung("talk", "约谈警示", "Warning talk", _HUBEI, form="talk", term=6, effects=("no_award",),
                 addressee="either", template="talk", tag="S"),
            Rung("listing", "挂牌整治", "Listing for rectification", _HUBEI, form="published", reply_days=10,
                 term=12, effects=("no_award", "no_promotion", "no_transfer"), template="listing", tag="S"),
            Rung("adjustment", "组织调整", "Personnel adjustment", _HUBEI, reply_days=10, objection_days=30,
                 term=12, effects=("no_promotion", "no_transfer", "removal", "adjustment"), addressee="person",
                 template="adjustment", tag="S"),
            Rung("discipline", "纪律问责", "Disciplinary accountability", _HUBEI, reply_days=10,
                 objection_days=30, term=12, effects=("no_promotion", "removal", "discipline"),
                 addressee="person", template="discipline", tag="S"),
        ),
    ),
    "linshui": Preset(
        "linshui",
        "四级惩戒（邻水报告）",
        "Four steps (Linshui report)",
        _LINSHUI,
        (
            Rung("listing", "挂牌整治", "Listing for rectification", _LINSHUI, form="published", reply_days=10,
                 term=12, effects=("no_award", "no_promotion", "no_transfer"), template="listing", tag="S"),
            Rung("warning", "通报警示", "Warning notice", _LINSHUI, form="published", term=6,
                 effects=("no_award",), template="warning", tag="S"),
            Rung("yellow_card", "黄牌警告", "Yellow card", _LINSHUI, term=6, effects=("no_award",),
                 template="yellow_card", tag="S"),
            Rung("admonishing", "诫勉谈话", "Admonishing talk", _LINSHUI, form="talk", reply_days=10,
                 objection_days=30, term=6, effects=("no_promotion", "no_transfer"), addressee="person",
                 template="admonishing", tag="S"),
        ),
    ),
}  # fmt: skip


def find(rungs: Iterable[Rung], code: str) -> Rung | None:
    """The rung of a code."""
    return next((rung for rung in rungs if rung.code == code), None)


def faults(rungs: Sequence[Rung], levels: Sequence[str], documents: Iterable[str]) -> list[Problem]:
    """What is wrong with a ladder of an office; ``levels``: those of its tree, ``documents``: known codes."""
    known, found = set(documents), []
    if not 1 <= len(rungs) <= MOST_RUNGS:
        found.append(Problem("measures.rungs_many", {"most": MOST_RUNGS}))
    if len({rung.code for rung in rungs}) != len(rungs):
        found.append(Problem("measures.rung_twice"))
    for number, rung in enumerate(rungs, 1):
        if not rung.code or not rung.name_zh.strip() or not rung.name_en.strip():
            found.append(Problem("measures.rung_unnamed", {"number": number}))
        if not LEAST_REPLY <= rung.reply_days <= MOST_DAYS:
            found.append(
                Problem("measures.reply_days", {"number": number, "least": LEAST_REPLY, "most": MOST_DAYS})
            )
        if not 1 <= rung.objection_days <= MOST_DAYS or not 1 <= rung.review_days <= MOST_DAYS:
            found.append(Problem("measures.other_days", {"number": number, "most": MOST_DAYS}))
        if not 0 <= rung.term <= MOST_MONTHS:
            found.append(Problem("measures.rung_term", {"number": number, "most": MOST_MONTHS}))
        chosen = (rung.form in FORMS, rung.addressee in ADDRESSEES, rung.template in TEMPLATES)
        if not all(chosen) or not set(rung.effects) <= set(EFFECTS) or rung.level not in {"", *levels}:
            found.append(Problem("measures.rung_choice", {"number": number}))
        if rung.basis and rung.basis not in known:
            found.append(Problem("measures.basis_unknown", {"number": number, "code": rung.basis}))
    return found


def changed(before: Sequence[Rung], after: Sequence[Rung]) -> list[Rung]:
    """The rungs an office set itself: what no longer says what the report says loses its tag."""
    known = {rung.code: rung for rung in before}
    kept = []
    for rung in after:
        earlier = known.get(rung.code)
        same = earlier is not None and (earlier.name_zh, earlier.basis) == (rung.name_zh, rung.basis)
        kept.append(replace(rung, tag=earlier.tag if earlier is not None and same else ""))
    return kept


register_texts(
    {
        "measures.rungs_many": (
            "措施清单应有一至{most}种措施。",
            "A ladder has one to {most} kinds of measure.",
        ),
        "measures.rung_twice": ("两种措施用了同一个代码。", "Two kinds of measure have the same code."),
        "measures.rung_unnamed": (
            "第{number}种措施缺代码、中文名或英文名。",
            "Kind {number} lacks its code, its Chinese or its English name.",
        ),
        "measures.reply_days": (
            "第{number}种措施的陈述申辩期须为{least}至{most}个工作日。",
            "The time to reply of kind {number} must be {least} to {most} working days.",
        ),
        "measures.other_days": (
            "第{number}种措施的异议期和复核期须为1至{most}个工作日。",
            "The times to object and to review of kind {number} must be 1 to {most} working days.",
        ),
        "measures.rung_term": (
            "第{number}种措施的期限须为0至{most}个月。",
            "The term of kind {number} must be 0 to {most} months.",
        ),
        "measures.rung_choice": (
            "第{number}种措施有不可用的选项。",
            "Kind {number} has a choice that there is not.",
        ),
        "measures.basis_unknown": (
            "第{number}种措施的依据“{code}”不在制度库中。",
            'The basis "{code}" of kind {number} is not among the normative documents.',
        ),
        "measures.no_rung": ("措施清单中没有这种措施。", "The ladder has no such kind of measure."),
        "measures.no_ladder": (
            "本地区还没有采用措施清单，请先在“措施清单”中采用一份。",
            "No ladder has been adopted here yet; adopt one under “Ladders” first.",
        ),
    }
)
