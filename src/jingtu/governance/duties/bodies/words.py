"""What kinds, titles and categories are called. In both languages at once, since papers are printed in either."""

from __future__ import annotations

from jingtu.core.ui.middleware import interface_language
from jingtu.engine.problems import Language

from .models import Body, Capacity, Member
from .rules import Kind, Team, Term, Title

Both = tuple[str, str]

KINDS: dict[str, Both] = {
    Kind.COMMITTEE: ("禁毒委员会", "Drug control committee"),
    Kind.LEADING_GROUP: ("领导小组", "Leading group"),
    Kind.HEADQUARTERS: ("指挥部", "Command headquarters"),
    Kind.OFFICE: ("办公室", "Office"),
    Kind.TEAM: ("专项工作组", "Special team"),
}
TEAMS: dict[str, Both] = {
    Team.PUBLICITY: ("宣传", "Publicity"),
    Team.EDUCATION: ("预防教育", "Education"),
    Team.RECOVERY: ("戒治管控", "Recovery control"),
    Team.CRACKDOWN: ("打击", "Crackdown"),
    Team.REGULATION: ("监管", "Regulation"),
    Team.MONITORING: ("毒情监测", "Monitoring"),
    Team.OTHER: ("其他", "Other"),
}
_TITLES_ZH: dict[str, tuple[str, str, str, str]] = {
    Kind.COMMITTEE: ("主任", "常务副主任", "副主任", "委员"),
    Kind.LEADING_GROUP: ("组长", "常务副组长", "副组长", "成员"),
    Kind.HEADQUARTERS: ("指挥长", "常务副指挥长", "副指挥长", "成员"),
    Kind.OFFICE: ("主任", "常务副主任", "副主任", "工作人员"),
    Kind.TEAM: ("组长", "常务副组长", "副组长", "成员"),
}
_TITLES_EN: dict[str, tuple[str, str, str, str]] = {
    Kind.COMMITTEE: ("Chair", "Executive deputy chair", "Deputy chair", "Member"),
    Kind.LEADING_GROUP: ("Head", "Executive deputy head", "Deputy head", "Member"),
    Kind.HEADQUARTERS: ("Commander", "Executive deputy commander", "Deputy commander", "Member"),
    Kind.OFFICE: ("Director", "Executive deputy director", "Deputy director", "Staff"),
    Kind.TEAM: ("Head", "Executive deputy head", "Deputy head", "Member"),
}
CATEGORY_WORDS: dict[str, Both] = {
    "civil": ("行政编制", "Civil servants"),
    "institution": ("事业编制", "Public institution staff"),
    "contract": ("聘用人员", "Contract staff"),
    "seconded": ("抽调借用", "Seconded"),
    "nation": ("国家级", "National"),
    "province": ("省级", "Provincial"),
    "city": ("市级", "City"),
    "county": ("县级", "County"),
}
TERMS: dict[str, tuple[Both, str, str]] = {
    Term.FUTURE: (("未到任", "not yet begun"), "none", "–"),
    Term.CURRENT: (("在任", "in office"), "met", "●"),
    Term.ENDING: (("即将届满", "ending soon"), "watch", "▲"),
    Term.OVER: (("已离任", "over"), "none", "–"),
}


def pick(both: Both, language: Language | None = None) -> str:
    """The word in the reader's language, or in the one named."""
    return both[1] if (language or interface_language()) == "en" else both[0]


def kind_word(body: Body, language: Language | None = None) -> str:
    """The kind of a body; of a special team also what it is for."""
    word = pick(KINDS[body.kind], language)
    if body.kind == Kind.TEAM and body.team in TEAMS:
        return f"{word} · {pick(TEAMS[body.team], language)}"
    return word


def title_words(kind: str) -> dict[str, Both]:
    """What the titles are called in a body of this kind."""
    words = dict(zip(list(Title)[:4], zip(_TITLES_ZH[kind], _TITLES_EN[kind], strict=True), strict=True))
    return {title.value: word for title, word in words.items()} | {
        Title.LIAISON.value: ("联络员", "Liaison officer")
    }


def title_word(kind: str, member: Member, language: Language | None = None) -> str:
    """A member's title."""
    return pick(title_words(kind)[member.title], language)


def category_word(record: Capacity) -> str:
    """The category of a record of capacity."""
    return pick(CATEGORY_WORDS[record.category]) if record.category else ""
