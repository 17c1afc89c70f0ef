"""Which forms and reports a change of regions touches."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import today
from jingtu.core.regions.effects import Affected, EffectLine
from jingtu.core.regions.models import Region
from jingtu.core.regions.reach import inside

from .definition import Who
from .models import Form, Proxy, Report
from .queries.due import Matcher, asked_now, places_of, published_forms
from .rules import ReportState
from .visibility import looking


def affected_reports(actor: Actor, affected: Affected) -> Sequence[EffectLine] | None:
    """Forms asked of the regions, forms that name a code that goes, reports and proxies still open.

    A constant number of queries.
    """
    spans = looking(actor)
    if not spans:
        return None
    seen = Region.objects.filter(inside(spans), affected.within(""), valid_to__isnull=True)
    ids = list(seen.values_list("pk", flat=True))
    forms = [entry for entry in published_forms() if entry[0].tree_id == affected.tree.pk]
    asked = asked_now(forms, today())
    matcher = Matcher(places_of(ids))
    matcher.read(one.version for _form, one in asked)
    units: dict[str, set[int]] = {}
    for form, one in asked:
        found = matcher.units(form.tree_id, one.version.content, one.period)
        units.setdefault(form.name, set()).update(place.pk for place in found)
    naming = [form for form, versions in forms if _names(versions[0].content.who, affected.codes)]
    reports = Report.objects.filter(region_id__in=ids).exclude(state=ReportState.ACCEPTED.value)
    proxies = Proxy.objects.filter(
        region_id__in=ids, state__in=(Proxy.State.ASKED, Proxy.State.APPROVED), valid_to__gte=today()
    )
    lines = [
        EffectLine(_("“%(form)s”的填报单位") % {"form": name}, len(places), url=reverse("reporting:progress"))
        for name, places in sorted(units.items())
        if places
    ]
    if naming:
        detail = "、".join(form.name for form in naming)
        lines.append(EffectLine(_("报表点名了将不再有效的代码，须改版"), len(naming), detail))
    if count := reports.count():
        lines.append(EffectLine(_("尚未办结的报表"), count, _forms(reports), reverse("reporting:missing")))
    if count := proxies.count():
        lines.append(EffectLine(_("代填委托"), count, url=reverse("reporting:proxies")))
    return lines


def _names(who: Who, codes: frozenset[str]) -> bool:
    return who.within in codes or any(code in codes for code in who.listed)


def _forms(reports: QuerySet[Report]) -> str:
    forms = Form.objects.filter(pk__in=reports.values("form_id"))
    return "、".join(form.name for form in forms)
