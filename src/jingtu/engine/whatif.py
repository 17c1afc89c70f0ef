"""What would change if the gap were closed: the same assessment with one more fact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jingtu.engine.assess import Assessment, assess_with
from jingtu.engine.explain import gap_of
from jingtu.engine.facttable import FactRow
from jingtu.engine.gap import Gap, Move
from jingtu.engine.problems import Language
from jingtu.engine.rational import decimal_text
from jingtu.engine.wording import move_text


@dataclass(frozen=True)
class WhatIf:
    """A move applied to one subject: its total and rank before and after, and whether it then meets."""

    move: Move
    met: bool
    total_before: str
    total_after: str
    rank_before: int | None
    rank_after: int | None
    sentences: tuple[str, str]

    def sentence(self, language: Language = "zh") -> str:
        """“正在执行人数”再增加3人即达到要求，总分87.50→93.20，名次第7→第4位。"""
        return self.sentences[0 if language == "zh" else 1]

    def plain(self) -> dict[str, Any]:
        """JSON types only."""
        return {
            "met": self.met,
            "total": [self.total_before, self.total_after],
            "rank": [self.rank_before, self.rank_after],
            "sentence": {"zh": self.sentences[0], "en": self.sentences[1]},
        }


def what_if(assessment: Assessment, position: int, indicator: str) -> WhatIf | None:
    """Close the gap of a subject's indicator by its usual move and assess again, exactly.

    Everything that reads the moved element changes with it. None when nothing is missing or no
    move exists. The assessment must be a computed one (not opened from a snapshot).
    """
    gap = gap_of(assessment, position, indicator)
    if gap is None or gap.met or not gap.moves:
        return None
    index = assessment.subject_index(position)
    move = gap.moves[0]
    after = applied(assessment, position, move, move.amount)
    card, new_card = assessment.current.card, after.current.card
    before_total = decimal_text(int(card.totals[index]), card.digits)
    after_total = decimal_text(int(new_card.totals[index]), card.digits)
    ranks = int(card.ranks[index]) or None, int(new_card.ranks[index]) or None
    definition = assessment.catalogue.indicators[indicator]
    zh = move_text(assessment.catalogue, definition, move, "zh")
    en = move_text(assessment.catalogue, definition, move, "en")
    zh += f"，总分{before_total}→{after_total}"
    en += f"; total {before_total} → {after_total}"
    if None not in ranks:
        moved = ranks[0] != ranks[1]
        zh += f"，名次第{ranks[0]}→第{ranks[1]}位" if moved else f"，名次仍为第{ranks[0]}位"
        en += f", rank {ranks[0]} → {ranks[1]}" if moved else f", rank still {ranks[0]}"
    later: Gap | None = gap_of(after, position, indicator)
    met = later is not None and later.met
    return WhatIf(move, met, before_total, after_total, ranks[0], ranks[1], (zh + "。", en + "."))


def applied(assessment: Assessment, position: int, move: Move, amount: Any) -> Assessment:
    """The assessment with ``amount`` more (or fewer) of the move's first element at the region itself."""
    a = assessment
    element = a.catalogue.elements[move.elements[0]]
    rows = a.view.chosen_rows(element.code, a.period)
    own = int(a.view.value[rows[a.view.position[rows] == position - a.within]].sum())
    change = int(amount * element.scale) * (1 if move.more else -1)
    fact = FactRow(element.code, int(a.tree.ids[position]), a.period.key, own + change)
    return assess_with(a, fact)
