"""The agenda: what is proposed, what is on it, in which order, with which papers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Permission

from .. import services
from ..forms_inside import ItemForm
from ..models import AgendaItem, Meeting
from ..proposing import chosen, proposals
from ..queries import get_managed, meeting_page, people_choices
from ..words import POINT_KINDS
from .common import attempt, done, trail_of


@require(Permission.MEETINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def agenda(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Put the agenda together."""
    actor = actor_of(request)
    meeting = get_managed(actor, meeting_id)
    page = meeting_page(actor, meeting_id)
    form = ItemForm(
        request.POST or None, request.FILES or None, people=people_choices(actor, meeting.region_id)
    )

    def deed() -> None:
        files = form.cleaned_data["papers"]
        services.add_item(actor, meeting_id, form.data_for_service(), files)

    if attempt(request, form, deed):
        messages.success(request, _("议题已加入。"))
        return redirect("meetings:agenda", meeting_id)
    return render(
        request,
        "meetings/agenda.html",
        {
            "page": page,
            "meeting": meeting,
            "rows": [(item, POINT_KINDS.get(item.kind, item.kind)) for item in page.items],
            "proposed": proposals(actor, meeting),
            "form": form,
            "open": meeting.state in ("planned", "invited"),
            "fictional": meeting.region.tree.fictional,
            "steps": trail_of(meeting, _("议程")),
        },
        status=400 if form.errors else 200,
    )


@require(Permission.MEETINGS_MANAGE)
@require_POST
def take(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Put the ticked proposals on the agenda."""
    actor = actor_of(request)
    meeting = get_managed(actor, meeting_id)
    wanted = chosen(actor, meeting, request.POST.getlist("point"))
    said = ngettext("已加入 %(count)s 个议题。", "已加入 %(count)s 个议题。", len(wanted)) % {
        "count": len(wanted)
    }
    return done(
        request, lambda: services.take_points(actor, meeting_id, wanted), said, "meetings:agenda", meeting_id
    )


@require(Permission.MEETINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, item_id: int) -> HttpResponse:
    """Who presents an item, for how long, with which papers."""
    actor = actor_of(request)
    meeting, found = _item(request, item_id)
    fixed = found.kind != "own" or meeting.frozen
    form = ItemForm(
        request.POST or None,
        request.FILES or None,
        people=people_choices(actor, meeting.region_id),
        fixed=fixed,
        initial={
            "title": found.title_zh,
            "detail": found.detail_zh,
            "presenter": found.presenter,
            "presenter_person": found.presenter_person_id,
            "minutes": found.minutes,
        },
    )

    def deed() -> None:
        files = form.cleaned_data["papers"]
        services.change_item(actor, item_id, form.data_for_service(), files)

    if attempt(request, form, deed):
        messages.success(request, _("议题已修改。"))
        return redirect("meetings:agenda", meeting.pk)
    title = _("修改议题")
    return render(
        request,
        "meetings/item.html",
        {
            "form": form,
            "item": found,
            "papers": list(found.papers.select_related("file")),
            "title": title,
            "meeting": meeting,
            "back": reverse("meetings:agenda", args=[meeting.pk]),
            "fictional": meeting.region.tree.fictional,
            "steps": trail_of(meeting, title),
        },
        status=400 if form.errors else 200,
    )


@require(Permission.MEETINGS_MANAGE)
@require_POST
def shift(request: HttpRequest, item_id: int) -> HttpResponse:
    """One place up or down."""
    meeting, found = _item(request, item_id)
    by = -1 if request.POST.get("to") == "up" else 1
    response = done(
        request,
        lambda: services.shift_item(actor_of(request), found.pk, by),
        _("顺序已调整。"),
        "meetings:agenda",
        meeting.pk,
    )
    response["Location"] += f"#item-{found.pk}"
    return response


@require(Permission.MEETINGS_MANAGE)
@require_POST
def drop(request: HttpRequest, item_id: int) -> HttpResponse:
    """Take an item off the draft."""
    meeting, found = _item(request, item_id)
    return done(
        request,
        lambda: services.drop_item(actor_of(request), found.pk),
        _("议题已从草稿中去掉。"),
        "meetings:agenda",
        meeting.pk,
    )


@require(Permission.MEETINGS_MANAGE)
@require_POST
def drop_paper(request: HttpRequest, item_id: int, paper_id: int) -> HttpResponse:
    """Take a paper away again."""
    _meeting, found = _item(request, item_id)
    get_object_or_404(found.papers, pk=paper_id)
    return done(
        request,
        lambda: services.drop_paper(actor_of(request), paper_id),
        _("材料已去掉。"),
        "meetings:item",
        item_id,
    )


def _item(request: HttpRequest, item_id: int) -> tuple[Meeting, AgendaItem]:
    """An item and its meeting, if the actor may know of it."""
    found = get_object_or_404(AgendaItem, pk=item_id)
    return get_managed(actor_of(request), found.meeting_id), found
