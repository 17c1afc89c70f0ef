"""Plans as tables: the one to fill in, and a plan in the same shape, to be changed and read in again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from jingtu.core.audit.exporting import Outgoing, export_table
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import PermissionDenied

from ..models import Plan, Task
from ..services.sheets import COLUMNS
from ..words import STATES
from .filters import TaskFilter
from .tasks import tasks

_EXAMPLES = (
    ("1", "建设禁毒教育基地", "建成并开放", "预防教育", "", "", "", "", "", "2026-01-01", "2026-06-30", 2,
     "选址@2026-02-28；开放@2026-06-30", "验收表"),
    ("1.1", "县区建设分馆", "", "", "", "", "", "", "", "", "2026-05-31", 1, "", ""),
)  # fmt: skip


def _header(actor: Actor) -> list[str]:
    return [names[actor.language == "en"] for names in COLUMNS.values()]


def template(actor: Actor) -> HttpResponseBase:
    """The columns, with two rows that show how a task and one below it are written. For whoever manages plans."""
    if not actor.can(Permission.PLANS_MANAGE):
        raise PermissionDenied(Permission.PLANS_MANAGE)
    table = Outgoing(_("任务表模板"), _header(actor), _EXAMPLES, len(_EXAMPLES))
    return export_table(
        actor, table, _("任务表模板"), "plans.exported", kind="xlsx", target_type="plan", target_id="template"
    )


def export(actor: Actor, plan: Plan, wanted: TaskFilter, scope: str = "") -> HttpResponseBase:
    """The tasks of a plan that the actor may read, as far as the filter keeps them; ``scope`` says it in words."""
    found = tasks(actor, wanted).prefetch_related("milestones", "deliverables", "supporting")
    header = [*_header(actor), _("状态"), _("进度")]
    table = Outgoing(
        plan.title,
        header,
        _rows(found.iterator(chunk_size=500)),
        found.count(),
        scope=scope,
        fictional=plan.region.tree.fictional,
    )
    return export_table(
        actor,
        table,
        _("任务表"),
        "plans.exported",
        kind="xlsx",
        target_type="plan",
        target_id=plan.pk,
        region_id=plan.region_id,
    )


def _rows(found: Iterator[Task]) -> Iterator[Sequence[object]]:
    for task in found:
        yield [
            task.number,
            task.title,
            task.requirement,
            task.strand,
            task.region.name,
            task.unit.name if task.unit else "",
            "；".join(unit.name for unit in task.supporting.all()),
            task.leader.username if task.leader else "",
            task.person.username if task.person else "",
            task.starts.isoformat() if task.starts else "",
            task.due.isoformat(),
            task.weight,
            "；".join(f"{one.title}@{one.due.isoformat()}" for one in task.milestones.all()),
            "；".join(one.title for one in task.deliverables.all()),
            str(STATES[task.state]),
            f"{task.progress // 100}%",
        ]
