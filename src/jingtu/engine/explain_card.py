"""The card above an indicator opened: rank ← total ← vetoes, rulings, sections and items ← rules."""

from __future__ import annotations

from typing import Any

from jingtu.engine import wording
from jingtu.engine.assess import Assessment
from jingtu.engine.catalogue.model import Item, Veto
from jingtu.engine.catalogue.writing import rule_plain
from jingtu.engine.derivation import Step
from jingtu.engine.ledger import LINES, Line, Ruling
from jingtu.engine.notation import plain_number
from jingtu.engine.publication import part_text
from jingtu.engine.ranking import shared
from jingtu.engine.rational import STATE_NAMES, decimal_text


def veto_step(a: Assessment, index: int, veto: Veto, *, applies: bool) -> Step:
    """A veto that fired: what it rests on, and who decided what."""
    leaf = indicator_leaf(a, int(a.subjects[index]), veto.indicator)
    rulings = [] if a.ledger is None else a.ledger.rulings_of(a.scorecard.code, a.period, _place(a, index))
    ruling = next((one for one in rulings if one.indicator == veto.indicator), None)
    zh, en = ("一票否决", "Veto") if applies else ("一票否决（未适用）", "Veto, not applied")
    if not applies and ruling is None:
        zh, en = "一票否决（待决定）", "Veto proposed, not decided"
    said = () if ruling is None else (_ruling_step(ruling),)
    return Step(
        "veto",
        f"{zh}：{veto.name('zh') or leaf.zh}",
        f"{en}: {veto.name('en') or leaf.en}",
        leaf.value,
        {"indicator": veto.indicator, "effect": veto.effect, "when": str(veto.when), "applies": applies},
        (leaf, *said),
    )


def _ruling_step(ruling: Ruling) -> Step:
    zh = f"决定{'适用' if ruling.applies else '不适用'}：{ruling.reason}（{ruling.decided_by}）"
    en = f"Decided {'to apply' if ruling.applies else 'not to apply'}: {ruling.reason} ({ruling.decided_by})"
    return Step("ruling", zh, en, None, {"reference": ruling.reference, "reply": ruling.reply})


def entry_steps(a: Assessment, index: int, line: Line, indicator: str) -> tuple[Step, ...]:
    """What people entered on a line for a subject, with who approved it and the evidence behind it."""
    entries = [] if a.ledger is None else a.ledger.entries_of(a.scorecard.code, a.period, _place(a, index))
    return tuple(
        Step(
            "entry",
            f"{LINES[line][0]}申报：{entry.reason}（{entry.entered_by}申报，{entry.approved_by}批准）",
            f"Entry: {entry.reason} (by {entry.entered_by}, approved by {entry.approved_by})",
            plain_number(entry.count),
            {"reference": entry.reference, "evidence": list(entry.evidence), "indicator": indicator},
        )
        for entry in entries
        if (entry.line, entry.indicator) == (line, indicator)
    )


def _place(a: Assessment, index: int) -> tuple[str, str]:
    position = int(a.subjects[index])
    return a.tree.levels[position], a.tree.codes[position]


def rank_step(a: Assessment, index: int, children: tuple[Step, ...]) -> Step:
    card = a.current.card
    rank, of, tied = int(card.ranks[index]), int(card.ranked.sum()), shared(card.ranks, index)
    params = {
        "rank": rank or None,
        "of": of,
        "tied": tied,
        "sibling_rank": int(a.sibling_ranks[index]) or None,
        "peer_ranks": {name: int(ranks[index]) for name, ranks in a.peer_ranks.items() if ranks[index]},
        "previous_rank": (int(a.previous.card.ranks[index]) or None) if a.previous else None,
        "moved": int(a.movements[index]),
        "tie_breaks": list(a.scorecard.tie_breaks),
    }
    if not rank:
        return Step("rank", "不参加排名", "Not ranked", None, params, children)
    zh, en = ("并列", " (tied)") if tied else ("", "")
    return Step(
        "rank", f"{zh}第{rank}位（共{of}个）", f"Rank {rank}{en} of {of}", str(rank), params, children
    )


def indicator_rank_step(a: Assessment, index: int, code: str, child: Step) -> Step:
    params = indicator_standing(a, index, code)
    rank, of = params["rank"], params["of"]
    if rank is None:
        return child
    return Step(
        "rank",
        f"按此指标{'并列' if params['tied'] else '列'}第{rank}位（共{of}个）",
        f"Rank {rank}{' (tied)' if params['tied'] else ''} of {of} by this indicator",
        str(rank),
        {"indicator": code, **params},
        (child,),
    )


def indicator_standing(a: Assessment, index: int, code: str) -> dict[str, Any]:
    """Rank of a subject by one indicator, and the range of ranks its interval leaves open."""
    ranks = a.current.ranks[code]
    possible = a.rank_range(code)
    best, worst = (0, 0) if possible is None else (int(possible[0][index]), int(possible[1][index]))
    return {
        "rank": int(ranks[index]) or None,
        "of": int((ranks > 0).sum()),
        "tied": shared(ranks, index),
        "rank_range": [best, worst] if best else None,
    }


def score_step(a: Assessment, index: int, children: tuple[Step, ...]) -> Step:
    card = a.current.card
    reported, expected = a.coverage
    params = {
        "before_veto": decimal_text(int(card.before_veto[index]), card.digits),
        "bonus": decimal_text(int(card.bonus[index]), card.digits),
        "coverage": [int(reported[index]), int(expected[index])],
        "sections": [
            {
                "code": section.code,
                "zh": section.name("zh"),
                "en": section.name("en"),
                "points": decimal_text(int(card.section_points[index, number]), card.digits),
                "maximum": decimal_text(int(card.section_maxima[index, number]), card.digits),
            }
            for number, section in enumerate(a.scorecard.sections)
        ],
    }
    total = decimal_text(int(card.totals[index]), card.digits)
    return Step("score", a.scorecard.name("zh"), a.scorecard.name("en"), total, params, children)


def item_step(a: Assessment, index: int, number: int, item: Item, child: Step) -> Step:
    card = a.current.card
    definition = a.catalogue.indicators[item.indicator]
    points, maximum = (decimal_text(int(of[index, number]), card.digits) for of in (card.points, card.maxima))
    assigned = a.assigned(item.indicator, int(a.subjects[index]))
    zh, en = wording.rule_text(item, definition, assigned.requirement if assigned else None)
    entered = entry_steps(a, index, "deduction", item.indicator)
    rule = Step("rule", zh, en, None, {"rule": rule_plain(item.rule)["kind"]}, (child, *entered))
    return Step(
        "item",
        f"{definition.name('zh')}（满分{maximum}分）",
        f"{definition.name('en')} (of {maximum})",
        points,
        {
            "indicator": item.indicator,
            "maximum": maximum,
            "lost": decimal_text(int(card.maxima[index, number] - card.points[index, number]), card.digits),
        },
        (rule,),
    )


def indicator_leaf(a: Assessment, position: int, code: str) -> Step:
    place = position - a.within
    definition, values = a.catalogue.indicators[code], a.current.values[code]
    return Step(
        "indicator",
        definition.name("zh"),
        definition.name("en"),
        values.text(place),
        {
            "indicator": code,
            "unit": definition.unit,
            "state": STATE_NAMES[int(values.exact.state[place])],
            "numerator": part_text(values.numerator, place),
            "denominator": part_text(values.denominator, place),
            "qualifier": values.qualifier_at(place).value,
        },
    )
