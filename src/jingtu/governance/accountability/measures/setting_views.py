"""Pages where an office sets its ladder and its rules."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import formset_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.documents.queries import list_documents, titles
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import InvalidInput, NotFound, PermissionDenied
from jingtu.core.kernel.ids import ids_in
from jingtu.core.regions.models import Region
from jingtu.core.regions.queries import levels
from jingtu.core.ui.middleware import interface_language

from . import queries, services, words
from .forms import LadderForm, RuleForm, RungForm
from .ladders import MOST_RUNGS, PRESETS
from .models import Ladder
from .rules import reason_problem
from .sentences import lines
from .views import status_of, succeeded, tabs, trail

MOST_SHOWN = 30


@require(Permission.MEASURES_READ)
@require_GET
def ladder_list(request: HttpRequest) -> HttpResponse:
    """The ladders in use, and those that come with the system."""
    actor, language = actor_of(request), interface_language()
    newest: dict[int, Ladder] = {}
    for row in queries.ladders(actor).order_by("region__tree_id", "region__position", "-version"):
        newest.setdefault(row.region_id, row)
    own = queries.offices(actor) if actor.can(Permission.MEASURES_PREPARE) else []
    names = titles(actor, [preset.source for preset in PRESETS.values()], language)
    presets = [
        (
            preset.key,
            preset.name_zh if language == "zh" else preset.name_en,
            names.get(preset.source, preset.source),
            [(rung.name(language), rung.tag) for rung in preset.rungs],
        )
        for preset in PRESETS.values()
    ]
    context = {
        "rows": list(newest.values()),
        "presets": presets,
        "offices": own,
        "tags": words.TAGS,
        "tab": "ladders",
        **tabs(actor),
    }
    return render(request, "measures/ladders.html", context)


@require(Permission.MEASURES_PREPARE)
@require_POST
def adopt(request: HttpRequest) -> HttpResponse:
    """Take a preset as the office's own ladder."""
    region = ids_in([request.POST.get("region", "")])
    if not region:
        raise NotFound(request.POST.get("region", ""), "region")
    made = services.adopt_preset(actor_of(request), region[0], request.POST.get("preset", ""))
    messages.success(request, _("已采用，可以修改为本机关的清单。"))
    return redirect("measures:ladder", made.pk)


@require(Permission.MEASURES_READ)
@require_GET
def ladder(request: HttpRequest, ladder_id: int) -> HttpResponse:
    """One version of a ladder with every kind of measure."""
    actor, language = actor_of(request), interface_language()
    found = queries.get_ladder(actor, ladder_id)
    names = titles(actor, [rung.basis for rung in found.steps], language)
    rows = [
        {
            "rung": rung,
            "name": rung.name(language),
            "basis": names.get(rung.basis, ""),
            "form": words.FORMS[rung.form],
            "addressee": words.ADDRESSEES[rung.addressee],
            "level": found.region.tree.level_name(rung.level) if rung.level else "",
            "effects": [words.EFFECTS[one] for one in rung.effects],
            "tag": words.TAGS[rung.tag],
        }
        for rung in found.steps
    ]
    versions = list(queries.ladders(actor).filter(region_id=found.region_id).order_by("-version"))
    newest = versions[0].pk == found.pk
    context = {
        "ladder": found,
        "rows": rows,
        "versions": versions,
        "may_edit": newest and actor.can(Permission.MEASURES_PREPARE, found.region_id),
        "steps": trail((pgettext("measures", "措施清单"), reverse("measures:ladders")), (found.name, "")),
    }
    return render(request, "measures/ladder.html", context)


@require(Permission.MEASURES_PREPARE)
@require_http_methods(["GET", "POST"])
def edit_ladder(request: HttpRequest, ladder_id: int) -> HttpResponse:
    """Write the next version of the office's ladder."""
    actor = actor_of(request)
    found = queries.get_ladder(actor, ladder_id)
    if not actor.can(Permission.MEASURES_PREPARE, found.region_id):
        raise PermissionDenied(Permission.MEASURES_PREPARE)
    rungs = formset_factory(
        RungForm, extra=1, can_delete=True, max_num=MOST_RUNGS, validate_max=True, absolute_max=MOST_RUNGS + 1
    )
    posted = request.POST if request.method == "POST" else None
    form = LadderForm(
        posted, initial={"name_zh": found.name_zh, "name_en": found.name_en, "seen": found.version}
    )
    formset = rungs(
        posted,
        prefix="r",
        initial=[rung.stored() for rung in found.steps],
        form_kwargs={
            "levels": [
                (key, found.region.tree.level_name(key)) for key, _count in levels(actor, found.region.tree)
            ],
            "documents": [(one.code, one.title) for one in list_documents(actor)],
        },
    )
    if posted is not None and form.is_valid() and formset.is_valid():
        kept = [
            one.rung()
            for one in formset.forms
            if isinstance(one, RungForm)
            and one.cleaned_data.get("code")
            and not one.cleaned_data.get("DELETE")
        ]
        data, made = form.cleaned_data, []
        if succeeded(
            form,
            lambda: made.append(
                services.save_ladder(
                    actor, found.region_id, data["seen"], data["name_zh"], data["name_en"], kept, data["note"]
                )
            ),
        ):
            messages.success(request, _("已保存为新版本；已决定的措施仍按原版本办理。"))
            return redirect("measures:ladder", made[0].pk)
    context = {
        "ladder": found,
        "form": form,
        "formset": formset,
        "steps": trail(
            (pgettext("measures", "措施清单"), reverse("measures:ladders")),
            (found.name, reverse("measures:ladder", args=[found.pk])),
            (_("修改"), ""),
        ),
    }
    bad = posted is not None
    return render(request, "measures/ladder_form.html", context, status=400 if bad else 200)


@require(Permission.MEASURES_PREPARE)
@require_GET
def rule_list(request: HttpRequest) -> HttpResponse:
    """Every rule of the actor's offices."""
    actor, language = actor_of(request), interface_language()
    rows = [(row, row.kind.label(language), _values(row, language)) for row in queries.rule_rows(actor)]
    return render(request, "measures/rules.html", {"rows": rows, "tab": "rules", **tabs(actor)})


@require(Permission.MEASURES_PREPARE)
@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, region_id: int, kind: str) -> HttpResponse:
    """Set a rule; before that, see what it would propose today."""
    actor, language = actor_of(request), interface_language()
    row = queries.rule_row(actor, region_id, kind)
    ladder_used = queries.ladder_for(row.office)
    form = RuleForm(
        request.POST if request.method == "POST" else None,
        initial={
            **{f"p_{key}": value for key, value in row.parameters.items()},
            "rung": row.rule.rung if row.rule else row.kind.rung,
            "enabled": row.rule.enabled if row.rule else True,
        },
        kind=row.kind,
        rungs=[(rung.code, rung.name(language)) for rung in ladder_used.steps] if ladder_used else [],
        english=language == "en",
    )
    impact = None
    if request.method == "POST" and form.is_valid():
        if "save" in request.POST:
            if _saved(actor, region_id, kind, form):
                messages.success(request, _("规则已保存。"))
                return redirect("measures:rules")
        else:
            impact = _impact(actor, row, form)
    context = {
        "row": row,
        "kind": row.kind.label(language),
        "form": form,
        "impact": impact,
        "steps": trail(
            (pgettext("measures", "建议规则"), reverse("measures:rules")), (row.kind.label(language), "")
        ),
    }
    return render(request, "measures/rule.html", context, status=status_of(form))


def _saved(actor: Actor, region_id: int, kind: str, form: RuleForm) -> bool:
    data = form.cleaned_data
    problem = reason_problem(data["note"], "note")
    if problem is not None:
        form.add_error("note", problem.text(interface_language()))
        return False
    return succeeded(
        form,
        lambda: services.set_rule(
            actor, region_id, kind, form.parameters(), data["rung"], data["note"], enabled=data["enabled"]
        ),
    )


def _impact(actor: Actor, row: queries.RuleRow, form: RuleForm) -> dict[str, Any] | None:
    """What the rule would propose today with what was typed, beside what it proposes as it stands."""
    language = interface_language()
    try:
        after = services.preview(actor, row.office.pk, row.kind.key, form.parameters())
    except InvalidInput as error:
        for problem in error.problems:
            form.add_error(None, problem.text(language))
        return None
    before = services.preview(actor, row.office.pk, row.kind.key, row.parameters)
    now, then = {one.region_id for one in after}, {one.region_id for one in before}
    names = dict(Region.objects.filter(pk__in=now | then).values_list("pk", "name"))
    listed = [
        (
            names[one.region_id],
            one.region_id not in then,
            lines([part.stored() for part in one.evidence], language),
        )
        for one in after[:MOST_SHOWN]
    ]
    return {
        "rows": listed,
        "count": len(after),
        "more": max(len(after) - MOST_SHOWN, 0),
        "gone": [names[region_id] for region_id in sorted(then - now)],
    }


def _values(row: queries.RuleRow, language: Any) -> list[tuple[str, str]]:
    shown = []
    for one in row.kind.parameters:
        value = str(row.parameters[one.key])
        if one.kind == "choice":
            value = next(
                (zh if language == "zh" else en for code, zh, en in one.choices if code == value), value
            )
        shown.append((one.label(language), value))
    return shown
