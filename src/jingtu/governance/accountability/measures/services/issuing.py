"""Issuing the quarterly bulletin: its words in both languages are kept as they were."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from jingtu.core.kernel.actor import Actor, Permission, person_behind
from jingtu.core.kernel.clock import now, today
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied, Problem, refuse, register_texts
from jingtu.core.numbering.models import NumberSeries
from jingtu.core.numbering.services import allocate
from jingtu.core.regions.models import Region
from jingtu.engine.periods import Period, PeriodKind

from ..composing import compose, stored
from ..models import QuarterBulletin
from .common import checked, written

register_texts(
    {
        "measures.quarter": ("请选择已经结束的季度。", "Choose a quarter that is over."),
        "measures.bulletin_stands": (
            "这个季度的通报已经发布。",
            "The bulletin of this quarter has been issued already.",
        ),
    }
)


def issue_bulletin(
    actor: Actor, region_id: int, period: str, *, number: str = "", series_id: int | None = None
) -> QuarterBulletin:
    """Issue the bulletin of a quarter that is over. Raises PermissionDenied, InvalidInput, Conflict."""
    person = person_behind(actor, Permission.MEASURES_PREPARE)
    if not actor.can(Permission.MEASURES_PREPARE, region_id):
        raise PermissionDenied(Permission.MEASURES_PREPARE)
    region = Region.objects.select_related("tree").filter(pk=region_id, position__isnull=False).first()
    if region is None:
        raise NotFound(region_id, "region")
    quarter = Period.parse(period)
    if quarter.kind != PeriodKind.QUARTER or quarter.end >= today():
        raise refuse("measures.quarter", column="period")
    try:
        with transaction.atomic():
            bulletin = QuarterBulletin.objects.create(
                region=region, period=quarter.key, period_end=quarter.end, number=checked(number, "number", 64),
                content={}, issued_by_id=person, issued_at=now(),
            )  # fmt: skip
            if series_id is not None:
                if not NumberSeries.objects.filter(pk=series_id, region=region).exists():
                    raise refuse("measures.series_unknown", column="series")
                bulletin.number = allocate(
                    actor,
                    series_id,
                    subject=f"{region.name}{quarter.label('zh')}追责情况通报",
                    subject_en=f"Accountability bulletin, {region.name}, {quarter.label('en')}",
                    target=f"measures.bulletin:{bulletin.pk}",
                    link=f"/measures/bulletins/{bulletin.pk}/",
                ).text
            bulletin.content = {
                "zh": stored(compose(region, quarter, "zh", bulletin.number, today())),
                "en": stored(compose(region, quarter, "en", bulletin.number, today())),
            }
            bulletin.save(update_fields=["number", "content"])
            after = {"period": quarter.key, "number": bulletin.number}
            written(actor, "bulletin_issued", "measure_bulletin", bulletin.pk, region.pk, after=after)
    except IntegrityError as error:
        raise Conflict(Problem("measures.bulletin_stands")) from error
    return bulletin
