"""What is read of situation reports: issued ones by readers of the region, drafts by those who work on them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from jingtu.core.files.models import StoredFile
from jingtu.core.files.queries import get_file
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound
from jingtu.core.regions.models import Region
from jingtu.core.regions.places import own_places

from .models import SituationReport
from .rules import ReportState

DRAFT_PERMISSIONS = (Permission.RUNS_PREPARE, Permission.RUNS_APPROVE)


def reports(actor: Actor) -> QuerySet[SituationReport]:
    """The newest first. A constant number of queries."""
    found = SituationReport.objects.select_related("region__tree", "prepared_by", "approved_by")
    if getattr(actor, "unrestricted", False):
        return found
    issued, drafts = _inside(actor, Permission.RESULTS_READ), Q(pk__in=[])
    for permission in DRAFT_PERMISSIONS:
        drafts |= _inside(actor, permission)
    return found.filter((Q(state=ReportState.ISSUED.value) & issued) | drafts)


def _inside(actor: Actor, permission: Permission) -> Q:
    """Reports on regions inside the actor's posts."""
    condition = Q(pk__in=[])
    ids = [scope.region_id for scope in actor.scopes(permission)]
    for pk, tree, first, last in Region.objects.filter(pk__in=ids).values_list(
        "pk", "tree_id", "position", "last"
    ):
        condition |= Q(region_id=pk)
        if first is not None:
            condition |= Q(region__tree_id=tree, region__position__gte=first, region__position__lte=last)
    return condition


def get_report(actor: Actor, report_id: int) -> SituationReport:
    """One report. Raises NotFound also where it is not the actor's to know."""
    found = reports(actor).filter(pk=report_id).first()
    if found is None:
        raise NotFound(report_id, "situation_report")
    return found


def printed_file(actor: Actor, report_id: int, extension: str, language: str) -> StoredFile:
    """One printed file. Raises NotFound."""
    printed = get_report(actor, report_id).files.filter(format=extension, language=language).first()
    if printed is None:
        raise NotFound(f"{language}.{extension}", "file")
    return get_file(actor, printed.file_id)


def may_open(actor: Actor, stored: StoredFile) -> bool:
    """Files of a report are open to its readers."""
    return reports(actor).filter(files__file_id=stored.pk).exists()


def regions_to_write_on(actor: Actor) -> list[Region]:
    """The regions whose report the actor may draft: those of the posts. One query."""
    return list(own_places(actor, Permission.RUNS_PREPARE))
