from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.facts import queries, services
from jingtu.core.facts.forms import ReasonForm, TemplateForm, UploadForm
from jingtu.core.facts.models import FactImport
from jingtu.core.facts.views.common import chosen_tree, trees_open_to
from jingtu.core.kernel.actor import Permission
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.problems import InvalidInput, refuse

SHOWN_PROBLEMS = 100


@require(Permission.FACTS_READ, Permission.FACTS_IMPORT)
@require_GET
def import_list(request: HttpRequest) -> HttpResponse:
    """Uploaded files, newest first."""
    actor = actor_of(request)
    state = request.GET.get("state", "")
    if state not in FactImport.State.values:
        state = ""
    page = Paginator(queries.list_imports(actor, state=state), 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "state": state,
        "states": FactImport.State.choices,
        "may_import": actor.can(Permission.FACTS_IMPORT),
    }
    return render(request, "facts/imports.html", context)


@require(Permission.FACTS_IMPORT)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Hand in a file."""
    actor = actor_of(request)
    trees = trees_open_to(actor, Permission.FACTS_IMPORT)
    initial = {"tree": request.GET.get("tree") or (trees[0].slug if trees else None)}
    form = UploadForm(request.POST or None, request.FILES or None, trees=trees, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            made = services.begin_import(actor, form.cleaned_data["tree"], given.chunks(), given.name or "")
        except InvalidInput as error:
            for problem in error.problems:
                form.add_error("file", problem.located_text(interface_language()))
        else:
            return redirect("facts:import", made.pk)
    status = 400 if form.is_bound else 200
    return render(request, "facts/upload.html", {"form": form, "trees": trees}, status=status)


@require(Permission.FACTS_READ, Permission.FACTS_IMPORT)
@require_GET
def import_detail(request: HttpRequest, import_id: int) -> HttpResponse:
    """What became of a file: the preview, what changed, or what is wrong in it."""
    actor = actor_of(request)
    made = queries.get_import(actor, import_id)
    open_rows = queries.sees_rows(actor, made)
    problems = services.problems_of(made) if open_rows else []
    undone = made.batch is not None and hasattr(made.batch, "undone_by")
    context: dict[str, Any] = {
        "made": made,
        "fictional": made.tree.fictional,
        "open_rows": open_rows,
        "problems": [
            (problem.row, problem.column, problem.text(interface_language()))
            for problem in problems[:SHOWN_PROBLEMS]
        ],
        "more_problems": max(0, made.problem_count - SHOWN_PROBLEMS) if open_rows else 0,
        "undone": undone,
        "may_undo": made.batch is not None
        and not undone
        and actor.can(Permission.FACTS_IMPORT, made.region_id),
        "may_confirm": made.state == FactImport.State.READY and actor.can(Permission.FACTS_IMPORT),
    }
    template = "facts/_import.html" if request.headers.get("HX-Request") else "facts/import.html"
    return render(request, template, context)


@require(Permission.FACTS_IMPORT)
@require_POST
def confirm(request: HttpRequest, import_id: int) -> HttpResponse:
    made = services.confirm_import(actor_of(request), import_id)
    if made.state == FactImport.State.STORED:
        messages.success(request, _("已入库。"))
    return redirect("facts:import", made.pk)


@require(Permission.FACTS_IMPORT)
@require_POST
def undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise refuse("facts.reason_required")
    actor = actor_of(request)
    batch = services.undo_import(actor, batch_id, form.cleaned_data["reason"])
    messages.success(request, _("已撤销导入，原有数值已恢复。"))
    made = queries.import_of_batch(actor, batch.undoes_id)
    return redirect("facts:import", made.pk) if made else redirect("facts:imports")


@require(Permission.FACTS_IMPORT)
@require_http_methods(["GET", "POST"])
def template(request: HttpRequest) -> HttpResponse:
    """Choose what a template shall contain; posting makes and downloads it."""
    actor = actor_of(request)
    tree, trees = chosen_tree(request, Permission.FACTS_IMPORT)
    elements = {
        code: element
        for code, element in queries.elements(actor).items()
        if element.source in {"form", "import"}
    }
    levels = queries.levels_in(actor, Permission.FACTS_IMPORT, tree)
    form = TemplateForm(
        request.POST or None,
        initial={"tree": tree.slug},
        elements=elements,
        levels=[(level, tree.level_name(level)) for level in levels],
        language=interface_language(),
    )
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            stored = services.make_template(
                actor,
                tree,
                elements=chosen["elements"],
                periods=chosen["periods"],
                level=chosen["level"],
                style=chosen["style"] or "table",
            )
        except InvalidInput as error:
            form.add_error(None, error.problems[0].text(interface_language()))
        else:
            return redirect("files:download", stored.pk)
    context = {"form": form, "tree": tree, "trees": trees, "fictional": tree.fictional}
    return render(request, "facts/template.html", context, status=400 if form.is_bound else 200)
