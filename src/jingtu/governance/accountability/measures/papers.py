"""The document of each step, in both languages, from the values frozen with the step; printed by the writers of the
bulletins in the official layout. Each kind of measure has its own words for what is meant and what is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from jingtu.assessment.bulletins.content import Block, Bulletin, Heading, Note, Paragraph
from jingtu.engine.notation import chinese_day, english_day
from jingtu.engine.problems import Language

from .models import MeasureStep
from .rules import Act

# template → (what is decided, what is asked of the addressee), Chinese then English
WORDS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "criticism": (
        ("在本地区范围内予以通报批评。", "请查明原因，提出整改措施并按期报告结果。"),
        (
            "It is criticised by notice throughout the area.",
            "Find the causes, set out remedies and report their result in time.",
        ),
    ),
    "talk": (
        ("予以约谈警示，约谈情况记录在案。", "请按约谈要求整改，并按期报告结果。"),
        (
            "It is called to a warning talk, which is put on record.",
            "Remedy what the talk names and report the result in time.",
        ),
    ),
    "listing": (
        ("列为挂牌整治对象。", "请制定整治方案，对照出口标准逐月报告进展。"),
        (
            "It is listed for rectification.",
            "Draw up a plan and report monthly against the criteria for delisting.",
        ),
    ),
    "adjustment": (
        ("建议有权机关按干部管理权限作组织调整；是否调整、如何调整由该机关决定。", "请配合有权机关办理。"),
        (
            "The competent body is asked to consider a personnel adjustment; whether and how is that body's decision.",
            "Assist the competent body.",
        ),
    ),
    "discipline": (
        ("将问题线索移送有权机关依规依纪依法处理；是否处分由该机关决定。", "请配合有权机关办理。"),
        (
            "The matter is passed to the competent body to be dealt with by rule, discipline and law; whether there is a sanction is that body's decision.",
            "Assist the competent body.",
        ),
    ),
    "warning": (
        ("予以通报警示。", "请对照问题限期整改，并报告结果。"),
        ("It is given a warning notice.", "Remedy the matters named in time and report the result."),
    ),
    "yellow_card": (
        ("予以黄牌警告。", "请在期限内整改到位；整改到位的可以提前解除。"),
        (
            "It is given a yellow card.",
            "Remedy the matters in time; once that is done the card may be lifted early.",
        ),
    ),
    "admonishing": (
        ("予以诫勉谈话，谈话情况记录在案。", "请认真反思并按要求改正。"),
        (
            "An admonishing talk is held and put on record.",
            "Reflect on the matters and remedy them as asked.",
        ),
    ),
    "general": (
        ("采取本措施。", "请按要求整改，并报告结果。"),
        ("The measure is taken.", "Remedy the matters as asked and report the result."),
    ),
}
TITLES: dict[Act, tuple[str, str]] = {
    Act.NOTICE: ("拟采取{kind}措施告知书", "Notice of an intended measure: {kind}"),
    Act.SERVE: ("告知送达回证", "Certificate of service of the notice"),
    Act.REPLY: ("陈述申辩书", "Reply of the addressee"),
    Act.HEAR: ("听取意见笔录", "Note of the hearing"),
    Act.SUSPEND: ("期限中止通知书", "Notice that the time limits are suspended"),
    Act.RESUME: ("期限恢复通知书", "Notice that the time limits run again"),
    Act.DECIDE: ("{kind}决定书", "Decision: {kind}"),
    Act.DROP: ("不予追责决定书", "Decision that no measure is taken"),
    Act.SERVE_DECISION: ("决定送达回证", "Certificate of service of the decision"),
    Act.OBJECT: ("异议书", "Objection of the addressee"),
    Act.UPHOLD: ("复核决定书（维持）", "Decision on review: upheld"),
    Act.CHANGE: ("复核决定书（变更）", "Decision on review: changed"),
    Act.REVOKE: ("复核决定书（撤销）", "Decision on review: revoked"),
    Act.LIFT: ("提前解除{kind}决定书", "Decision to lift: {kind}"),
}  # fmt: skip
TRANSLATED = (
    "English reading copy. This is a translation for information; the Chinese paper alone is authoritative. Facts, "
    "reasons and replies are given in the words in which they were written."
)
FROM_ADDRESSEE = frozenset({Act.REPLY, Act.OBJECT})


def has_paper(act: Act) -> bool:
    """Whether the step has a document of its own."""
    return act in TITLES


def compose(step: MeasureStep, language: Language) -> Bulletin:
    """The document of a step."""
    act, kept = Act(step.act), step.frozen
    zh = language == "zh"
    kind = kept["kind_zh"] if zh else kept["kind_en"]
    office = f"{kept['office']}禁毒委员会办公室" if zh else f"Drug Control Office, {kept['office']}"
    addressee = _addressee(kept, language)
    from_addressee = act in FROM_ADDRESSEE
    return Bulletin(
        language=language,
        issuer=addressee if from_addressee else office,
        number=step.number,
        title=TITLES[act][0 if zh else 1].format(kind=kind),
        recipient=(f"{office}：" if zh else f"To the {office}:")
        if from_addressee
        else (f"{addressee}：" if zh else f"To: {addressee}"),
        blocks=tuple(_blocks(act, step, kept, language)),
        signature=addressee if from_addressee else office,
        date=_day(step.on, language),
        distribution="",
        fictional_notice=_fictional(kept, language),
        running_foot=f"{'案号' if zh else 'File'} {step.measure_id}",
    )


def _addressee(kept: Mapping[str, Any], language: Language) -> str:
    place = str(kept["place"])
    if not kept["post"]:
        return place
    return f"{place}{kept['post']}" if language == "zh" else f"{kept['post']}, {place}"


def _fictional(kept: Mapping[str, Any], language: Language) -> str:
    if not kept["fictional"]:
        return ""
    return (
        "虚构示范数据，与任何真实地区、单位和个人无关"
        if language == "zh"
        else "Invented demonstration data; no real place, office or person"
    )


def _day(day: dt.date | str, language: Language) -> str:
    if isinstance(day, str):
        day = dt.date.fromisoformat(day)
    return chinese_day(day) if language == "zh" else english_day(day)


def _blocks(act: Act, step: MeasureStep, kept: Mapping[str, Any], language: Language) -> list[Block]:
    zh = language == "zh"
    found: list[Block] = [] if zh else [Note(TRANSLATED)]

    def part(title_zh: str, title_en: str, text: str) -> None:
        found.append(Heading(title_zh if zh else title_en))
        found.extend(Paragraph(line) for line in text.splitlines() if line.strip())

    decided, asked = WORDS.get(kept["template"], WORDS["general"])[0 if zh else 1]
    kind = kept["kind_zh"] if zh else kept["kind_en"]
    if act is Act.NOTICE:
        part("一、事实", "1. The facts", kept["facts"])
        part("二、拟采取的措施", "2. The measure intended", _measure(kept, kind, decided, language))
        part("三、依据", "3. Its basis", _basis(kept, language))
        part("四、您的权利", "4. Your rights", _rights(kept, language))
        if step.text:
            part("五、说明", "5. Remarks", step.text)
    elif act is Act.DECIDE:
        part("一、事实", "1. The facts", kept["facts"])
        part("二、程序", "2. The procedure", _procedure(kept, language))
        part("三、理由", "3. The reasons", step.text)
        part("四、决定", "4. The decision", _measure(kept, kind, decided, language) + "\n" + asked)
        part("五、依据", "5. Its basis", _basis(kept, language))
        part("六、救济", "6. How to object", _objecting(kept, language))
    elif act in (Act.SERVE, Act.SERVE_DECISION):
        found += _service(act, step, kept, language)
    else:
        said = {
            Act.REPLY: ("陈述申辩意见", "What is said"),
            Act.OBJECT: ("异议和理由", "The objection and its reasons"),
            Act.HEAR: ("听取的意见", "What was heard"),
            Act.SUSPEND: ("中止的理由", "Why the time limits are suspended"),
            Act.RESUME: ("恢复的理由", "Why they run again"),
        }.get(act, ("理由", "The reasons"))
        found.append(Paragraph(_about(act, kept, kind, language)))
        part(f"一、{said[0]}", f"1. {said[1]}", step.text)
        if act in (Act.UPHOLD, Act.CHANGE, Act.REVOKE):
            part("二、复核决定", "2. The decision on review", _reviewed(act, kept, language))
    found.append(Note(_tag(kept, language)))
    return found


def _measure(kept: Mapping[str, Any], kind: str, decided: str, language: Language) -> str:
    zh, term = language == "zh", kept["term"]
    text = f"措施：{kind}。{decided}" if zh else f"Measure: {kind}. {decided}"
    if not term:
        return text
    return text + (
        f"期限{term}个月，自决定送达之日起算。"
        if zh
        else f" Its term is {term} months from service of the decision."
    )


def _basis(kept: Mapping[str, Any], language: Language) -> str:
    title = kept["basis_zh"] if language == "zh" else kept["basis_en"]
    if not title:
        return "本机关的追责措施清单。" if language == "zh" else "The office's own ladder of measures."
    number = kept["basis_number"]
    if language == "zh":
        return f"《{title}》" + (f"（{number}）。" if number else "。")
    return f"{title}" + (f" ({number})." if number else ".")


def _rights(kept: Mapping[str, Any], language: Language) -> str:
    days = kept["reply_days"]
    if language == "zh":
        return (
            f"自本告知书送达之日起{days}个工作日内，可以书面或口头陈述申辩，并提交证据；可以要求当面听取意见。"
            "在收到答复或期满之前，本机关不作决定；不因陈述申辩加重处理。"
        )
    return (
        f"Within {days} working days from service of this notice you may reply in writing or orally, bring evidence and "
        "ask to be heard. No decision is made before your reply or the end of that time, and none is made harsher "
        "because you replied."
    )


def _procedure(kept: Mapping[str, Any], language: Language) -> str:
    number = kept["notice_number"]
    if language == "zh":
        heard = "收到了陈述申辩，并已研究。" if kept["replied"] else "期限内未提出陈述申辩。"
        return f"本机关已书面告知{f'（{number}）' if number else ''}，{heard}"
    heard = "A reply came in and was considered." if kept["replied"] else "No reply came in within the time."
    return f"The addressee had notice{f' ({number})' if number else ''}. {heard}"


def _objecting(kept: Mapping[str, Any], language: Language) -> str:
    days = kept["objection_days"]
    if language == "zh":
        return f"不服本决定的，自送达之日起{days}个工作日内可以提出异议，由作出决定的人以外的人复核。"
    return (
        f"Whoever disagrees may object within {days} working days from service; somebody other than whoever made the "
        "decision reviews it."
    )


def _service(act: Act, step: MeasureStep, kept: Mapping[str, Any], language: Language) -> list[Block]:
    zh = language == "zh"
    number = kept["notice_number"] if act is Act.SERVE else kept["decision_number"]
    what = ("告知书", "The notice") if act is Act.SERVE else ("决定书", "The decision")
    lines = [
        f"{what[0]}{f'（{number}）' if number else ''}已于{_day(step.on, 'zh')}送达。"
        if zh
        else f"{what[1]}{f' ({number})' if number else ''} was served on {_day(step.on, 'en')}."
    ]
    if act is Act.SERVE_DECISION and kept["until"]:
        lines.append(
            f"措施期限至{_day(kept['until'], 'zh')}。"
            if zh
            else f"The measure ends on {_day(kept['until'], 'en')}."
        )
    if step.text:
        lines.append(f"备注：{step.text}" if zh else f"Remarks: {step.text}")
    lines.append(
        "受送达人签名：　　　　　　日期：" if zh else "Signature of the recipient:                Date:"
    )
    return [Paragraph(line) for line in lines]


def _about(act: Act, kept: Mapping[str, Any], kind: str, language: Language) -> str:
    number = kept["decision_number"] or kept["notice_number"]
    if language == "zh":
        return f"关于{kept['place']}的“{kind}”{f'（{number}）' if number else ''}："
    return f"Concerning “{kind}”, {kept['place']}{f' ({number})' if number else ''}:"


def _reviewed(act: Act, kept: Mapping[str, Any], language: Language) -> str:
    zh = language == "zh"
    if act is Act.UPHOLD:
        return "维持原决定。" if zh else "The decision is upheld."
    if act is Act.REVOKE:
        return (
            "撤销原决定，已记录的后果同日终止。"
            if zh
            else "The decision is revoked; effects recorded of it end the same day."
        )
    until = _day(kept["until"], language) if kept["until"] else ""
    if zh:
        return f"原决定的期限变更为{kept['term']}个月" + (f"，至{until}止。" if until else "。")
    return f"The term of the decision is changed to {kept['term']} months" + (
        f", until {until}." if until else "."
    )


def _tag(kept: Mapping[str, Any], language: Language) -> str:
    said = {
        "S": (
            "措施的名称和顺序见于公开报告；天数、期限和后果是本机关清单中的设置。",
            "Name and order of the measure are those of a public report; days, term and effects are settings of the "
            "office's own ladder.",
        ),
        "G": (
            "天数、期限和后果是一般做法，由本机关清单设置。",
            "Days, term and effects are general practice as set in the office's own ladder.",
        ),
    }.get(kept["tag"], ("措施由本机关清单设置。", "The measure is set in the office's own ladder."))
    return said[0] if language == "zh" else said[1]
