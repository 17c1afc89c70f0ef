"""Where a person stands to a draft, and what a draft means: asked by services and queries alike."""

from __future__ import annotations

import json
from functools import lru_cache

from jingtu.core.kernel.actor import Actor, Permission, user_id_of
from jingtu.core.kernel.errors import Conflict, NotFound, PermissionDenied
from jingtu.engine.catalogue import Catalogue, plain
from jingtu.engine.catalogue.editing import Plain, compiled

from .models import CatalogueDraft
from .rules import DraftAct, DraftFacts, DraftState, permission_for, permitted, refusal
from .store import catalogue_with

READERS = (Permission.CATALOGUE_MANAGE, Permission.CATALOGUE_DRAFT, Permission.DRAFTS_READ)
"""Who may read drafts of the catalogue: definitions are no secret, but drafts are work in progress."""


def may_read(actor: Actor) -> bool:
    """Whether drafts are the actor's to read."""
    return any(actor.can(permission) for permission in READERS)


def draft_with(actor: Actor, draft_id: int, *, lock: bool = False) -> CatalogueDraft:
    """The draft. Raises NotFound where it is not the actor's to know."""
    if not may_read(actor):
        raise NotFound(draft_id, "catalogue_draft")
    drafts = CatalogueDraft.objects.select_related(
        "base", "opened_by", "validated_by", "decided_by", "version"
    )
    if lock:
        drafts = CatalogueDraft.objects.select_for_update(of=("self",)).select_related("base")
    draft = drafts.defer("base__text").filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(draft_id, "catalogue_draft")
    return draft


def draft_facts(actor: Actor, draft: CatalogueDraft) -> DraftFacts:
    """What the rules ask about this draft and this actor. At most one query besides the actor's own."""
    person = user_id_of(actor)
    hands = {draft.opened_by_id, draft.validated_by_id, *draft.edits.values_list("person_id", flat=True)}
    return DraftFacts(
        state=DraftState(draft.state),
        opener=person is not None and person == draft.opened_by_id,
        had_a_hand=person in hands,
        permissions=frozenset(
            permission
            for permission in (Permission.CATALOGUE_MANAGE, Permission.CATALOGUE_DRAFT)
            if actor.can(permission)
        ),
    )


def require(actor: Actor, draft: CatalogueDraft, act: DraftAct) -> int:
    """The person behind the actor; raises PermissionDenied or Conflict unless the rules allow the act."""
    person = user_id_of(actor)
    facts = draft_facts(actor, draft)
    if person is None or not permitted(act, facts):
        raise PermissionDenied(permission_for(act))
    problem = refusal(act, facts)
    if problem is not None:
        raise Conflict(problem)
    return person


def base_content(draft: CatalogueDraft) -> Plain:
    """The definitions the draft was begun from, as plain data."""
    return plain(catalogue_with(draft.base.digest))


def catalogue_of_draft(draft: CatalogueDraft) -> Catalogue:
    """The catalogue a draft stands for; its definitions may not fit together yet."""
    return _compiled(draft.text)


@lru_cache(maxsize=8)
def _compiled(text: str) -> Catalogue:

    return compiled(json.loads(text))
