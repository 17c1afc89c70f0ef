"""Forms as they are drawn up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jingtu.core.facts.queries import elements as elements_in_force
from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.core.regions.models import PeerGroup, Region
from jingtu.engine.elements import Element
from jingtu.engine.problems import Problem

from ..definition import Definition, Line, lines_of, problems_of
from ..models import Form, FormVersion
from ..visibility import must_look
from ..words import line_name


@dataclass(frozen=True)
class WhoNames:
    """What the region and the peer group that a form is limited to are called today; their codes where they are gone."""

    within: str = ""
    group: str = ""


def who_names(actor: Actor, asked: Sequence[tuple[int, Definition]]) -> list[WhoNames]:
    """The names for several forms, each with the id of its tree. Two queries."""
    regions = {
        (tree_id, code): name
        for tree_id, code, name in Region.objects.filter(
            code__in={definition.who.within for _, definition in asked} - {""}, position__isnull=False
        ).values_list("tree_id", "code", "name")
    }
    groups = {
        (group.tree_id, group.code): group.name_en if actor.language == "en" else group.name_zh
        for group in PeerGroup.objects.filter(
            code__in={definition.who.group for _, definition in asked} - {""}
        )
    }
    return [
        WhoNames(
            regions.get((tree_id, definition.who.within), definition.who.within),
            groups.get((tree_id, definition.who.group), definition.who.group),
        )
        for tree_id, definition in asked
    ]


@dataclass(frozen=True)
class FormLine:
    """A form in the list: its version in force and whether a draft waits."""

    form: Form
    version: FormVersion | None
    draft: FormVersion | None
    cells: int
    names: WhoNames = WhoNames()


def form_list(actor: Actor) -> list[FormLine]:
    """All forms; drafts only for those who draw forms up. Five queries."""
    manages = actor.can(Permission.CATALOGUE_MANAGE)
    if not manages:
        must_look(actor)
    elements = elements_in_force(actor)
    found: dict[int, list[FormVersion]] = {}
    for version in FormVersion.objects.select_related("form__tree").order_by("form__code", "-number"):
        found.setdefault(version.form_id, []).append(version)
    lines = []
    for versions in found.values():
        published = next((version for version in versions if version.published_at), None)
        draft = next((version for version in versions if not version.published_at), None)
        if published is None and not manages:
            continue
        shown = published or versions[0]
        cells = sum(line.kind == "typed" for line in lines_of(shown.content, elements))
        lines.append(FormLine(versions[0].form, published, draft if manages else None, cells))
    asked = [(line.form, line.version.content) for line in lines if line.version is not None]
    names = who_names(actor, [(form.tree_id, content) for form, content in asked])
    named = {form.pk: found for (form, _content), found in zip(asked, names, strict=True)}
    return [replace(line, names=named.get(line.form.pk, WhoNames())) for line in lines]


def versions_of(actor: Actor, code: str) -> tuple[Form, list[FormVersion]]:
    """A form with all its versions, newest first. Raises PermissionDenied without the right to draw forms up."""
    if not actor.can(Permission.CATALOGUE_MANAGE):
        raise PermissionDenied(Permission.CATALOGUE_MANAGE)
    form = Form.objects.select_related("tree").filter(code=code).first()
    if form is None:
        raise NotFound(code, "form")
    return form, list(form.versions.select_related("published_by").order_by("-number"))


@dataclass(frozen=True)
class PreviewLine:
    """A cell of the preview."""

    line: Line
    name: str
    unit: str
    definition: str


@dataclass(frozen=True)
class Preview:
    """How a version will look, what is wrong with it, and whom it asks."""

    definition: Definition
    sections: Sequence[tuple[str, str, Sequence[PreviewLine]]]
    problems: Sequence[Problem]
    typed: int


def form_preview(actor: Actor, definition: Definition) -> Preview:
    """A definition as its fillers will see it. One query."""
    elements = elements_in_force(actor)
    lines = lines_of(definition, elements)
    sections = []
    for number, section in enumerate(definition.sections):
        shown = [_line(line, elements, actor) for line in lines if line.section == number]
        sections.append((section.title(actor.language), section.note(actor.language), shown))
    typed = sum(line.kind == "typed" for line in lines)
    return Preview(definition, sections, problems_of(definition, elements), typed)


def _line(line: Line, elements: Mapping[str, Element], actor: Actor) -> PreviewLine:
    element = elements[line.element]
    return PreviewLine(
        line,
        line_name(line, element, actor.language),
        element.unit_name(actor.language),
        element.definition(actor.language),
    )


def form_page(actor: Actor, code: str) -> tuple[Form, FormVersion]:
    """A form and its newest version, draft or not, for those who draw forms up."""
    form, versions = versions_of(actor, code)
    return form, versions[0]
