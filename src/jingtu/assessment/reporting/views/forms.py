"""Drawing forms up: list, edit, preview, publish."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.facts.queries import elements as elements_in_force
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput
from jingtu.core.regions.queries import levels, tree_by_slug, trees
from jingtu.core.ui.middleware import interface_language
from jingtu.core.ui.templatetags.ui import period_kind_labels

from .. import queries, services
from ..forms import DefinitionForm
from ..visibility import LOOKING
from .common import desk, tabs


@desk(*LOOKING, Permission.CATALOGUE_MANAGE)
@require_GET
def form_list(request: HttpRequest) -> HttpResponse:
    """All forms: whom they ask, how often, until when."""
    actor = actor_of(request)
    lines = queries.form_list(actor)
    context = {
        "lines": lines,
        "kinds": period_kind_labels(),
        "may_manage": actor.can(Permission.CATALOGUE_MANAGE),
        "tabs": tabs(actor, "forms"),
        "fictional": any(line.form.tree.fictional for line in lines),
    }
    return render(request, "reporting/forms.html", context)


@require(Permission.CATALOGUE_MANAGE)
@require_GET
def form_page(request: HttpRequest, code: str) -> HttpResponse:
    """A form's versions and the preview of the one chosen."""
    actor = actor_of(request)
    form, versions = queries.versions_of(actor, code)
    chosen = request.GET.get("version", "")
    version = next((each for each in versions if str(each.number) == chosen), versions[0])
    preview = queries.form_preview(actor, version.content)
    context = {
        "form": form,
        "versions": versions,
        "version": version,
        "preview": preview,
        "who": queries.who_names(actor, [(form.tree_id, version.content)])[0],
        "kind": period_kind_labels().get(version.content.cadence, version.content.cadence),
        "problems": [problem.text(interface_language()) for problem in preview.problems],
        "steps": [*_trail(), (form.name, "")],
        "fictional": form.tree.fictional,
    }
    return render(request, "reporting/form.html", context)


@require(Permission.CATALOGUE_MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, code: str = "") -> HttpResponse:
    """Write a draft; the preview says what is still wrong with it."""
    actor = actor_of(request)
    initial: dict[str, Any] = {
        "days": 5,
        "counting": "working_days",
        "at": "18:00",
        "review": "city",
        "cadence": "month",
    }
    name = _("新建报表")
    if code:
        form, version = queries.form_page(actor, code)
        initial = {"code": code, "tree": form.tree.slug, **DefinitionForm.initial_of(version.content)}
        name = form.name
    offered = _choices(actor)
    form_typed = DefinitionForm(request.POST or None, initial=initial, **offered)
    if code:
        for field in ("code", "tree"):
            form_typed.fields[field].disabled = True
    if request.method == "POST" and form_typed.is_valid():
        given = form_typed.cleaned_data
        try:
            draft = services.save_draft(
                actor,
                given["code"],
                tree_by_slug(actor, given["tree"]),
                form_typed.definition(),
                given["note"],
            )
        except InvalidInput as error:
            for problem in error.problems:
                form_typed.add_error(problem.column or None, problem.text(interface_language()))
        except Conflict as error:
            form_typed.add_error("code", error.problem.text(interface_language()))
        else:
            messages.success(request, _("草稿已保存。"))
            return redirect("reporting:form", draft.form.code)
    elements = elements_in_force(actor).values()
    context = {
        "form": form_typed,
        "elements": sorted(
            (
                (
                    element.strand,
                    element.code,
                    element.name(interface_language()),
                    "、".join(element.dimensions),
                )
                for element in elements
                if element.source in {"form", "feed"}
            ),
            key=lambda row: row[:2],
        ),
        "steps": [*_trail(), (name, "")],
        "name": name,
        "code": code,
    }
    return render(request, "reporting/edit.html", context, status=400 if form_typed.errors else 200)


def _choices(actor: Actor) -> dict[str, Any]:
    found = trees(actor)
    seen: dict[str, str] = {}
    for tree in found:
        for level, _count in levels(actor, tree):
            seen.setdefault(level, tree.level_name(level))
    return {
        "trees": [(tree.slug, tree.name) for tree in found],
        "levels": [(level, f"{name} · {level}") for level, name in seen.items()],
    }


@require(Permission.CATALOGUE_MANAGE)
@require_POST
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Bring the draft in force."""
    actor = actor_of(request)
    try:
        version = services.publish_form(actor, code)
    except InvalidInput as error:
        for problem in error.problems:
            messages.error(request, problem.text(interface_language()))
    except Conflict as error:
        messages.error(request, error.problem.text(interface_language()))
    else:
        messages.success(
            request,
            _("第%(number)s版已发布，自%(day)s起的周期按此填报。")
            % {"number": version.number, "day": version.valid_from.isoformat()},
        )
    return redirect("reporting:form", code)


@require(Permission.CATALOGUE_MANAGE)
@require_POST
def discard(request: HttpRequest, code: str) -> HttpResponse:
    """Throw the draft away."""
    services.discard_draft(actor_of(request), code)
    messages.success(request, _("草稿已放弃。"))
    return redirect("reporting:forms")


def _trail() -> list[tuple[str, str]]:
    return [(_("填报"), reverse("reporting:due")), (_("报表定义"), reverse("reporting:forms"))]
