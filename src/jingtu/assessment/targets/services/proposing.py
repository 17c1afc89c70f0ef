"""Setting targets: a new version each time, in force at once or after a second person has approved it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from jingtu.assessment.indicators.store import catalogue_of, in_force
from jingtu.core.audit.actions import register_actions, register_objects, register_states
from jingtu.core.audit.services import record
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.kernel.actor import SYSTEM, Actor, Permission, user_id_of
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied, Problem
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.regions.queries import find_region, root_of
from jingtu.engine import targets as engine
from jingtu.engine.targetfile import asked_problems

from ..models import Target, TargetImport
from ..rules import TargetState, needs_approval, reason_problem
from ..words import STATES

register_actions(
    {
        "targets.proposed": ("拟定目标", "Target proposed"),
        "targets.in_force": ("目标生效", "Target in force"),
        "targets.rejected": ("退回目标", "Target rejected"),
        "targets.withdrawn": ("撤销目标", "Target withdrawn"),
        "targets.imported": ("导入目标", "Targets imported"),
        "targets.import_refused": ("退回目标文件", "File of targets refused"),
        "targets.trajectory_set": ("设定轨迹", "Trajectory set"),
        "targets.trajectory_retired": ("停用轨迹", "Trajectory retired"),
    }
)
register_objects(
    {
        "target": ("目标", "Target"),
        "target_import": ("目标导入", "Import of targets"),
        "trajectory": ("目标轨迹", "Trajectory"),
    }
)
register_states("target", STATES)


@dataclass(frozen=True)
class Wanted:
    """A target to propose with why; ``row`` is where it stood in a file."""

    target: engine.Target
    reason: str
    document_code: str = ""
    row: int = 0


def propose(
    actor: Actor, tree: RegionTree, target: engine.Target, reason: str, document_code: str = ""
) -> Target:
    """A new version of one target. Raises PermissionDenied, InvalidInput (also when nothing is new), Conflict.

    In force at once where no scorecard uses the indicator; otherwise proposed, until somebody else approves.
    """
    problem = reason_problem(reason)
    if problem is not None:
        raise InvalidInput([problem])
    made = propose_all(actor, tree, [Wanted(target, reason, document_code)])
    if not made:
        raise InvalidInput([Problem("targets.nothing_new")])
    return made[0]


def propose_all(
    actor: Actor, tree: RegionTree, wanted: Sequence[Wanted], source: TargetImport | None = None
) -> list[Target]:
    """New versions of many targets, all or none; those equal to the version in force are left as they are."""
    catalogue = catalogue_of(in_force())
    for one in wanted:
        definition = catalogue.indicators.get(one.target.indicator)
        if definition is None:
            raise InvalidInput([Problem("targets.unknown_code", {"code": one.target.indicator})])
        problems = asked_problems(definition, one.target.requirement, one.target.red_line)
        if problems:
            raise InvalidInput(problems)
    places = [_place(tree, one.target) for one in wanted]
    for place in {region.pk: region for region in places}.values():
        if not actor.can(Permission.TARGETS_MANAGE, place.pk):
            raise PermissionDenied(Permission.TARGETS_MANAGE)
    titles = dict(
        NormativeDocument.objects.filter(
            code__in={one.document_code or one.target.document for one in wanted}
        ).values_list("code", "title_zh")
    )
    made: list[Target] = []
    try:
        with transaction.atomic():
            queue_up(tree.pk)
            for one, region in zip(wanted, places, strict=True):
                scored = needs_approval(catalogue, one.target.indicator)
                stored = _store(actor, tree, region, one, titles, source, scored=scored)
                if stored is not None:
                    made.append(stored)
    except IntegrityError as error:
        raise Conflict(Problem("targets.wrong_state")) from error
    return made


def queue_up(tree_id: int) -> None:
    """Whoever changes targets of a tree waits here for the others, before anything else is locked: two lists in
    different order would otherwise each wait for a row (or the head of the audit trail) the other has."""
    RegionTree.objects.select_for_update().get(pk=tree_id)


def _place(tree: RegionTree, target: engine.Target) -> Region:
    if target.scope == "group":
        return root_of(SYSTEM, tree)
    level, code = target.region
    return find_region(SYSTEM, tree, code, level or None)


def _store(
    actor: Actor,
    tree: RegionTree,
    region: Region,
    wanted: Wanted,
    titles: dict[str, str],
    source: TargetImport | None,
    *,
    scored: bool,
) -> Target | None:
    said = wanted.target
    key = {
        "tree": tree,
        "indicator": said.indicator,
        "scope": said.scope,
        "region": region,
        "group": said.group,
        "level": said.level,
        "period": said.period,
        "basis": said.basis,
    }
    versions = list(Target.objects.select_for_update().filter(**key).order_by("version"))
    code = wanted.document_code or (said.document if said.document in titles else "")
    content = {
        "requirement": str(said.requirement) if said.requirement else "",
        "red_line": str(said.red_line) if said.red_line else "",
        "document": titles.get(code, said.document),
    }
    for version in versions:
        if version.state == TargetState.PROPOSED:
            raise Conflict(Problem("targets.proposal_waits", {"version": version.version}))
        if version.state == TargetState.IN_FORCE and all(
            getattr(version, name) == value for name, value in content.items()
        ):
            return None
    made = Target.objects.create(
        **key,
        **content,
        start=said.span.start,
        end=said.span.end,
        document_code=code,
        version=max((version.version for version in versions), default=0) + 1,
        reason=wanted.reason.strip(),
        state=TargetState.PROPOSED,
        proposed_by_id=user_id_of(actor),
        proposed_at=now(),
        source=source,
        source_row=wanted.row,
    )
    written(actor, "targets.proposed", made, after={**content, "version": made.version}, reason=made.reason)
    if not scored:
        bring_in_force(actor, made, versions)
    return made


def bring_in_force(actor: Actor, target: Target, versions: Iterable[Target], note: str = "") -> None:
    """Let a version hold from now on; the one before it is superseded, never changed."""
    for version in versions:
        if version.state == TargetState.IN_FORCE:
            version.state = TargetState.SUPERSEDED
            version.save(update_fields=["state"])
    target.state = TargetState.IN_FORCE
    target.decided_by_id, target.decided_at, target.decision = user_id_of(actor), now(), note.strip()
    target.save(update_fields=["state", "decided_by", "decided_at", "decision"])
    written(actor, "targets.in_force", target, after={"version": target.version}, reason=note)


def written(actor: Actor, action: str, target: Target, **values: object) -> None:
    """One audit entry about a target."""
    record(actor, action, target_type="target", target_id=target.pk, region_id=target.region_id, **values)  # type: ignore[arg-type]
