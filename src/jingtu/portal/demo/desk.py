"""What the demonstration keeps at hand: a signed situation report, a few saved views, a subscription."""

from __future__ import annotations

from jingtu.assessment.situation import services as situation
from jingtu.assessment.situation.models import SituationReport
from jingtu.assessment.subscriptions import services as subscriptions
from jingtu.assessment.subscriptions.models import Subscription
from jingtu.core.kernel.actor import SYSTEM, actor_named
from jingtu.core.numbering import services as numbering
from jingtu.core.regions import queries as regions
from jingtu.portal.demo.people import CITY
from jingtu.portal.saved.models import SavedView
from jingtu.portal.saved.services import save_view

QUARTER = "2026-Q3"


def set_out() -> None:
    """Sign the quarter's situation report, save the views, subscribe; what stands is left as it is."""
    city = regions.root_of(SYSTEM, regions.tree_by_slug(SYSTEM, CITY[0]))
    if not SituationReport.objects.filter(region=city, period=QUARTER).exists():
        report = situation.draft(actor_named("analyst"), city.pk, QUARTER)
        situation.submit(actor_named("analyst"), report.pk)
        series = numbering.make_series(actor_named("analyst"), city.pk, name="形势分析", office="示禁办析")
        situation.approve(
            actor_named("reviewer"),
            report.pk,
            issuer_zh="示范市禁毒委员会办公室",
            issuer_en="Drug Control Office of the Demonstration City",
            series_id=series.pk,
        )
    shared = (
        ("全市触红线", f"/?region={city.pk}&mark=below"),
        ("执行率走势", f"/indicators/?region={city.pk}&indicator=CDT_EXEC&n=25"),
    )
    for name, address in shared:
        if not SavedView.objects.filter(owner__username="analyst", name=name).exists():
            save_view(actor_named("analyst"), name, address, share_with=city.pk)
    if not Subscription.objects.filter(person__username="analyst").exists():
        counties = [region.pk for region in regions.children(SYSTEM, city)[:2]]
        subscriptions.save(
            actor_named("analyst"),
            name="每周重点指标",
            regions=[city.pk, *counties],
            indicators=["CDT_EXEC", "NEW_GROWTH", "HANDLE"],
            cadence=Subscription.Cadence.WEEKLY,
            way=Subscription.Way.INSIDE,
        )
