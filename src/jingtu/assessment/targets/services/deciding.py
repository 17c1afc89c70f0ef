"""Deciding about targets: approval by a second person, rejection, withdrawal."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.core.kernel.actor import Actor, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.engine.problems import refuse

from ..models import Target
from ..queries import hands
from ..rules import TargetAction, TargetState, needs_approval, reason_problem, refusal
from .proposing import bring_in_force, queue_up, written


def approve(actor: Actor, target_id: int, note: str = "") -> Target:
    """Bring a proposal in force, as somebody other than its proposer."""
    with transaction.atomic():
        target = _locked(actor, target_id, TargetAction.APPROVE)
        others = Target.objects.select_for_update().filter(
            indicator=target.indicator,
            scope=target.scope,
            region_id=target.region_id,
            group=target.group,
            level=target.level,
            period=target.period,
            basis=target.basis,
            state=TargetState.IN_FORCE,
        )
        bring_in_force(actor, target, list(others), note)
    return target


MOST_AT_ONCE = 500


def approve_many(actor: Actor, target_ids: Sequence[int], note: str = "") -> list[Target]:
    """Bring several proposals in force: all of them or, when one may not be approved, none."""
    if not target_ids:
        raise refuse("targets.none_chosen")
    if len(target_ids) > MOST_AT_ONCE:
        raise refuse("targets.too_many", most=MOST_AT_ONCE)
    with transaction.atomic():
        trees = Target.objects.filter(pk__in=target_ids).order_by("tree_id").values_list("tree_id", flat=True)
        # Every tree before the first target is written: who holds one and the head of the audit trail, and waits for
        # another, would wait for ever for somebody who came the other way round.
        for tree_id in dict.fromkeys(trees):
            queue_up(tree_id)
        return [approve(actor, target_id, note) for target_id in sorted(set(target_ids))]


def reject(actor: Actor, target_id: int, reason: str) -> Target:
    """Turn a proposal down with the reason."""
    return _close(actor, target_id, reason, TargetAction.REJECT, TargetState.REJECTED, "targets.rejected")


def withdraw(actor: Actor, target_id: int, reason: str) -> Target:
    """End a target with the reason: from now on what scorecard and catalogue ask holds again.

    Results published under it stay as they are.
    """
    return _close(actor, target_id, reason, TargetAction.WITHDRAW, TargetState.WITHDRAWN, "targets.withdrawn")


def _close(
    actor: Actor, target_id: int, reason: str, action: TargetAction, state: TargetState, audited: str
) -> Target:
    with transaction.atomic():
        target = _locked(actor, target_id, action)
        problem = reason_problem(reason)
        if problem is not None:
            raise InvalidInput([problem])
        before = target.state
        target.state = state
        target.decided_by_id, target.decided_at, target.decision = user_id_of(actor), now(), reason.strip()
        target.save(update_fields=["state", "decided_by", "decided_at", "decision"])
        written(actor, audited, target, before={"state": before}, after={"state": state}, reason=reason)
    return target


def _locked(actor: Actor, target_id: int, action: TargetAction) -> Target:
    tree_id = Target.objects.filter(pk=target_id).values_list("tree_id", flat=True).first()
    if tree_id is not None:
        queue_up(tree_id)
    target = (
        Target.objects.select_for_update(of=("self",))
        .select_related("region", "tree")
        .filter(pk=target_id)
        .first()
    )
    if target is None:
        raise NotFound(target_id, "target")
    scored = needs_approval(catalogue_of(in_force()), target.indicator)
    problem = refusal(action, TargetState(target.state), hands(actor, target), scored=scored)
    if problem is not None:
        if problem.code == "targets.not_permitted":
            raise PermissionDenied("targets.manage")
        raise Conflict(problem)
    return target
