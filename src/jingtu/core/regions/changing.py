"""Screens that change region trees: upload, dated changes with a preview, aliases, peer groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from jingtu.core.kernel.actor import SYSTEM, Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied
from jingtu.core.regions import forms, queries, services
from jingtu.core.regions.models import PeerGroup
from jingtu.core.regions.views import actor_of, interface_language, may_manage, may_preview
from jingtu.engine.tree import read_region_rows

SHOWN_PROBLEMS = 200


def _create(form: forms.CreateForm) -> services.Effect:
    data = form.cleaned_data
    return services.create_region(
        form.acting,
        form.region,
        code=data["code"],
        name=data["name"],
        level=data["level"],
        order=form.order(),
    )


def _rename(form: forms.RenameForm) -> services.Effect:
    data = form.cleaned_data
    return services.rename_region(
        form.acting, form.region, name=data["name"], code=data["code"], order=form.order()
    )


def _move(form: forms.MoveForm) -> services.Effect:
    data = form.cleaned_data
    return services.move_region(
        form.acting, form.region, data["parent"], code=data["code"] or None, order=form.order()
    )


def _merge(form: forms.MergeForm) -> services.Effect:
    data = form.cleaned_data
    others = [form.others[pk] for pk in data["siblings"]]
    if data["mode"] == "into":
        return services.merge_regions(form.acting, others, into=form.region, order=form.order())
    return services.merge_regions(
        form.acting, [form.region, *others], name=data["name"], code=data["code"], order=form.order()
    )


def _split(form: forms.SplitForm) -> services.Effect:
    return services.split_region(
        form.acting, form.region, form.parts(), keeps=form.cleaned_data["keeps"], order=form.order()
    )


# kind → form, what it does
_KINDS: dict[str, tuple[type[forms.OrderForm], Callable[[Any], services.Effect]]] = {
    "create": (forms.CreateForm, _create),
    "rename": (forms.RenameForm, _rename),
    "move": (forms.MoveForm, _move),
    "merge": (forms.MergeForm, _merge),
    "split": (forms.SplitForm, _split),
}


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, region_id: int, kind: str) -> HttpResponse:
    """A dated change of a region: first its effect is shown, then it is confirmed. Who prepares assessments there
    sees the effect too, as far as their posts reach, and changes nothing."""
    actor = actor_of(request)
    region = queries.get_region(actor, region_id)
    if kind not in _KINDS:
        raise NotFound(kind)
    manages = may_manage(actor, region)
    confirms = request.POST.get("step") == "confirm"
    if not may_preview(actor, region) or (confirms and not manages):
        raise PermissionDenied(Permission.REGIONS_MANAGE)
    form_class, act = _KINDS[kind]
    form = form_class(_posted(request)[0], actor=actor, region=region)
    if not manages:
        form.acting = SYSTEM  # tried out and taken back
    preview: services.Preview | None = None
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            # Entries changed since their preview are previewed again instead of confirmed.
            if confirms and form.previewed_revision() is not None:
                form.confirming = True
                effect = act(form)
                messages.success(request, _("已登记区划变更，审计记录已写入。"))
                return redirect("regions:detail", region_id=effect.change.region_id)
            preview = services.preview_change(actor, region.tree, lambda: act(form))
        except InvalidInput as error:
            show_problems(form, error)
            status = 400
        except Conflict as error:
            form.add_error(None, error.problem.text(interface_language()))
            status = 409
    context = {
        "region": region,
        "tree": region.tree,
        "fictional": region.tree.fictional,
        "kind": kind,
        "form": form,
        "may_confirm": manages,
        "effect": preview.effect if preview else None,
        "groups": preview.groups if preview else (),
        "previewed": f"{preview.revision}.{form.entries_digest()}" if preview else "",
        "ancestors": queries.ancestors(actor, region),
    }
    if form.errors and status == 200:
        status = 400
    return render(request, "regions/change.html", context, status=status)


@require_http_methods(["GET", "POST"])
def load(request: HttpRequest) -> HttpResponse:
    """Upload a region file: all rows or none."""
    actor = actor_of(request)
    if not actor.can(Permission.REGIONS_MANAGE):
        raise PermissionDenied(Permission.REGIONS_MANAGE)
    form = forms.LoadForm(*_posted(request))
    problems: list[tuple[int | None, str, str]] = []
    count = 0
    if request.method == "POST" and form.is_valid():
        try:
            rows = read_region_rows(form.cleaned_data["file"])
            result = services.load_tree(actor, form.spec(), rows)
        except InvalidInput as error:
            count = len(error.problems)
            problems = [
                (problem.row, problem.column or "", problem.text(interface_language()))
                for problem in error.problems[:SHOWN_PROBLEMS]
            ]
        else:
            if result.unchanged:
                messages.success(request, _("内容与上次相同，没有变化。"))
            else:
                messages.success(
                    request,
                    _("已导入：新增 %(created)s，更名 %(renamed)s，划转 %(moved)s，已撤销 %(ended)s。")
                    % {
                        "created": result.created,
                        "renamed": result.renamed,
                        "moved": result.moved,
                        "ended": result.ended,
                    },
                )
            return redirect("regions:tree", slug=result.tree.slug)
    context = {"form": form, "problems": problems, "count": count}
    return render(request, "regions/load.html", context, status=400 if problems or form.errors else 200)


@require_POST
def alias_add(request: HttpRequest, region_id: int) -> HttpResponse:
    """Let a region be found by another name."""
    actor = actor_of(request)
    region = queries.get_region(actor, region_id)
    form = forms.AliasForm(request.POST)
    name = form.cleaned_data["name"] if form.is_valid() else ""
    services.add_alias(actor, region, name)
    messages.success(request, _("已增加别名。"))
    return redirect("regions:detail", region_id=region_id)


@require_POST
def alias_remove(request: HttpRequest, region_id: int, alias_id: int) -> HttpResponse:
    """Take another name away."""
    actor = actor_of(request)
    services.remove_alias(actor, queries.get_region(actor, region_id), alias_id)
    messages.success(request, _("已删除别名。"))
    return redirect("regions:detail", region_id=region_id)


@require_http_methods(["GET", "POST"])
def group_edit(request: HttpRequest, slug: str, code: str = "") -> HttpResponse:
    """Create or change a peer group."""
    actor = actor_of(request)
    tree = queries.tree_by_slug(actor, slug)
    if not may_manage(actor, queries.root_of(actor, tree)):
        raise PermissionDenied(Permission.REGIONS_MANAGE)
    group = None
    initial: dict[str, object] = {}
    if code:
        group = _group(slug, code)
        members = group.members.order_by("position")
        initial = {
            "code": group.code,
            "name_zh": group.name_zh,
            "name_en": group.name_en,
            "note": group.note,
            "members": "\n".join(f"{region.code} {region.name} #{region.pk}" for region in members),
        }
    form = forms.PeerGroupForm(_posted(request)[0], initial=initial, actor=actor, tree=tree)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.set_peer_group(
                actor,
                tree,
                group.code if group else data["code"],
                name_zh=data["name_zh"],
                name_en=data["name_en"],
                members=data["members"],
                note=data["note"],
            )
        except InvalidInput as error:
            show_problems(form, error)
        else:
            messages.success(request, _("同类组已保存。"))
            return redirect("regions:groups", slug=slug)
    context = {
        "tree": tree,
        "fictional": tree.fictional,
        "group": group,
        "form": form,
        "cancel_url": reverse("regions:groups", kwargs={"slug": slug}),
    }
    return render(request, "regions/group.html", context, status=400 if form.errors else 200)


@require_POST
def group_remove(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Delete a peer group."""
    services.remove_peer_group(actor_of(request), _group(slug, code))
    messages.success(request, _("同类组已删除。"))
    return redirect("regions:groups", slug=slug)


def _group(slug: str, code: str) -> PeerGroup:
    group = PeerGroup.objects.select_related("tree").filter(tree__slug=slug, code=code).first()
    if group is None:
        raise NotFound(code, "group")
    return group


def show_problems(form: django_forms.Form, error: InvalidInput) -> None:
    """Put what a service refused beside the fields it is about."""
    for problem in error.problems:
        field = problem.column if problem.column in form.fields else None
        form.add_error(field, problem.text(interface_language()))


def _posted(request: HttpRequest) -> tuple[Any, Any]:
    """What a form is filled from: nothing before it was sent, even an empty sending afterwards."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)
