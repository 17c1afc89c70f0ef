"""Pages of the acceptance on the spot, its signatures, and the opinions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.notation import plain_number

from .. import forms as typed
from .. import queries
from ..models import Listing
from ..services import accepting
from ..visibility import READERS, may_above
from .common import form_page, listing_url, posted, taken, to


@require(Permission.LISTINGS_PREPARE)
@require_http_methods(["GET", "POST"])
def acceptance(request: HttpRequest, listing_id: int) -> HttpResponse:
    """Draw up the acceptance by the checklist."""
    actor = actor_of(request)
    listing = queries.get_listing(actor, listing_id)
    _must_prepare(actor, listing)
    language, items = interface_language(), listing.version.rules.checklist
    people = [(user.pk, user.full_name) for user in accepting.eligible(listing)]
    form = typed.AcceptanceForm(
        posted(request),
        items=[(item, item.name(language)) for item in items],
        people=people,
        initial={"held_on": today()},
    )

    def does(who: Actor, data: dict[str, Any]) -> object:
        scores = {item.code: Decimal(data[f"score_{item.code}"]) for item in items}
        notes = {item.code: data[f"note_{item.code}"] for item in items}
        team = [data["leads"], *data["team"]]
        return accepting.draw_up(
            who, listing_id, data["held_on"], data["findings"], scores, team, notes=notes
        )

    if taken(request, form, does, _("已形成验收记录，请验收组成员逐人签字。")):
        return to(listing_id)
    rules = listing.version.rules
    lead = _("满分%(full)s，合格%(pass)s。") % {
        "full": plain_number(rules.full_marks), "pass": plain_number(rules.pass_mark),
    }  # fmt: skip
    return form_page(
        request,
        form,
        _("现场验收"),
        listing.subject,
        listing_url(listing_id),
        lead,
        listing.region.tree.fictional,
    )


@require(*READERS)
@confirmed_identity
@require_POST
def sign(request: HttpRequest, listing_id: int) -> HttpResponse:
    """Sign the acceptance."""
    actor = actor_of(request)
    queries.get_listing(actor, listing_id)
    accepting.sign(actor, listing_id)
    return to(listing_id)


@require(Permission.LISTINGS_PREPARE)
@require_http_methods(["GET", "POST"])
def opinion(request: HttpRequest, listing_id: int, opinion_id: int) -> HttpResponse:
    """Enter what a unit answered."""
    actor = actor_of(request)
    listing = queries.get_listing(actor, listing_id)
    _must_prepare(actor, listing)
    asked = listing.opinions.filter(pk=opinion_id).first()
    if asked is None:
        raise NotFound(f"#{opinion_id}")
    form = typed.OpinionForm(posted(request))

    def does(who: Actor, data: dict[str, Any]) -> object:
        return accepting.enter_opinion(who, listing_id, opinion_id, data["agrees"], data["text"])

    if taken(request, form, does, _("已登记。")):
        return to(listing_id)
    title = _("登记意见")
    return form_page(
        request,
        form,
        title,
        listing.subject,
        listing_url(listing_id),
        asked.unit,
        listing.region.tree.fictional,
    )


def _must_prepare(actor: Actor, listing: Listing) -> None:
    if not may_above(actor, Permission.LISTINGS_PREPARE, listing.region):
        raise PermissionDenied(Permission.LISTINGS_PREPARE)
