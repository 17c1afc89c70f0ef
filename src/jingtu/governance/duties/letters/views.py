"""Pages of letters: parse, ask one service or query, draw."""

from __future__ import annotations

import dataclasses
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity, confirmed_page
from jingtu.core.audit.exporting import export_table, in_words
from jingtu.core.files.views import CONTENT_TYPES
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import InvalidInput, PermissionDenied
from jingtu.core.kernel.ids import ids_in

from . import coverage as covering
from . import drafting, exporting, printing, queries, services
from .forms import CoverageFilterForm, LetterFilterForm, ReasonForm, ReplaceForm, ScanForm
from .models import Letter
from .queries import READERS, LetterFilter
from .rules import Kind, Layer, LetterAction, LetterState, refusal
from .words import KINDS, LAYERS, MARKS, STATES

PAGE_SIZE = 50


def trail(*further: tuple[str, str]) -> list[tuple[str, str]]:
    """The way to a page of this room."""
    return [(_("责任书"), reverse("letters:list")), *further]


def letter_filter(request: HttpRequest) -> LetterFilter:
    """The filter that an address says; what makes no sense is left open."""
    asked = request.GET
    years = ids_in([asked.get("year", "")])
    known: dict[str, set[str]] = {
        "layer": {*Layer},
        "kind": {*Kind},
        "state": {"live", *LetterState},
    }
    chosen = {name: asked.get(name, "") if asked.get(name, "") in known[name] else "" for name in known}
    return LetterFilter(
        year=years[0] if years and years[0] < 10_000 else None,
        layer=chosen["layer"],
        kind=chosen["kind"],
        state=chosen["state"],
        text=asked.get("q", "")[:64],
        mine=bool(asked.get("mine")),
    )


@require(*READERS)
@require_GET
def letter_list(request: HttpRequest) -> HttpResponse:
    """Letters the actor may know of, filtered by the address."""
    actor = actor_of(request)
    wanted = letter_filter(request)
    page = Paginator(queries.letters(actor, wanted).defer("text"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    rows = [
        {
            "letter": letter,
            "layer": LAYERS[letter.layer],
            "kind": KINDS[letter.kind],
            "state": STATES[letter.state],
            "mark": MARKS[letter.state],
            "overdue": queries.is_overdue(letter),
        }
        for letter in page
    ]
    return render(
        request,
        "letters/list.html",
        {
            "page": page,
            "rows": rows,
            "filters": LetterFilterForm(request.GET, years=queries.years(actor)),
            "filtered": wanted != LetterFilter(),
            "manages": actor.can(Permission.LETTERS_MANAGE),
            "covers": any(actor.can(each) for each in covering.READERS),
            "fictional": any(letter.region.tree.fictional for letter in page),
        },
    )


@require(*READERS)
@confirmed_page
@require_GET
def export_letters(request: HttpRequest) -> HttpResponseBase:
    """The list as a file."""
    actor, wanted = actor_of(request), letter_filter(request)
    scope = in_words(LetterFilterForm(request.GET, years=queries.years(actor)))
    return export_table(
        actor,
        dataclasses.replace(exporting.letters_table(actor, wanted), scope=scope),
        "letters",
        "letters.exported",
        kind="xlsx" if request.GET.get("format") == "xlsx" else "csv",
        target_type="letter",
        target_id="list",
    )


@require(*READERS)
@require_GET
def detail(request: HttpRequest, letter_id: int) -> HttpResponse:
    """One letter: its text, its signature, its history."""
    return _page(request, letter_id)


def _page(
    request: HttpRequest, letter_id: int, forms_given: dict[str, forms.Form] | None = None, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    page = queries.letter_page(actor, letter_id)
    letter = page.letter
    return render(
        request,
        "letters/detail.html",
        {
            "page": page,
            "letter": letter,
            "may": page.may(),
            "blocks": printing.blocks_of(letter.body),
            "english": _english(letter),
            "fictional": letter.region.tree.fictional,
            "steps": trail((_("第%(number)s号") % {"number": letter.pk}, "")),
            **(forms_given or {}),
        },
        status=status,
    )


def _english(letter: Letter) -> dict[str, object]:
    """The copy for reading as the page shows it; empty where there is none."""
    title, _blank, body = letter.text_en.partition("\n")
    return {"title": title, "blocks": printing.blocks_of(body)} if letter.text_en else {}


@require(Permission.LETTERS_MANAGE)
@require_POST
@confirmed_identity
def issue(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Send one drafted letter out."""
    services.issue(actor_of(request), [letter_id])
    messages.success(request, _("已下达，并已通知签字人。"))
    return redirect("letters:detail", letter_id)


@require(Permission.LETTERS_SIGN)
@require_POST
@confirmed_identity
def sign(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Sign one's own letter; who sits there is asked again before."""
    services.sign(actor_of(request), letter_id, request.POST.get("digest", ""))
    messages.success(request, _("已签字。"))
    return redirect("letters:detail", letter_id)


@require(Permission.LETTERS_SIGN)
@require_http_methods(["GET", "POST"])
def refuse(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Refuse to sign, with the reason."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.refuse_letter(actor_of(request), letter_id, form.cleaned_data["reason"])
        messages.success(request, _("已拒签，并已通知下达机关。"))
        return redirect("letters:detail", letter_id)
    return _act_page(request, letter_id, LetterAction.REFUSE, form, pgettext("letter", "拒签"))


@require(Permission.LETTERS_MANAGE)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Take a letter back, with the reason."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.withdraw(actor_of(request), letter_id, form.cleaned_data["reason"])
        messages.success(request, _("责任书已撤回。"))
        return redirect("letters:detail", letter_id)
    return _act_page(request, letter_id, LetterAction.WITHDRAW, form, pgettext("letter", "撤回"))


@require(Permission.LETTERS_MANAGE)
@require_http_methods(["GET", "POST"])
def scan(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Enter a letter signed on paper."""
    actor = actor_of(request)
    form = ScanForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.enter_scan(
                actor, letter_id, given["day"], given["scan"].name or "scan", given["scan"].chunks()
            )
        except InvalidInput as error:
            show(form, error, actor, {"file": "scan"})
        else:
            messages.success(request, _("已登记纸质签字。"))
            return redirect("letters:detail", letter_id)
    return _act_page(request, letter_id, LetterAction.SCAN, form, _("登记纸质签字"))


@require(Permission.LETTERS_MANAGE)
@require_http_methods(["GET", "POST"])
def replace(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Draft a letter in place of one that has gone out."""
    actor = actor_of(request)
    letter = queries.get_letter(actor, letter_id)
    fitting = [
        one for one in queries.templates(actor, letter.region_id, letter.year) if one.layer == letter.layer
    ]
    form = ReplaceForm(request.POST if request.method == "POST" else None, templates=fitting)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = drafting.replace(actor, letter_id, given["template"], given["reason"])
        except InvalidInput as error:
            show(form, error, actor)
        else:
            messages.success(request, _("换签稿已起草，下达后原责任书即告终止。"))
            return redirect("letters:detail", made.pk)
    return _act_page(request, letter_id, LetterAction.REPLACE, form, pgettext("letter", "换签"))


def _act_page(
    request: HttpRequest, letter_id: int, action: LetterAction, form: forms.Form, title: str
) -> HttpResponse:
    actor = actor_of(request)
    letter = queries.get_letter(actor, letter_id)
    problem = refusal(action, queries.facts_of(actor, letter), today())
    if problem is not None and problem.code in {"letters.not_permitted", "letters.not_the_signer"}:
        raise PermissionDenied(Permission.LETTERS_MANAGE)
    refused = problem.text(actor.language) if problem else ""
    number = _("第%(number)s号") % {"number": letter.pk}
    return render(
        request,
        "letters/act.html",
        {
            "letter": letter,
            "title": title,
            "form": form,
            "refused": refused,
            "fictional": letter.region.tree.fictional,
            "steps": trail((number, reverse("letters:detail", args=[letter.pk])), (title, "")),
        },
        status=409 if refused else 400 if form.errors else 200,
    )


@require(*READERS)
@require_GET
def download(request: HttpRequest, letter_id: int, extension: str) -> HttpResponse:
    """The letter in Word or PDF, with ``?language=en`` its copy for reading; that it was printed is recorded."""
    language = request.GET.get("language", "zh")
    name, content = printing.printed(actor_of(request), letter_id, extension, language)
    response = HttpResponse(content, content_type=CONTENT_TYPES[extension])
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require(*covering.READERS)
@require_GET
def coverage_page(request: HttpRequest) -> HttpResponse:
    """How many should exist, have gone out, are signed; and who has not signed."""
    actor = actor_of(request)
    regions = covering.readable_regions(actor)
    years = queries.years(actor)
    asked = coverage_asked(request, actor)
    found = covering.coverage(actor, *asked) if asked is not None else None
    page = Paginator(found.unsigned if found else [], PAGE_SIZE).get_page(request.GET.get("page"))
    shown = asked or (0, years[0], "", "")
    initial = {"region": shown[0], "year": shown[1], "layer": shown[2], "kind": shown[3]}
    return render(
        request,
        "letters/coverage.html",
        {
            "found": found,
            "lines": [(line, LAYERS[line.layer], KINDS[line.kind]) for line in found.lines] if found else [],
            "levels": [
                (found.region.tree.level_name(level), tally) for level, tally in found.by_level.items()
            ]
            if found
            else [],
            "layers": [(LAYERS[layer], tally) for layer, tally in found.by_layer.items()] if found else [],
            "page": page,
            "rows": [
                (
                    one,
                    LAYERS[one.layer],
                    KINDS[one.kind],
                    STATES.get(one.state, ""),
                    MARKS.get(one.state, ("none", "–")),
                )
                for one in page
            ],
            "filters": CoverageFilterForm(initial, regions=regions, years=years),
            "fictional": found is not None and found.region.tree.fictional,
            "steps": trail((_("签订情况"), "")),
        },
    )


@require(*covering.READERS)
@confirmed_page
@require_GET
def export_coverage(request: HttpRequest) -> HttpResponseBase:
    """Who has not signed, as a file."""
    actor = actor_of(request)
    asked = coverage_asked(request, actor)
    if asked is None:
        return redirect("letters:coverage")
    found = covering.coverage(actor, *asked)
    return export_table(
        actor,
        exporting.unsigned_table(found),
        "unsigned-letters",
        "letters.exported",
        kind="xlsx" if request.GET.get("format") == "xlsx" else "csv",
        target_type="region",
        target_id=found.region.pk,
        region_id=found.region.pk,
    )


def coverage_asked(request: HttpRequest, actor: Actor) -> tuple[int, int, str, str] | None:
    """Region, year, layer and kind of the address; by default the first of the own regions and this year."""
    regions = [region.pk for region in covering.readable_regions(actor)]
    ids = ids_in([request.GET.get("region", "")])
    region = ids[0] if ids else regions[0] if regions else None
    if region is None:
        return None
    wanted = letter_filter(request)
    return region, wanted.year or today().year, wanted.layer, wanted.kind


def show(form: forms.Form, error: InvalidInput, actor: Actor, columns: dict[str, str] | None = None) -> None:
    """Put the problems at their fields."""
    for problem in error.problems:
        column: Any = (columns or {}).get(problem.column or "", problem.column)
        form.add_error(column if column in form.fields else None, problem.text(actor.language))
