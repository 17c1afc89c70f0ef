"""Pages of measures: parse, ask one service or query, draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.files.forms import upload_of
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied
from jingtu.core.numbering.models import NumberSeries
from jingtu.core.ui.middleware import interface_language

from . import queries, services, words
from .forms import EffectForm, MeasureFilterForm, StepForm
from .models import Measure
from .papers import has_paper
from .printing import attached
from .queries import READERS, MeasureFilter
from .rules import ANSWERING, REVIEWING, STILLING, Act, State, decides
from .services.measuring import NUMBERED, Given
from .visibility import speaks_for
from .words import NOTES

PAGE_SIZE = 25
VERBS: dict[Act, Callable[[Actor, int, Given], Measure]] = {
    Act.NOTICE: services.notice,
    Act.SERVE: services.serve,
    Act.REPLY: services.reply,
    Act.HEAR: services.hear,
    Act.SUSPEND: services.suspend,
    Act.RESUME: services.resume,
    Act.DECIDE: services.decide,
    Act.DROP: services.drop,
    Act.SERVE_DECISION: services.serve_decision,
    Act.OBJECT: services.object_to,
    Act.UPHOLD: services.uphold,
    Act.REVOKE: services.revoke,
    Act.LIFT: services.lift,
}
MAIN = frozenset({"notice", "serve", "reply", "decide", "serve_decision", "object", "uphold"})


def trail(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a page of this app."""
    return [(pgettext("measures", "追责"), reverse("measures:list")), *more]


@require_GET
def measure_list(request: HttpRequest) -> HttpResponse:
    """Measures, filtered by the address; also for the holder of a post whom one concerns."""
    actor = actor_of(request)
    if not any(actor.can(one) for one in READERS) and not queries.measures(actor).exists():
        raise PermissionDenied(Permission.MEASURES_READ)
    rungs = queries.rung_choices(actor)
    wanted = MeasureFilter(
        request.GET.get("state", "")[:16],
        request.GET.get("rung", "")[:32],
        request.GET.get("q", "")[:64].strip(),
    )
    page = Paginator(queries.measures(actor, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(row, words.STATES[row.state], *words.MARKS[row.state]) for row in page],
        "filters": MeasureFilterForm(request.GET, rungs=rungs),
        "filtered": bool(request.GET),
        "tab": "measures",
        **tabs(actor),
    }
    return render(request, "measures/list.html", context)


@require_GET
def detail(request: HttpRequest, measure_id: int) -> HttpResponse:
    """One measure: where it stands, its clocks, every step with its document, its effects."""
    actor = actor_of(request)
    found = queries.get_measure(actor, measure_id)
    kind = found.kind
    steps = found.steps.select_related("person", "file")
    proposal = found.proposal if found.proposal and queries.knows_proposal(actor, found.proposal) else None
    basis = NormativeDocument.objects.filter(code=kind.basis).first() if kind.basis else None
    context = {
        "measure": found,
        "kind": kind,
        "basis": basis,
        "tag": words.TAGS[kind.tag],
        "form": words.FORMS[kind.form],
        "state": (words.STATES[found.state], *words.MARKS[found.state]),
        "clocks": [(face, words.CLOCKS[face.key]) for face in queries.clock_faces(actor, found)],
        "history": [(one, words.DONE[one.act], has_paper(Act(one.act))) for one in steps],
        "effects": [(one, words.EFFECTS[one.effect]) for one in found.effects.all()],
        "allowed": [words.EFFECTS[one] for one in kind.effects],
        "acts": [
            (act.value, words.ACTS[act.value], act.value in MAIN) for act in queries.open_acts(actor, found)
        ],
        "proposal": proposal,
        "steps": trail((found.region.name, "")),
    }
    return render(request, "measures/detail.html", context)


@require_http_methods(["GET", "POST"])
@confirmed_identity
def step(request: HttpRequest, measure_id: int, act: str) -> HttpResponse:
    """One step of the due process."""
    if act not in {one.value for one in VERBS} | {Act.CHANGE.value}:
        raise Http404
    chosen, actor = Act(act), actor_of(request)
    found = queries.get_measure(actor, measure_id)
    series = NumberSeries.objects.filter(region_id=found.office_id)
    deciding = decides(chosen, State(found.state))
    stilling = chosen in STILLING and deciding
    on_paper = chosen in ANSWERING and not speaks_for(actor, found)
    form = StepForm(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        act=chosen,
        series=[(str(one.pk), one.name) for one in series],
        numbered=chosen in NUMBERED or stilling,
        dated=stilling or on_paper,
    )

    def does(data: dict[str, Any]) -> object:
        file = data["file"]
        given = Given(
            data["text"],
            data.get("on"),
            data.get("number", ""),
            int(data["series"]) if data.get("series") else None,
            upload_of(file) if file else None,
        )
        if chosen is Act.CHANGE:
            return services.change(actor, measure_id, given, data["months"])
        return VERBS[chosen](actor, measure_id, given)

    return acted(
        request,
        form,
        does,
        reverse("measures:detail", args=[measure_id]),
        str(words.ACTS[act]),
        f"{found.region.name} · {found.name}",
        allowed=chosen in queries.open_acts(actor, found),
        clocks=[(face, words.CLOCKS[face.key]) for face in queries.clock_faces(actor, found)],
        permission=Permission.MEASURES_DECIDE if deciding else Permission.MEASURES_PREPARE,
        note=NOTES.get(chosen, "") if stilling or chosen in REVIEWING else "",
    )


@require(Permission.MEASURES_PREPARE)
@require_http_methods(["GET", "POST"])
def effect(request: HttpRequest, measure_id: int) -> HttpResponse:
    """Record one effect with the body that decided it and its document."""
    actor = actor_of(request)
    found = queries.get_measure(actor, measure_id)
    choices = [(one, words.EFFECTS[one]) for one in found.kind.effects]
    form = EffectForm(request.POST if request.method == "POST" else None, effects=choices)

    def does(data: dict[str, Any]) -> object:
        return services.record_effect(
            actor,
            measure_id,
            data["effect"],
            body=data["body"],
            document_number=data["document_number"],
            document_date=data["document_date"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
        )

    return acted(
        request,
        form,
        does,
        reverse("measures:detail", args=[measure_id]),
        str(words.ACTS["effect"]),
        f"{found.region.name} · {found.name}",
        allowed=Act.EFFECT in queries.open_acts(actor, found),
    )


@require_GET
def paper(request: HttpRequest, measure_id: int, step_id: int, language: str, extension: str) -> FileResponse:
    """The document of a step; the download is counted in the audit trail."""
    content = services.take_paper(actor_of(request), measure_id, step_id, language, extension)
    return attached(content, f"measure-{measure_id}-{step_id}-{language}", extension)


# -- for all pages of the app ------------------------------------------------------------------------------


def tabs(actor: Actor) -> dict[str, bool]:
    """Which tabs the actor has."""
    return {
        "sees_proposals": actor.can(Permission.MEASURES_READ),
        "sets": actor.can(Permission.MEASURES_PREPARE),
    }


def acted(
    request: HttpRequest,
    form: forms.Form,
    does: Callable[[dict[str, Any]], object],
    back: str,
    title: str,
    about: str,
    *,
    allowed: bool,
    permission: Permission = Permission.MEASURES_PREPARE,
    clocks: object = (),
    note: object = "",
) -> HttpResponse:
    """A form for one act: shown, done, or shown again with what was wrong."""
    if not allowed:
        raise PermissionDenied(permission)
    if request.method == "POST" and form.is_valid() and succeeded(form, lambda: does(form.cleaned_data)):
        messages.success(request, _("已办理。"))
        return redirect(back)
    context = {
        "form": form, "title": title, "about": about, "back": back, "clocks": clocks, "note": note,
        "steps": trail((about, back), (title, "")),
    }  # fmt: skip
    return render(request, "measures/act.html", context, status=status_of(form))


def succeeded(form: forms.Form, does: Callable[[], object]) -> bool:
    """Do it; what was wrong goes into the form."""
    try:
        does()
    except InvalidInput as error:
        for problem in error.problems:
            name = problem.column if problem.column in form.fields else None
            form.add_error(name, problem.text(interface_language()))
    except Conflict as error:
        form.add_error(None, error.problem.text(interface_language()))
    else:
        return True
    return False


def status_of(form: forms.Form) -> int:
    """400 for a form with faults."""
    return 400 if form.is_bound and form.errors else 200
