"""Pages of bodies: parse, ask one service or query, draw."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from jingtu.assessment.indicators.queries import current_catalogue
from jingtu.core.accounts.access import actor_of, require
from jingtu.core.documents import queries as documents
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.clock import today
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.kernel.ids import ids_in

from . import queries, services
from .forms import BodyForm, CapacityForm, DissolveForm, MemberForm, ReasonForm, TermForm
from .models import Body
from .panels import panels_for
from .rules import CapacityKind, Kind, term_on
from .words import KINDS, TERMS, category_word, kind_word, pick, title_word

PAGE_SIZE = 50
LATELY = dt.timedelta(days=30)
MANAGE = Permission.BODIES_MANAGE


@require(Permission.DUTIES_READ)
@require_GET
def body_list(request: HttpRequest) -> HttpResponse:
    """Bodies of the own area by place, filtered by the address."""
    actor = actor_of(request)
    kind = request.GET.get("kind", "")
    wanted = queries.Wanted(
        search=request.GET.get("q", "").strip()[:100],
        kind=kind if kind in KINDS else "",
        region_id=next(iter(ids_in([request.GET.get("region", "")])), None),
        dissolved=bool(request.GET.get("dissolved")),
    )
    page = Paginator(queries.bodies(actor, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "bodies/list.html",
        {
            "page": page,
            "rows": [(body, kind_word(body)) for body in page],
            "wanted": wanted,
            "filtered": wanted != queries.Wanted(),
            "kinds": [(key, pick(both)) for key, both in KINDS.items()],
            "may_found": actor.can(MANAGE),
        },
    )


@require(Permission.DUTIES_READ)
@require_GET
def terms(request: HttpRequest) -> HttpResponse:
    """Terms that end soon in the bodies the actor keeps."""
    actor = actor_of(request)
    rows = queries.terms_ending(actor, today()).select_related("body__region", "user", "unit")
    page = Paginator(rows.order_by("ends", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "bodies/terms.html",
        {
            "page": page,
            "rows": [(member, title_word(member.body.kind, member)) for member in page],
            "steps": [*_trail(), (_("即将届满的任期"), "")],
        },
    )


@require(Permission.DUTIES_READ)
@require_GET
def detail(request: HttpRequest, body_id: int) -> HttpResponse:
    """A body: duties, members, what it has, its work, the bodies below it, its reports."""
    actor = actor_of(request)
    body = queries.get_body(actor, body_id)
    day = today()
    every = bool(request.GET.get("history"))
    members = []
    for member in queries.members(actor, body, None if every else day):
        word, state, mark = TERMS[term_on(member.starts, member.ends, day)]
        members.append((member, title_word(body.kind, member), pick(word), state, mark))
    page = Paginator(members, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "bodies/detail.html",
        {
            "body": body,
            "kind": kind_word(body),
            "page": page,
            "history": every,
            "cited": documents.cited(actor, [body.document], actor.language).get(body.document),
            "below": [(each, kind_word(each)) for each in _below(actor, body)],
            "panels": panels_for(actor, body, day - LATELY, day),
            "capacity": _capacity(actor, body, day) if body.kind == Kind.OFFICE else None,
            "reports": list(queries.reports(actor, body)[:12]),
            "may_manage": queries.may_manage(actor, body),
            "fictional": body.region.tree.fictional,
            "steps": [*_trail(), (body.title, "")],
        },
    )


def _below(actor: Actor, body: Body) -> list[Body]:
    return list(queries.bodies(actor).filter(parent=body))


def _capacity(actor: Actor, body: Body, day: dt.date) -> list[dict[str, Any]]:
    """Each kind of record with what counts today and all records, the newest first."""
    found = []
    for kind in CapacityKind:
        rows = queries.capacity(actor, body, kind)
        standing = {row.pk for row in queries.standing_capacity(rows, day).values()}
        if kind in (CapacityKind.HONOUR, CapacityKind.PREMISES):
            standing = {row.pk for row in rows if row.withdrawn_at is None}
        found.append(
            {"kind": kind.value, "rows": [(row, category_word(row), row.pk in standing) for row in rows]}
        )
    return found


@require(MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Enter a body."""
    actor = actor_of(request)
    form = BodyForm(
        request.POST or None,
        places=queries.places_to_manage(actor),
        initial={"region": request.GET.get("region", ""), "parent": request.GET.get("parent", "")},
        **_offers(actor),
    )
    if request.method == "POST" and form.is_valid():
        try:
            body = services.found_body(actor, int(form.cleaned_data["region"]), form.draft())
        except InvalidInput as error:
            show(form, error, actor)
        else:
            messages.success(request, _("已登记。"))
            return redirect("bodies:detail", body.pk)
    return form_page(request, form, _("登记机构"), reverse("bodies:list"))


@require(MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, body_id: int) -> HttpResponse:
    """Change what is said of a body."""
    actor, body = actor_of(request), _managed(request, body_id)
    form = BodyForm(request.POST or None, body=body, **_offers(actor, body))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_body(actor, body_id, form.draft(), form.cleaned_data["reason"])
        except InvalidInput as error:
            show(form, error, actor)
        else:
            messages.success(request, _("已修改。"))
            return redirect("bodies:detail", body_id)
    return form_page(request, form, _("修改机构"), body=body)


@require(MANAGE)
@require_http_methods(["GET", "POST"])
def dissolve(request: HttpRequest, body_id: int) -> HttpResponse:
    """Say that a body is dissolved."""
    actor, body = actor_of(request), _managed(request, body_id)
    form = DissolveForm(request.POST or None, initial={"day": today()})
    if request.method == "POST" and form.is_valid():
        try:
            services.dissolve_body(actor, body_id, form.cleaned_data["day"], form.cleaned_data["reason"])
        except (InvalidInput, Conflict) as error:
            show(form, error, actor)
        else:
            messages.success(request, _("已撤销，记录全部保留。"))
            return redirect("bodies:detail", body_id)
    return form_page(request, form, _("撤销机构"), body=body)


@require(MANAGE)
@require_http_methods(["GET", "POST"])
def appoint(request: HttpRequest, body_id: int) -> HttpResponse:
    """Enter a member."""
    actor, body = actor_of(request), _managed(request, body_id)
    form = MemberForm(
        request.POST or None, body=body, units=queries.units_of(actor, body), initial={"starts": today()}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.appoint(
                actor,
                body_id,
                data["title"],
                starts=data["starts"],
                ends=data["ends"],
                post=data["post"],
                name=data["name"],
                username=data["username"],
                unit_id=form.unit_id(),
            )
        except InvalidInput as error:
            show(form, error, actor)
        else:
            messages.success(request, _("已登记。"))
            return redirect("bodies:detail", body_id)
    return form_page(request, form, _("登记成员"), body=body)


@require(MANAGE)
@require_http_methods(["GET", "POST"])
def term(request: HttpRequest, member_id: int) -> HttpResponse:
    """End or extend a term."""
    actor = actor_of(request)
    member = queries.get_member(actor, member_id)
    body = _managed(request, member.body_id)
    form = TermForm(request.POST or None, initial={"ends": member.ends})
    if request.method == "POST" and form.is_valid():
        try:
            services.set_term(actor, member_id, form.cleaned_data["ends"], form.cleaned_data["reason"])
        except (InvalidInput, Conflict) as error:
            show(form, error, actor)
        else:
            messages.success(request, _("任期已修改。"))
            return redirect("bodies:detail", body.pk)
    title = _("延长或终止任期")
    return form_page(request, form, title, body=body, about=f"{title_word(body.kind, member)} {member.who}")


@require(MANAGE)
@require_http_methods(["GET", "POST"])
def capacity(request: HttpRequest, body_id: int, kind: str) -> HttpResponse:
    """Enter what an office has."""
    if kind not in [each.value for each in CapacityKind]:
        raise NotFound(kind)
    actor, body, wanted = actor_of(request), _managed(request, body_id), CapacityKind(kind)
    form = CapacityForm(request.POST or None, kind=wanted, initial={"day": today(), "year": today().year})
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            services.record_capacity(actor, body_id, wanted, data.pop("day"), **data)
        except InvalidInput as error:
            show(form, error, actor)
        else:
            messages.success(request, _("已登记。"))
            return redirect("bodies:detail", body_id)
    titles = {
        CapacityKind.STAFF: _("登记人员编制"),
        CapacityKind.BUDGET: _("登记经费"),
        CapacityKind.PREMISES: _("登记办公场所"),
        CapacityKind.HONOUR: _("登记荣誉"),
    }
    return form_page(request, form, titles[wanted], body=body)


@require(MANAGE)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, record_id: int) -> HttpResponse:
    """Take back a record that was wrong."""
    actor = actor_of(request)
    body = _managed(request, queries.get_capacity(actor, record_id).body_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.withdraw_capacity(actor, record_id, form.cleaned_data["reason"])
        messages.success(request, _("已撤回，记录保留。"))
        return redirect("bodies:detail", body.pk)
    return form_page(request, form, _("撤回台账记录"), body=body)


def form_page(
    request: HttpRequest,
    form: forms.Form,
    title: str,
    back: str = "",
    body: Body | None = None,
    about: str = "",
) -> HttpResponse:
    """A page with one form."""
    steps = _trail()
    if body is not None:
        back = reverse("bodies:detail", args=[body.pk])
        steps.append((body.title, back))
    return render(
        request,
        "bodies/form.html",
        {
            "form": form,
            "title": title,
            "back": back,
            "about": about,
            "fictional": body is not None and body.region.tree.fictional,
            "steps": [*steps, (title, "")],
        },
        status=400 if form.errors else 200,
    )


def show(form: forms.Form, error: InvalidInput | Conflict, actor: Actor) -> None:
    """A service's refusal at the fields it names."""
    for problem in error.problems if isinstance(error, InvalidInput) else [error.problem]:
        column = problem.column if problem.column in form.fields else None
        form.add_error(column, problem.text(actor.language))


def _offers(actor: Actor, body: Body | None = None) -> dict[str, Any]:
    """What the form of a body offers to choose from."""
    try:
        catalogue = current_catalogue(actor).indicators.values()
    except NotFound:
        catalogue = ()  # type: ignore[assignment]
    parents = queries.bodies(actor)
    if body is not None:
        parents = parents.exclude(pk=body.pk)
    return {
        "parents": parents[:300],
        "documents": documents.choices(actor, actor.language),
        "indicators": [(one.code, f"{one.code} {one.name(actor.language)}") for one in catalogue],
    }


def _managed(request: HttpRequest, body_id: int) -> Body:
    """A body that stands and whose records the actor keeps."""
    actor = actor_of(request)
    body = queries.get_body(actor, body_id)
    if not actor.can(MANAGE, body.region_id):
        raise PermissionDenied(MANAGE)
    return body


def _trail() -> list[tuple[str, str]]:
    return [(_("组织机构"), reverse("bodies:list"))]
