"""Pages of proposals: what the rules found, what speaks against it, the file, the decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.kernel.actor import Permission
from jingtu.core.ui.middleware import interface_language

from . import queries, services, words
from .forms import DecisionForm, FileForm, ProposalFilterForm
from .ladders import find
from .models import Proposal
from .queries import ProposalFilter
from .registry import handover_of, rule_kinds
from .sentences import lines
from .views import PAGE_SIZE, acted, tabs, trail


@require(Permission.MEASURES_READ)
@require_GET
def proposal_list(request: HttpRequest) -> HttpResponse:
    """Proposals, filtered by the address."""
    actor, language = actor_of(request), interface_language()
    kinds = {key: kind.label(language) for key, kind in rule_kinds().items()}
    wanted = ProposalFilter(
        request.GET.get("state", "")[:16],
        request.GET.get("kind", "")[:64],
        request.GET.get("q", "")[:64].strip(),
    )
    page = Paginator(queries.proposals(actor, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [
        (
            row,
            kinds.get(row.kind, row.kind),
            lines(row.evidence[:1], language),
            len(row.against),
            words.PROPOSAL_STATES[row.state],
            *words.PROPOSAL_MARKS[row.state],
        )
        for row in page
    ]
    context = {
        "page": page,
        "rows": rows,
        "filters": ProposalFilterForm(request.GET, kinds=list(kinds.items())),
        "filtered": bool(request.GET),
        "tab": "proposals",
        "may_look": actor.can(Permission.MEASURES_PREPARE),
        **tabs(actor),
    }
    return render(request, "measures/proposals.html", context)


@require(Permission.MEASURES_PREPARE)
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Let the rules look now."""
    made = services.propose(actor_of(request))
    if made:
        messages.success(request, _("提出了 %(count)s 项新的建议。") % {"count": len(made)})
    else:
        messages.success(request, _("没有新的建议；相同的事实只提出一次。"))
    return redirect("measures:proposals")


@require(Permission.MEASURES_READ)
@require_GET
def proposal(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """One proposal: evidence, arguments against, similar past cases, the file, the decision."""
    actor, language = actor_of(request), interface_language()
    found = queries.get_proposal(actor, proposal_id)
    ladder = queries.ladder_for(found.office)
    rung = find(ladder.steps, found.rung) if ladder and found.rung else None
    kind = rule_kinds().get(found.kind)
    measure = queries.measure_of(actor, found)
    context = {
        "proposal": found,
        "kind": kind.label(language) if kind else found.kind,
        "evidence": lines(found.evidence, language),
        "against": lines([*found.against, *(one.stored() for one in queries.against_now(found))], language),
        "past": [
            (row, words.PROPOSAL_STATES[row.state], *words.PROPOSAL_MARKS[row.state])
            for row in queries.past_cases(actor, found)
        ],
        "rung": rung,
        "tag": words.TAGS[rung.tag] if rung else "",
        "ladder": ladder,
        "state": (words.PROPOSAL_STATES[found.state], *words.PROPOSAL_MARKS[found.state]),
        "may_file": queries.may_file(actor, found),
        "may_decide": queries.may_decide_proposal(actor, found),
        "measure": measure,
        "history": [
            (row, words.STATES[row.state], *words.MARKS[row.state])
            for row in queries.history_of_place(actor, found.region_id)
        ],
        "effects": [
            (row, words.EFFECTS[row.effect]) for row in queries.effects_of_place(actor, found.region_id)
        ],
        "steps": _trail((found.region.name, "")),
    }
    return render(request, "measures/proposal.html", context)


@require(Permission.MEASURES_PREPARE)
@require_http_methods(["GET", "POST"])
def file(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Prepare the file of a proposal."""
    actor, language = actor_of(request), interface_language()
    found = queries.get_proposal(actor, proposal_id)
    ladder = queries.ladder_for(found.office)
    rungs = [(rung.code, rung.name(language)) for rung in ladder.steps] if ladder else []
    form = FileForm(
        request.POST if request.method == "POST" else None,
        initial={"rung": found.rung, "facts": found.facts or _facts(found), "post": found.post},
        rungs=rungs,
    )

    def does(data: dict[str, Any]) -> object:
        return services.prepare_file(
            actor, proposal_id, data["rung"], data["facts"], post=data["post"], username=data["username"]
        )

    return acted(
        request,
        form,
        does,
        reverse("measures:proposal", args=[proposal_id]),
        _("整理材料"),
        found.region.name,
        allowed=queries.may_file(actor, found),
    )


@require(Permission.MEASURES_DECIDE)
@require_http_methods(["GET", "POST"])
@confirmed_identity
def decide(request: HttpRequest, proposal_id: int) -> HttpResponse:
    """Decide with reasons whether a measure is taken up."""
    actor = actor_of(request)
    found = queries.get_proposal(actor, proposal_id)
    takes = queries.may_decide_proposal(actor, found, takes=True)
    handover = handover_of(found.rung) if takes else None
    choices = handover.choices(actor, proposal_id) if handover else ()
    form = DecisionForm(request.POST if request.method == "POST" else None, takes=takes, choices=choices)

    def does(data: dict[str, Any]) -> object:
        return services.decide_proposal(
            actor, proposal_id, data["reason"], takes=data["outcome"] == "take", chosen=form.chosen()
        )

    return acted(
        request,
        form,
        does,
        reverse("measures:proposal", args=[proposal_id]),
        pgettext("measures", "对建议作出决定"),
        found.region.name,
        allowed=queries.may_decide_proposal(actor, found),
        permission=Permission.MEASURES_DECIDE,
    )


def _facts(found: Proposal) -> str:
    """What the rule saw, as a beginning; official papers are written in Chinese."""
    return "\n".join(text for text, _url in lines(found.evidence, "zh"))


def _trail(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return trail((pgettext("measures", "追责建议"), reverse("measures:proposals")), *more)
