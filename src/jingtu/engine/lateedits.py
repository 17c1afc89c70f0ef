"""What figures changed late did to their own place: the same assessment with them as they were before.

For each ranked place that holds late changes, exactly these are taken back and the card is scored again; a
place whose total or rank is better with them is named, with both. Everything else stays as it is now, so the
difference is due to these changes alone. That somebody gains says nothing about why: a late correction may be
right, and it may be owed to the office.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jingtu.engine.assess import Assessment
from jingtu.engine.incremental import Recomputer
from jingtu.engine.problems import InvalidInput, register_texts
from jingtu.engine.qualifiers import Qualifier
from jingtu.engine.rational import decimal_text

MOST = 200
"""A place with more late changes than this was reported anew; its effect is not taken apart, only said to exist."""

register_texts(
    {
        "check.late_edit_deadline": (
            "{region}报送截止（{since}）之后改动了{count}个数字，其中“{element}”由{old}改为{new}；"
            "总分{total_before}→{total}，名次{rank_before}→{rank}，请核实",
            "{region}: {count} figures changed after the deadline ({since}), among them “{element}” from {old} to "
            "{new}; total {total_before} → {total}, rank {rank_before} → {rank}; please confirm",
        ),
        "check.late_edit_ranked": (
            "{region}首次算出名次（{since}）之后改动了{count}个数字，其中“{element}”由{old}改为{new}；"
            "总分{total_before}→{total}，名次{rank_before}→{rank}，请核实",
            "{region}: {count} figures changed after ranks were first computed ({since}), among them “{element}” "
            "from {old} to {new}; total {total_before} → {total}, rank {rank_before} → {rank}; please confirm",
        ),
        "check.late_edit_many": (
            "{region}自{since}起改动了{count}个数字，数量过多，没有逐项还原对总分和名次的影响，请核实是否整表重报",
            "{region}: {count} figures changed since {since}; too many to take apart what they did to total and rank; "
            "please confirm that it was reported anew",
        ),
        "check.late_edit_batches": (
            "{region}自{since}起又收到{count}批数据，数量过多，没有核查截止后改数，请核实",
            "{region}: {count} batches of figures came since {since}; too many to look for late changes; please confirm",
        ),
    }
)


@dataclass(frozen=True)
class Edit:
    """A figure that was stated and then changed or withdrawn (None), at a tree position."""

    element: str
    position: int
    period: str
    category: str
    old: int
    new: int | None
    old_qualifier: Qualifier = Qualifier.EXACT
    new_qualifier: Qualifier = Qualifier.EXACT


@dataclass(frozen=True)
class Gain:
    """A ranked place that stands better with its late changes than without; ranks None where it has none."""

    position: int
    edits: Sequence[Edit]
    total_before: str | None
    total: str | None
    rank_before: int | None
    rank: int | None


def crowded(assessment: Assessment, edits: Sequence[Edit]) -> Iterator[tuple[int, list[Edit]]]:
    """The ranked places with more late changes than :func:`gains` takes apart, in the order of the tree."""
    for subject in assessment.subjects.tolist():
        own = [one for one in edits if assessment.tree.contains(subject, one.position)]
        if len(own) > MOST:
            yield subject, own


def gains(assessment: Assessment, edits: Sequence[Edit], at_least: int = 1) -> Iterator[Gain]:
    """The places that gain by at least so many late changes of their own, in the order of the tree.

    The assessment is used up: do not read it afterwards.
    """
    recomputer = Recomputer(assessment)
    tree, subjects = assessment.tree, assessment.subjects.tolist()
    for index, subject in enumerate(subjects):
        own = [one for one in edits if tree.contains(subject, one.position)]
        if not max(1, at_least) <= len(own) <= MOST:
            continue
        now = _standing(recomputer.assessment, index)
        try:
            for one in own:
                _put(recomputer, one, one.old, one.old_qualifier)
            before = _standing(recomputer.assessment, index)
        except InvalidInput:  # without them nothing would be left to assess
            before = (None, None, 0)
        for one in own:
            _put(recomputer, one, one.new, one.new_qualifier)
        risen = now[1] is not None and (before[1] is None or now[1] < before[1])
        if risen or (now[0] is not None and before[0] is not None and now[2] > before[2]):
            yield Gain(subject, own, before[0], now[0], before[1], now[1])


def _put(recomputer: Recomputer, edit: Edit, value: int | None, qualifier: Qualifier) -> None:
    recomputer.change(edit.element, edit.position, edit.period, value, edit.category, qualifier)


def _standing(a: Assessment, index: int) -> tuple[str | None, int | None, int]:
    card = a.current.card
    if not card.ranked[index]:
        return None, None, 0
    total = int(card.totals[index])
    return decimal_text(total, card.digits), int(card.ranks[index]) or None, total
