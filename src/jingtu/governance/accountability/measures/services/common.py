"""What all the services here share: who decides, what is recorded."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from jingtu.core.audit.actions import register_actions, register_objects, register_reads, register_states
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.characters import unprintable
from jingtu.core.kernel.errors import (
    Conflict,
    InvalidInput,
    PermissionDenied,
    Problem,
    refuse,
    register_texts,
)
from jingtu.core.regions.models import Region

from ..rules import reason_problem
from ..visibility import may_decide
from ..words import STATES

register_texts(
    {
        "measures.unprintable": (
            "文字中有不能保存的控制字符。",
            "The text has control characters that no record takes.",
        ),
        "measures.too_long": (
            "文字过长，最多{most}个字。",
            "The text is too long; at most {most} characters.",
        ),
    }
)
register_actions(
    {
        "measures.ladder_saved": ("保存追责措施清单", "Ladder of measures saved"),
        "measures.rule_set": ("设置追责建议规则", "Rule for proposals set"),
        "measures.proposed": ("按规则提出追责建议", "Measure proposed by rule"),
        "measures.filed": ("整理追责材料", "File of a proposal prepared"),
        "measures.taken": ("决定采取追责建议", "Proposal taken"),
        "measures.not_taken": ("决定不采取追责建议", "Proposal not taken"),
        "measures.notice": ("发出追责告知", "Notice of a measure issued"),
        "measures.serve": ("送达追责告知", "Notice of a measure served"),
        "measures.reply": ("陈述申辩", "Reply to a notice"),
        "measures.hear": ("记录听取意见", "Hearing noted"),
        "measures.suspend": ("中止期限", "Clocks suspended"),
        "measures.resume": ("恢复期限", "Clocks resumed"),
        "measures.decide": ("作出追责决定", "Measure decided"),
        "measures.drop": ("决定不予追责", "Measure dropped"),
        "measures.serve_decision": ("送达追责决定", "Decision served"),
        "measures.effect": ("记录追责后果", "Effect recorded"),
        "measures.object": ("对追责决定提出异议", "Objection to a measure"),
        "measures.uphold": ("复核维持", "Upheld on review"),
        "measures.change": ("复核变更", "Changed on review"),
        "measures.revoke": ("复核撤销", "Revoked on review"),
        "measures.lift": ("提前解除措施", "Measure lifted"),
        "measures.moved": ("追责案件随区划变更转移", "File moved with a change of regions"),
        "measures.end": ("措施期满", "Measure ended"),
        "measures.paper_taken": ("下载追责文书", "Document of a measure downloaded"),
        "measures.bulletin_taken": ("下载追责情况季报", "Bulletin of accountability downloaded"),
        "measures.bulletin_issued": ("发布追责情况季报", "Quarterly bulletin of accountability issued"),
    }
)
register_objects(
    {
        "measure": ("追责措施", "Measure"),
        "measure_proposal": ("追责建议", "Proposed measure"),
        "measure_bulletin": ("追责季度通报", "Quarterly bulletin of measures"),
        "ladder": ("追责阶梯", "Ladder of measures"),
        "rule": ("追责规则", "Rule of accountability"),
    }
)
register_states("measure", STATES)
register_reads("measures.paper_taken", "measures.bulletin_taken")
LONGEST = 8000


class NotAbove(PermissionDenied):
    """The actor has the power to decide, but not from above the place."""

    def __init__(self) -> None:
        self.problem = Problem("measures.not_above")
        Exception.__init__(self, self.problem.text("en"))


def require_decider(
    actor: Actor, region: Region, prepared_by: int | Collection[int] | None, level: str = ""
) -> int:
    """The id of the person who may decide about the region: named, with the power to decide, standing above it (at
    ``level`` or higher where given), without a hand in the file. Raises PermissionDenied, Conflict."""
    person = user_id_of(actor)
    if person is None or not actor.can(Permission.MEASURES_DECIDE):
        raise PermissionDenied(Permission.MEASURES_DECIDE)
    if not may_decide(actor, region, level):
        raise NotAbove
    hands = {prepared_by} if isinstance(prepared_by, int) else set(prepared_by or ())
    if person in hands:
        raise Conflict(Problem("measures.same_person"))
    return person


def needed(text: str, column: str = "reason") -> str:
    """The words that must be given. Raises InvalidInput."""
    problem = reason_problem(text, column)
    if problem is not None:
        raise InvalidInput([problem])
    return checked(text, column)


def checked(text: str, column: str = "reason", most: int = LONGEST) -> str:
    """Words that may be kept. Raises InvalidInput."""
    kept = text.strip()
    if unprintable(kept):
        raise refuse("measures.unprintable", column=column)
    if len(kept) > most:
        raise refuse("measures.too_long", column=column, most=most)
    return kept


def stop(problem: Problem | None, permission: Permission) -> None:
    """Raise what a rule said."""
    if problem is None:
        return
    if problem.code == "measures.not_permitted":
        raise PermissionDenied(permission)
    raise Conflict(problem)


def written(actor: Actor, action: str, kind: str, pk: int, region_id: int, **values: Any) -> None:
    """Say it in the audit trail."""
    record(actor, f"measures.{action}", target_type=kind, target_id=pk, region_id=region_id, **values)
