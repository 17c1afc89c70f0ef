"""Minutes and decisions: written, handed in, confirmed by the chair; papers bound and minutes printed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound
from jingtu.engine.problems import Language

from .. import services
from ..decided import decision_rows
from ..forms import ReasonForm
from ..forms_inside import DecisionForm, MinutesForm
from ..minuting import FORMATS
from ..models import Decision, Meeting
from ..queries import decision_choices, get_managed, get_meeting
from ..rules import MeetingState
from ..services.common import wrong_state
from .common import attempt, done, trail_of


@require(Permission.MEETINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def minutes(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Write the minutes, item by item."""
    actor = actor_of(request)
    meeting = get_managed(actor, meeting_id)
    items = list(meeting.items.all())
    form = MinutesForm(request.POST or None, items=items)

    def deed() -> None:
        services.record_items(actor, meeting_id, form.records())
        if "hand_in" in request.POST:
            services.hand_in(actor, meeting_id)

    if attempt(request, form, deed):
        if "hand_in" in request.POST:
            messages.success(request, _("纪要已提交主持人确认。"))
            return redirect("meetings:detail", meeting_id)
        messages.success(request, _("纪要已保存。"))
        return redirect("meetings:minutes", meeting_id)
    decisions = list(meeting.decisions.select_related("meeting", "region", "unit", "person", "item"))
    return render(
        request,
        "meetings/minutes.html",
        {
            "form": form,
            "meeting": meeting,
            "rows": decision_rows(actor, decisions, meeting.held_on),
            "open": meeting.state == "held",
            "fictional": meeting.region.tree.fictional,
            "steps": trail_of(meeting, _("会议纪要")),
        },
        status=400 if form.errors else 200,
    )


@require(Permission.MEETINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def decision_new(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Write down a decision."""
    meeting = get_managed(actor_of(request), meeting_id)
    return _decision(request, meeting, None)


@require(Permission.MEETINGS_MANAGE)
@require_http_methods(["GET", "POST"])
def decision_edit(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Change a decision; once the minutes are handed in nothing is offered that would be refused."""
    found = _found(decision_id)
    meeting = get_managed(actor_of(request), found.meeting_id)
    if request.method == "GET" and meeting.state != MeetingState.HELD:
        messages.error(request, wrong_state(meeting).text(actor_of(request).language))
        return redirect("meetings:minutes", meeting.pk)
    return _decision(request, meeting, found)


def _decision(request: HttpRequest, meeting: Meeting, found: Decision | None) -> HttpResponse:
    actor = actor_of(request)
    initial = (
        {
            "text": found.text,
            "due": found.due,
            "region": found.region_id,
            "unit": found.unit_id,
            "person": found.person_id,
            "item": found.item_id,
        }
        if found
        else {"region": meeting.region_id}
    )
    form = DecisionForm(request.POST or None, initial=initial, choices=decision_choices(actor, meeting))

    def deed() -> None:
        wanted = form.data_for_service()
        if found is None:
            services.add_decision(actor, meeting.pk, wanted)
        else:
            services.change_decision(actor, found.pk, wanted)

    if attempt(request, form, deed):
        messages.success(request, _("决定已记录。"))
        return redirect("meetings:minutes", meeting.pk)
    title = _("记录决定") if found is None else _("修改决定")
    return render(
        request,
        "meetings/form.html",
        {
            "form": form,
            "title": title,
            "button": _("保存"),
            "meeting": meeting,
            "back": reverse("meetings:minutes", args=[meeting.pk]),
            "fictional": meeting.region.tree.fictional,
            "steps": trail_of(meeting, title),
        },
        status=400 if form.errors else 200,
    )


@require(Permission.MEETINGS_MANAGE)
@require_POST
def decision_drop(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Strike a decision from minutes that are still being written."""
    found = _found(decision_id)
    meeting = get_managed(actor_of(request), found.meeting_id)
    return done(
        request,
        lambda: services.drop_decision(actor_of(request), decision_id),
        _("决定已从纪要中去掉。"),
        "meetings:minutes",
        meeting.pk,
    )


@require_POST
@confirmed_identity
def confirm(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """The chair confirms."""
    meeting = get_meeting(actor_of(request), meeting_id)
    decided = meeting.decisions.exists()
    return done(
        request,
        lambda: services.confirm(actor_of(request), meeting_id),
        _("纪要已确认，决定已列为任务。") if decided else _("纪要已确认，会议没有形成决定。"),
        "meetings:detail",
        meeting_id,
    )


@require_http_methods(["GET", "POST"])
def give_back(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """The chair returns the minutes."""
    actor = actor_of(request)
    meeting = get_meeting(actor, meeting_id)
    services.must_chair(actor, meeting)
    form = ReasonForm(request.POST or None)
    if attempt(request, form, lambda: services.give_back(actor, meeting_id, form.cleaned_data["reason"])):
        messages.success(request, _("纪要已退回。"))
        return redirect("meetings:detail", meeting_id)
    title = _("退回纪要")
    return render(
        request,
        "meetings/form.html",
        {
            "form": form,
            "title": title,
            "button": title,
            "meeting": meeting,
            "back": reverse("meetings:detail", args=[meeting_id]),
            "fictional": meeting.region.tree.fictional,
            "steps": trail_of(meeting, title),
        },
        status=400 if form.errors else 200,
    )


@require(Permission.MEETINGS_MANAGE)
@require_POST
def pack(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Have the papers bound."""
    actor = actor_of(request)
    get_managed(actor, meeting_id)
    language: Language = "en" if request.POST.get("language") == "en" else "zh"
    try:
        job = services.ask_for_pack(actor, meeting_id, language)
    except (Conflict, InvalidInput) as error:
        problem = error.problem if isinstance(error, Conflict) else error.problems[0]
        messages.error(request, problem.text(actor.language))
        return redirect("meetings:detail", meeting_id)
    return redirect("jobs:detail", job.pk)


@require_GET
def printed(request: HttpRequest, meeting_id: int, extension: str) -> HttpResponse:
    """The minutes as a document; recorded as a download."""
    if extension not in FORMATS:
        raise NotFound(extension)
    actor = actor_of(request)
    language: Language = "en" if request.GET.get("language", actor.language) == "en" else "zh"
    name, content = services.print_minutes(actor, meeting_id, extension, language)
    response = HttpResponse(content, content_type=CONTENT[extension])
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


CONTENT = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}


def _found(decision_id: int) -> Decision:
    found = Decision.objects.filter(pk=decision_id).first()
    if found is None:
        raise NotFound(f"#{decision_id}")
    return found
