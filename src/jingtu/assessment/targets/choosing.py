"""What the pages of targets share: trees, places and indicators to choose from, the way to a page, refusals."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import pgettext

from jingtu.assessment.indicators.queries import current_catalogue
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import Conflict, InvalidInput, NotFound
from jingtu.core.regions.models import RegionTree
from jingtu.core.regions.places import offered_places
from jingtu.core.regions.queries import trees
from jingtu.core.ui.middleware import interface_language

from .forms import Choices
from .visibility import READERS

Trail = list[tuple[str, str]]


def trail(label: str = "", *between: tuple[str, str]) -> Trail:
    """The way to a page of this room."""
    steps = [(pgettext("many", "目标"), reverse("targets:list")), *between]
    return [*steps, (label, "")] if label else steps


def trees_of(actor: Actor) -> list[RegionTree]:
    """Trees in which the actor has to do with targets."""
    found = trees(actor)
    if getattr(actor, "unrestricted", False):
        return found
    wanted = {scope.tree_id for permission in READERS for scope in actor.scopes(permission)}
    return [tree for tree in found if tree.pk in wanted]


def chosen_tree(request: HttpRequest, actor: Actor) -> RegionTree:
    """The tree named by ``?tree=``, otherwise the one of the actor's first post."""
    found = trees_of(actor)
    slug = request.POST.get("tree") or request.GET.get("tree")
    for tree in found:
        if not slug or tree.slug == slug:
            return tree
    raise NotFound(slug, "tree") if slug else NotFound("tree")


def own_regions(actor: Actor, tree: RegionTree) -> list[tuple[int, str]]:
    """Places over which the actor may set targets, indented by depth; of a large tree without its lowest levels."""
    return offered_places(actor, Permission.TARGETS_MANAGE, tree=tree)


def indicator_choices(actor: Actor) -> Choices:
    """Indicators that can have a target."""
    language = interface_language()
    catalogue = current_catalogue(actor)
    return [
        (code, f"{one.name(language)}（{code}）" if language == "zh" else f"{one.name(language)} ({code})")
        for code, one in catalogue.indicators.items()
        if one.direction != "none"
    ]


def indicator_names(actor: Actor) -> dict[str, str]:
    """Names of all indicators, none before there is a catalogue."""
    try:
        catalogue = current_catalogue(actor)
    except NotFound:
        return {}
    return {code: one.name(interface_language()) for code, one in catalogue.indicators.items()}


def tell(form: forms.Form, error: InvalidInput | Conflict, field: str | None = None) -> None:
    """Put a refusal beside the fields it is about, or beside ``field``."""
    problems = error.problems if isinstance(error, InvalidInput) else [error.problem]
    for problem in problems:
        name = problem.column if problem.column in form.fields else field
        form.add_error(name, problem.text(interface_language()))
