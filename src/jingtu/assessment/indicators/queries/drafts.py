"""Reading drafts of the catalogue: what they hold, what they change, what is wrong with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from jingtu.core.kernel.actor import Actor, Permission
from jingtu.core.kernel.errors import NotFound, PermissionDenied
from jingtu.engine.catalogue import check_catalogue, dump_yaml
from jingtu.engine.catalogue.editing import HEAD, KINDS, Change, Plain, changes_between, entry_of
from jingtu.engine.catalogue.integrity import kind_of
from jingtu.engine.problems import Language, Problem

from ..models import CatalogueDraft, DraftEdit
from ..rules import OPEN, DraftAct, DraftState, Undoable, may_edit, permitted, refusal, undoable
from ..standing import READERS, base_content, catalogue_of_draft, draft_facts, draft_with, may_read
from ..store import latest


@dataclass(frozen=True)
class DraftFilter:
    """What the definitions of a draft are narrowed to; empty values leave it open."""

    kind: str = ""
    text: str = ""
    what: str = ""


@dataclass(frozen=True)
class DefinitionLine:
    """One definition in the list of a draft. ``what``: added, changed, removed or empty; ``problems``: how many
    errors and warnings name it."""

    kind: str
    code: str
    name: str
    what: str
    errors: int
    warnings: int


@dataclass(frozen=True)
class LinkedProblem:
    """Something wrong, with the definition it is about; ``kind`` empty where that is not known."""

    problem: Problem
    kind: str
    code: str


@dataclass(frozen=True)
class DraftPage:
    """A draft with what it changes, what is wrong, and what this actor may do."""

    draft: CatalogueDraft
    changes: Sequence[Change]
    problems: Sequence[LinkedProblem]
    editable: bool
    acts: frozenset[DraftAct]
    own_hand: bool
    undoable: Undoable
    outdated: int | None

    @property
    def errors(self) -> int:
        """How many problems hold it back."""
        return sum(one.problem.severity == "error" for one in self.problems)

    @property
    def warnings(self) -> int:
        """How many deserve a look."""
        return len(self.problems) - self.errors


def drafts(actor: Actor, state: str = "") -> QuerySet[CatalogueDraft]:
    """Drafts, the newest first, with people and the number of edits. Raises PermissionDenied for who reads none."""
    if not may_read(actor):
        raise PermissionDenied(READERS[1])
    found = (
        CatalogueDraft.objects.select_related("base", "opened_by", "validated_by", "decided_by", "version")
        .defer("text", "base__text", "version__text")
        .annotate(edit_count=Count("edits"))
        .order_by("-opened_at", "-id")
    )
    if state == "open":
        return found.filter(state__in=OPEN)
    return found.filter(state=state) if state else found


def get_draft(actor: Actor, draft_id: int) -> CatalogueDraft:
    """One draft. Raises NotFound for who reads none."""
    return draft_with(actor, draft_id)


def may_draft(actor: Actor) -> bool:
    """Whether the actor may begin a draft."""
    return any(
        actor.can(permission) for permission in (Permission.CATALOGUE_DRAFT, Permission.CATALOGUE_MANAGE)
    )


def may_read_drafts(actor: Actor) -> bool:
    """Whether drafts are the actor's to read."""
    return may_read(actor)


def draft_page(actor: Actor, draft_id: int) -> DraftPage:
    """A draft as a whole. A constant number of queries."""
    draft = draft_with(actor, draft_id)
    facts = draft_facts(actor, draft)
    newest = latest() if facts.state in OPEN else None
    acts = draft.edits.order_by("number").values_list("number", "act")
    return DraftPage(
        draft=draft,
        changes=changes_between(base_content(draft), draft.content),
        problems=draft_problems(draft),
        editable=may_edit(facts) and facts.state in OPEN,
        acts=frozenset(act for act in DraftAct if permitted(act, facts) and refusal(act, facts) is None),
        own_hand=facts.had_a_hand and facts.state is DraftState.VALIDATED,
        undoable=undoable((number, DraftAct(act)) for number, act in acts),
        outdated=newest.number if newest is not None and newest.pk != draft.base_id else None,
    )


def draft_problems(draft: CatalogueDraft) -> list[LinkedProblem]:
    """What the check of the whole finds, errors first, each with its definition."""
    catalogue = catalogue_of_draft(draft)
    found = []
    for problem in check_catalogue(catalogue):
        code = (problem.column or "").partition(".")[0]
        found.append(LinkedProblem(problem, kind_of(catalogue, code), code))
    return sorted(found, key=lambda one: one.problem.severity != "error")


def definitions(page: DraftPage, wanted: DraftFilter, language: Language) -> list[DefinitionLine]:
    """The definitions of a draft that match, those it removes among them."""
    changed = {(change.kind, change.code): change for change in page.changes}
    errors: Counter[tuple[str, str]] = Counter()
    warnings: Counter[tuple[str, str]] = Counter()
    for one in page.problems:
        (errors if one.problem.severity == "error" else warnings)[one.kind, one.code] += 1
    found = []
    text = wanted.text.strip().lower()
    for kind in (wanted.kind,) if wanted.kind in KINDS else KINDS:
        entries = list(page.draft.content.get(kind, ()))
        entries += [
            change.before for change in page.changes if change.kind == kind and change.what == "removed"
        ]
        for entry in entries:
            key = (kind, entry["code"])
            what = changed[key].what if key in changed else ""
            if wanted.what and wanted.what != what and not (wanted.what == "any" and what):
                continue
            if wanted.what == "problem" and not (errors[key] or warnings[key]):
                continue
            if text and not any(text in part.lower() for part in _searched(entry)):
                continue
            found.append(
                DefinitionLine(
                    kind, entry["code"], name_of(entry, language), what, errors[key], warnings[key]
                )
            )
    return found


def _searched(entry: Mapping[str, Any]) -> list[str]:
    words = entry.get("name") or entry.get("title") or {}
    return [entry["code"], *map(str, words.values()), str(entry.get("formula", ""))]


def name_of(entry: Mapping[str, Any] | None, language: Language) -> str:
    """The name or title of a definition as plain data."""
    words = (entry or {}).get("name") or (entry or {}).get("title") or {}
    return str(words.get(language) or words.get("zh") or "")


def entry_in(draft: CatalogueDraft, kind: str, code: str) -> Plain:
    """One definition of a draft. Raises NotFound."""
    entry = entry_of(draft.content, kind, code) if kind in (*KINDS, HEAD) else None
    if entry is None:
        raise NotFound(code, "definition")
    return entry


def edits(actor: Actor, draft_id: int) -> QuerySet[DraftEdit]:
    """Every edit of a draft, the newest first."""
    draft = draft_with(actor, draft_id)
    return draft.edits.select_related("person").defer("changes")


def edit_of(actor: Actor, draft_id: int, number: int) -> DraftEdit:
    """One edit with what it changed. Raises NotFound."""
    found = draft_with(actor, draft_id).edits.select_related("person").filter(number=number).first()
    if found is None:
        raise NotFound(number, "catalogue_draft")
    return found


def draft_text(actor: Actor, draft_id: int) -> str:
    """The draft as one YAML text, as a file would hold it."""
    return dump_yaml(catalogue_of_draft(draft_with(actor, draft_id)))
