"""The page on which a listing is proposed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import PermissionDenied
from jingtu.core.kernel.ids import id_in
from jingtu.core.regions.models import Region
from jingtu.core.regions.places import offered_places
from jingtu.core.regions.queries import get_region
from jingtu.core.ui.middleware import interface_language

from .. import forms as typed
from .. import queries
from ..models import Listing, RuleVersion
from ..queries.candidates import candidate_of
from ..services import proposing
from ..services.proposing import VenueData
from ..visibility import may_above
from .common import form_page, posted, taken, to


@require(Permission.LISTINGS_PREPARE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Propose to list a region or a venue."""
    actor = actor_of(request)
    versions = queries.rules_for(actor)
    language = interface_language()
    rules = [
        (f"{version.pk}|{one.code}", f"{version.rule_set.label} · {one.name(language)}")
        for version in versions
        for one in sorted(version.rules.classes, key=lambda one: one.rank)
    ]
    former = _former(actor, request.GET.get("former", ""))
    initial: dict[str, object] = dict(request.GET.items())
    if former is not None:
        initial |= {"region": former.region_id, "problem": former.problem, "level": former.level}
    form = typed.ProposeForm(
        posted(request),
        request.FILES or None,
        regions=[(former.region_id, former.region.name)]
        if former
        else offered_places(actor, Permission.LISTINGS_PREPARE, beneath=True),
        rules=rules,
        initial=initial,
    )
    if former is not None and former.venue_id is not None:
        for name in ("venue_name", "venue_kind", "venue_address"):
            del form.fields[name]

    def does(who: Actor, data: dict[str, Any]) -> Listing:
        number, _bar, code = data["rule"].partition("|")
        version = next(one for one in versions if str(one.pk) == number)
        place = get_region(who, data["region"])
        venue = None
        if any(data.get(name) for name in ("venue_name", "venue_kind", "venue_address")):
            venue = VenueData(data["venue_name"], data["venue_kind"], data["venue_address"])
        said = _evidence(who, version, place) if venue is None else ([], [])
        return proposing.propose(
            who, place.pk, version.pk, code, data["problem"], data["level"], data["grounds"],
            venue=venue, evidence=said[0], against=said[1], former_id=former.pk if former else None, files=data["evidence"],
        )  # fmt: skip

    made = taken(request, form, does, _("已提出；送达告知、听取意见之后，由上级负责人决定。"))
    if made:
        return to(made.pk)
    title = _("提出挂牌") if former is None else _("提出重新挂牌或提级")
    lead = (
        _("系统只列出依据和不同意见，不作决定。") if rules else _("还没有规则，请先在“规则”中采用一套预设。")
    )
    return form_page(request, form, title, "", reverse("listings:list"), lead)


def _evidence(
    actor: Actor, version: RuleVersion, place: Region
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    if not may_above(actor, Permission.LISTINGS_PREPARE, place):
        raise PermissionDenied(Permission.LISTINGS_PREPARE)
    found = candidate_of(actor, version, place)
    return [hit.plain() for hit in found.hits], found.against


def _former(actor: Actor, text: str) -> Listing | None:
    number = id_in(text)
    return None if number is None else queries.get_listing(actor, number)
