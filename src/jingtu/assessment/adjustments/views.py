"""Pages of entries and vetoes: parse, ask one service or query, draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput, PermissionDenied
from jingtu.core.regions.places import offered_places
from jingtu.core.regions.queries import get_region
from jingtu.core.ui.middleware import interface_language

from . import queries, services, words
from .forms import EntryForm, FilterForm, NoteForm, ReasonForm, ReplyForm, VetoForm
from .models import Entry
from .queries import READERS, EntryFilter
from .rules import EntryAction

PAGE_SIZE = 25
_DECISIONS: dict[EntryAction, Callable[[Actor, int, str], Entry]] = {
    EntryAction.APPROVE: services.approve,
    EntryAction.REFUSE: services.refuse_entry,
    EntryAction.WITHDRAW: services.withdraw,
}


def _trail(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("加减分与否决"), reverse("adjustments:list")), *more]


@require(*READERS)
@require_GET
def entry_list(request: HttpRequest) -> HttpResponse:
    """Bonus and deduction entries, filtered by the address."""
    actor = actor_of(request)
    names = _line_names(actor)
    page = Paginator(queries.entries(actor, _wanted(request, words.STATES)), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    rows = [
        (entry, words.LINES[entry.line], names.get(entry.indicator, entry.indicator), words.STATES[entry.state],
         *words.MARKS[entry.state])
        for entry in page
    ]  # fmt: skip
    context = {
        "page": page,
        "rows": rows,
        "filters": _filters(request, actor, words.STATES),
        "filtered": bool(request.GET),
        "may_file": actor.can(Permission.ENTRIES_FILE) or actor.can(Permission.RUNS_APPROVE),
        "tab": "entries",
    }
    return render(request, "adjustments/list.html", context)


@require(*READERS)
@require_GET
def veto_list(request: HttpRequest) -> HttpResponse:
    """Vetoes that fired, filtered by the address."""
    actor = actor_of(request)
    page = Paginator(queries.vetoes(actor, _wanted(request, words.VETO_STATES)), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    rows = [(case, words.VETO_STATES[case.state], *words.VETO_MARKS[case.state]) for case in page]
    context = {
        "page": page,
        "rows": rows,
        "filters": _filters(request, actor, words.VETO_STATES),
        "filtered": bool(request.GET),
        "tab": "vetoes",
    }
    return render(request, "adjustments/vetoes.html", context)


@require(*READERS)
@require_GET
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """One entry with its evidence and course."""
    actor = actor_of(request)
    found = queries.get_entry(actor, entry_id)
    context = {
        "entry": found,
        "line": words.LINES[found.line],
        "name": _line_names(actor).get(found.indicator, found.indicator),
        "card": _card_names(actor).get(found.scorecard, found.scorecard),
        "state": (words.STATES[found.state], *words.MARKS[found.state]),
        "files": [piece.file for piece in found.evidence.select_related("file")],
        "acts": [(act.value, words.ACTS[act.value]) for act in queries.open_acts(actor, found)],
        "steps": _trail((_("第%(number)s号") % {"number": found.pk}, "")),
    }
    return render(request, "adjustments/entry.html", context)


@require(*READERS)
@require_GET
def veto(request: HttpRequest, case_id: int) -> HttpResponse:
    """One veto: what it rests on, the reply, the decision."""
    actor = actor_of(request)
    found = queries.get_veto(actor, case_id)
    context = {
        "case": found,
        "card": _card_names(actor).get(found.scorecard, found.scorecard),
        "value": queries.value_shown(actor, found),
        "effect": words.EFFECTS.get(found.effect, found.effect),
        "state": (words.VETO_STATES[found.state], *words.VETO_MARKS[found.state]),
        "may_reply": queries.may_reply(actor, found),
        "may_decide": queries.may_decide(actor, found),
        "steps": _trail((_("一票否决"), reverse("adjustments:vetoes")), (found.region.name, "")),
    }
    return render(request, "adjustments/veto.html", context)


@require(Permission.ENTRIES_FILE, Permission.RUNS_APPROVE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """State a bonus or a deduction."""
    actor = actor_of(request)
    form = EntryForm(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        initial=request.GET.dict(),
        lines=_line_options(actor),
        regions=_places(actor),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        card, line, indicator = data["line"].split("|")
        region = get_region(actor, data["region"])
        try:
            made = services.enter(
                actor,
                region,
                card,
                line,
                indicator,
                data["period"],
                str(data["count"]),
                data["reason"],
                data["evidence"],
            )
        except InvalidInput as error:
            _show(form, error)
        except Conflict as error:
            form.add_error(None, error.problem.text(interface_language()))
        else:
            messages.success(request, _("已申报，等待另一人审批。"))
            return redirect("adjustments:entry", made.pk)
    steps = _trail((_("申报加减分"), ""))
    return render(request, "adjustments/new.html", {"form": form, "steps": steps}, status=_status(form))


@require(*READERS)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, entry_id: int, act: str) -> HttpResponse:
    """Approve, refuse or withdraw an entry."""
    action = EntryAction(act)
    found = queries.get_entry(actor_of(request), entry_id)
    problem = queries.refusal(actor_of(request), found, action)
    if problem is not None and problem.code == "adjustments.wrong_state":
        raise Conflict(problem)  # the other tab, or somebody else, was faster
    does = _DECISIONS[action]
    kind: type[forms.Form] = NoteForm if action is EntryAction.APPROVE else ReasonForm
    return _act(
        request,
        kind(request.POST if request.method == "POST" else None),
        lambda actor, data: does(actor, entry_id, data["reason"]),
        reverse("adjustments:entry", args=[entry_id]),
        str(words.ACTS[act]),
        found.region.name,
        allowed=problem is None,
    )


@require(*READERS)
@require_http_methods(["GET", "POST"])
def reply(request: HttpRequest, case_id: int) -> HttpResponse:
    """Reply to a veto for the place."""
    found = queries.get_veto(actor_of(request), case_id)
    return _act(
        request,
        ReplyForm(request.POST if request.method == "POST" else None, initial={"reason": found.reply}),
        lambda actor, data: services.reply(actor, case_id, data["reason"]),
        reverse("adjustments:veto", args=[case_id]),
        _("提交答辩"),
        f"{found.region.name} · {found.name}",
        allowed=actor_of(request).can(Permission.APPEALS_FILE, found.region_id),
    )


@require(*READERS)
@require_http_methods(["GET", "POST"])
def decide_veto(request: HttpRequest, case_id: int) -> HttpResponse:
    """Decide a veto."""
    found = queries.get_veto(actor_of(request), case_id)
    return _act(
        request,
        VetoForm(request.POST if request.method == "POST" else None),
        lambda actor, data: services.decide_veto(
            actor, case_id, data["reason"], applies=data["outcome"] == "apply"
        ),
        reverse("adjustments:veto", args=[case_id]),
        _("作出决定"),
        f"{found.region.name} · {found.name}",
        allowed=actor_of(request).can(Permission.RUNS_APPROVE, found.region_id),
    )


# -- inside ------------------------------------------------------------------------------------------------


def _act(
    request: HttpRequest,
    form: forms.Form,
    does: Callable[[Actor, dict[str, Any]], object],
    back: str,
    title: str,
    about: str,
    *,
    allowed: bool,
) -> HttpResponse:
    """A form for one act: shown, done, or shown again with what was wrong."""
    if not allowed:
        raise PermissionDenied(Permission.RUNS_APPROVE)
    if request.method == "POST" and form.is_valid():
        try:
            does(actor_of(request), form.cleaned_data)
        except InvalidInput as error:
            _show(form, error)
        except Conflict as error:
            form.add_error(None, error.problem.text(interface_language()))
        else:
            messages.success(request, _("已办理。"))
            return redirect(back)
    context = {"form": form, "title": title, "about": about, "back": back, "steps": _trail((title, ""))}
    return render(request, "adjustments/act.html", context, status=_status(form))


def _status(form: forms.Form) -> int:
    return 400 if form.is_bound and form.errors else 200


def _show(form: forms.Form, error: InvalidInput) -> None:
    for problem in error.problems:
        name = problem.column if problem.column in form.fields else None
        form.add_error(name, problem.text(interface_language()))


def _wanted(request: HttpRequest, states: dict[str, Any]) -> EntryFilter:
    state = request.GET.get("state", "")
    return EntryFilter(
        state if state in states else "", request.GET.get("scorecard", ""), request.GET.get("period", "")[:32]
    )


def _filters(request: HttpRequest, actor: Actor, states: dict[str, Any]) -> FilterForm:
    return FilterForm(request.GET, scorecards=list(_card_names(actor).items()), states=states)


def _card_names(actor: Actor) -> dict[str, str]:
    return {code: card.name(interface_language()) for code, card in queries.scorecards(actor).items()}


def _line_names(actor: Actor) -> dict[str, str]:
    return {choice.indicator: choice.name for choice in queries.line_choices(actor)}


def _line_options(actor: Actor) -> list[tuple[str, str]]:
    cards = _card_names(actor)
    return [
        (
            f"{one.scorecard}|{one.line}|{one.indicator}",
            _("%(card)s · %(line)s：%(name)s（每项%(each)s分，最多%(most)s分）")
            % {
                "card": cards[one.scorecard], "line": words.LINES[one.line], "name": one.name, "each": one.each,
                "most": one.most,
            },
        )
        for one in queries.line_choices(actor)
    ]  # fmt: skip


def _places(actor: Actor) -> list[tuple[int, str]]:
    """Places the actor may state an entry for, of the levels that cards assess."""
    levels = {card.level for card in queries.scorecards(actor).values()}
    return offered_places(actor, Permission.ENTRIES_FILE, Permission.RUNS_APPROVE, levels=levels)
