"""Pages of targets by file: the template, handing in a file, what became of it, the export."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jingtu.core.accounts.access import actor_of, require
from jingtu.core.accounts.confirming import confirmed_identity
from jingtu.core.kernel.actor import Permission
from jingtu.core.kernel.errors import InvalidInput
from jingtu.core.ui.middleware import interface_language

from . import queries, services
from .choosing import chosen_tree, indicator_names, tell, trail, trees_of
from .forms import UploadForm
from .models import TargetImport
from .queries import TargetFilter

SHOWN_ROWS = 50


@require(Permission.TARGETS_MANAGE)
@require_POST
@confirmed_identity
def export(request: HttpRequest) -> HttpResponse:
    """The targets in force of a tree that the actor may see, in the layout of the template."""
    actor = actor_of(request)
    tree = chosen_tree(request, actor)
    rows = [row.as_target() for row in queries.list_targets(actor, TargetFilter(tree=tree.slug))]
    return redirect("files:download", services.export_targets(actor, tree, rows).pk)


@require(Permission.TARGETS_MANAGE)
@require_POST
def template(request: HttpRequest) -> HttpResponse:
    """A workbook to fill in."""
    actor = actor_of(request)
    return redirect(
        "files:download",
        services.make_template(actor, chosen_tree(request, actor), request.POST.get("of") == "ways").pk,
    )


@require(Permission.TARGETS_MANAGE)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Hand in a file of targets."""
    actor = actor_of(request)
    open_trees = trees_of(actor)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        trees=open_trees,
        initial={"tree": request.GET.get("tree")},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data["file"]
        try:
            made = services.begin_import(actor, form.cleaned_data["tree"], given.chunks(), given.name or "")
        except InvalidInput as error:
            tell(form, error, "file")
        else:
            return redirect("targets:import", made.pk)
    context = {"form": form, "trees": open_trees, "steps": trail(_("导入目标"))}
    return render(request, "targets/upload.html", context, status=400 if form.is_bound else 200)


@require(Permission.TARGETS_MANAGE)
@require_GET
def import_detail(request: HttpRequest, import_id: int) -> HttpResponse:
    """What became of a file: the preview, or what is wrong in it."""
    actor = actor_of(request)
    made = queries.get_import(actor, import_id)
    wanted = services.wanted_of(actor, made) if made.state == TargetImport.State.READY else []
    language = interface_language()
    return render(
        request,
        "targets/import.html",
        {
            "made": made,
            "wanted": queries.preview(
                actor, made.tree, [(one.row, one.target) for one in wanted[:SHOWN_ROWS]]
            ),
            "names": indicator_names(actor),
            "stored": queries.list_targets(actor, TargetFilter(state="")).filter(source=made)
            if made.state == TargetImport.State.STORED
            else [],
            "new_versions": made.targets.count(),
            "problems": [(one.row, one.column, one.text(language)) for one in made.listed_problems()[:100]],
            "steps": trail(made.file.name),
            "fictional": made.tree.fictional,
        },
    )


@require(Permission.TARGETS_MANAGE)
@require_POST
def confirm(request: HttpRequest, import_id: int) -> HttpResponse:
    """Propose what a checked file states."""
    actor = actor_of(request)
    queries.get_import(actor, import_id)
    services.confirm_import(actor, import_id)
    messages.success(request, _("已导入；影响得分的目标要由另一人批准后才生效。"))
    return redirect("targets:import", import_id)
