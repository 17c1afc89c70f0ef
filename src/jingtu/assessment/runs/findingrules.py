"""What people do with a finding: who asks whom, who answers, who is content with it.

The office asks the reporting unit (or somebody of its own); the unit replies; the office accepts the reply or
returns it with a reason. The office may also answer itself, and an approver who had no hand in the run may let
it pass. Nothing here knows the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jingtu.core.kernel.characters import seen
from jingtu.engine.problems import Problem, register_texts

from .rules import OPEN_STATES, REASON_MIN, FindingState, RunState


class FindingAct(StrEnum):
    """One step of a finding's life. The last four are taken by acts on the run, or by the checks."""

    ASSIGN = "assign"
    REPLY = "reply"
    RETURN = "return"
    ACCEPT = "accept"
    ANSWER = "answer"
    OVERRIDE = "override"
    GONE = "gone"
    CARRY = "carry"


SOURCES: dict[FindingAct, frozenset[FindingState]] = {
    FindingAct.ASSIGN: frozenset({FindingState.OPEN, FindingState.REPLIED, FindingState.RETURNED}),
    FindingAct.REPLY: frozenset({FindingState.OPEN, FindingState.RETURNED}),
    # An answer that was accepted too soon is sent back as well, as long as nothing is signed.
    FindingAct.RETURN: frozenset({FindingState.REPLIED, FindingState.ANSWERED}),
    FindingAct.ACCEPT: frozenset({FindingState.REPLIED}),
}
"""The acts of this module, and the states of a finding they start from."""

TARGETS: dict[FindingAct, FindingState] = {
    FindingAct.REPLY: FindingState.REPLIED,
    FindingAct.RETURN: FindingState.RETURNED,
    FindingAct.ACCEPT: FindingState.ANSWERED,
}
NEEDS_REASON = frozenset({FindingAct.REPLY, FindingAct.RETURN})
CARRIED = frozenset({FindingState.REPLIED, FindingState.RETURNED, FindingState.ANSWERED})
"""States that go on into the next version where nothing of the finding has changed. That somebody let one pass
was a decision on one publication; the next asks again."""
HANDS = (FindingAct.REPLY, FindingAct.ANSWER, FindingAct.ACCEPT)
"""Steps that make one a hand in the run: whoever took one does not sign it."""


@dataclass(frozen=True)
class FindingFacts:
    """What the rules need to know. ``answers``: the actor is of the unit that was asked, or was asked in
    person; ``prepares`` and ``approves``: over the run's region; ``replied``: the reply is the actor's own."""

    state: FindingState
    run: RunState
    answers: bool = False
    prepares: bool = False
    approves: bool = False
    replied: bool = False


def finding_refusal(act: FindingAct, facts: FindingFacts) -> Problem | None:
    """Why the act is refused now, or None. Permission first, so that others learn nothing of the state."""
    match act:
        case FindingAct.ASSIGN:
            allowed = facts.prepares
        case FindingAct.REPLY:
            allowed = facts.answers
        case FindingAct.RETURN:
            allowed = facts.prepares or facts.approves
        case _:
            allowed = facts.prepares
    if not allowed:
        return Problem("runs.not_permitted")
    if facts.run not in OPEN_STATES or facts.state not in SOURCES[act]:
        return Problem("findings.wrong_state")
    if act is FindingAct.ACCEPT and facts.replied:
        return Problem("findings.own_reply")
    return None


def finding_acts(facts: FindingFacts) -> tuple[FindingAct, ...]:
    """The acts open now, in the order of a finding's life."""
    return tuple(act for act in SOURCES if finding_refusal(act, facts) is None)


def text_problem(act: FindingAct, text: str) -> Problem | None:
    """What is wrong with the reply or the reason."""
    if act in NEEDS_REASON and len(seen(text)) < REASON_MIN:
        return Problem("runs.reason_missing", {"least": REASON_MIN}, column="reason")
    return None


register_texts(
    {
        "findings.wrong_state": (
            "这条核查意见的当前状态不允许此操作，请重新查看它现在的状态。",
            "The finding's present state does not allow this act; look again where it stands.",
        ),
        "findings.many_missing": (
            "{region}在{period}有{count}项未报，此前曾报，请补报或说明",
            "{region} has not reported {count} items for {period} that it reported before; report them or say why",
        ),
        "findings.no_kind": (
            "没有“{kind}”这种核查，可用：{known}。",
            'There is no kind of check "{kind}"; use one of {known}.',
        ),
        "findings.none_chosen": (
            "请先勾选核查意见。",
            "Tick the findings first.",
        ),
        "findings.own_reply": (
            "自己的回复由另一人认可。",
            "A reply is accepted by somebody else than whoever gave it.",
        ),
        "findings.not_an_owner": (
            "这个人既不编制该考核，也不填报该地区的数据，不能由他答复。",
            "This person neither prepares the assessment nor reports for the place, and cannot be asked.",
        ),
        "findings.no_unit": (
            "{region}没有在岗的填报员，请指定经办人。",
            "{region} has no reporter in post; name somebody of the office.",
        ),
        # What the unit that is asked reads: no figure of a run that is not published.
        "finding.own.check.missing": (
            "{region}在{period}未报“{element}”，此前曾报，请补报或说明",
            "{region} has not reported “{element}” for {period}, though it did before; report it or say why",
        ),
        "finding.own.check.outlier_history": (
            "{region}{period}“{element}”与自身以往相差悬殊，请核实并说明",
            "{region}, {period}, “{element}”: far from its own past; please confirm and explain",
        ),
        "finding.own.check.outlier_peers": (
            "{region}{period}“{indicator}”与同类地区相差悬殊，请核实有关数据并说明",
            "{region}, {period}, “{indicator}”: far from its peers; please confirm the figures behind it",
        ),
        "finding.own.check.sudden_zero": (
            "{region}{period}“{element}”报为0，以往并非如此，请核实并说明",
            "{region}, {period}, “{element}”: reported as 0, unlike before; please confirm and explain",
        ),
        "finding.own.check.parts": (
            "{region}{period}“{element}”与其组成之和不符，请核实",
            "{region}, {period}, “{element}”: its parts do not add up to it; please check",
        ),
        "finding.own.check.above_whole": (
            "{region}{period}“{indicator}”的分子大于分母，请核实",
            "{region}, {period}, “{indicator}”: the numerator is above the denominator; please check",
        ),
        "finding.own.check.above_whole_lagging": (
            "{region}{period}“{indicator}”的分子大于分母，二者统计时段不同，允许如此，请核对",
            "{region}, {period}, “{indicator}”: the numerator is above the denominator; counted at different "
            "times this may be so, please check",
        ),
        "finding.own.check.both_levels": (
            "{region}{period}“{element}”既有本级数据又有下级数据，请核对是否重复",
            "{region}, {period}, “{element}”: given for the region itself and below it; please check for "
            "double counting",
        ),
        "finding.own.check.late_edit_deadline": (
            "{region}{period}的数字在报送截止之后改动了{count}个，请说明原因和依据",
            "{region}, {period}: figures changed after the deadline ({count}); please say why, and on what grounds",
        ),
        "finding.own.check.late_edit_ranked": (
            "{region}{period}的数字在首次计算之后改动了{count}个，请说明原因和依据",
            "{region}, {period}: figures changed after the first computation ({count}); please say why, and on "
            "what grounds",
        ),
        "finding.own.check.late_edit_many": (
            "{region}{period}的数字改动了{count}个，请说明原因和依据",
            "{region}, {period}: {count} figures changed late; please say why, and on what grounds",
        ),
        "finding.own.check.late_edit_batches": (
            "{region}{period}的数据之后又报了{count}批，请说明原因和依据",
            "{region}, {period}: {count} batches of figures came late; please say why, and on what grounds",
        ),
    }
)
