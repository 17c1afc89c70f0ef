"""Deciding about a draft: validate, put in force from a period, discard."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from jingtu.core.audit.actions import register_actions
from jingtu.core.audit.services import record
from jingtu.core.kernel.actor import Actor
from jingtu.core.kernel.clock import now
from jingtu.core.kernel.errors import Conflict, InvalidInput, Problem
from jingtu.engine.catalogue import check_catalogue, dump_yaml, load_catalogue
from jingtu.engine.catalogue.editing import changes_between
from jingtu.engine.periods import Period

from ..models import CatalogueDraft, CatalogueVersion
from ..rules import DraftAct, DraftState
from ..standing import base_content, catalogue_of_draft, draft_with, require
from ..store import latest
from .drafting import required_reason
from .importing import store_version

register_actions(
    {
        "indicators.draft_validated": ("校验目录草案", "Catalogue draft validated"),
        "indicators.draft_discarded": ("作废目录草案", "Catalogue draft discarded"),
    }
)


def validate(actor: Actor, draft_id: int) -> CatalogueDraft:
    """Check the whole as a file would be checked and hand it to the second person.

    Raises InvalidInput with every error, each naming its definition; warnings do not hold it back. Raises
    Conflict for a draft that changes nothing or rests on an outdated version.
    """
    with transaction.atomic():
        draft = draft_with(actor, draft_id, lock=True)
        person = require(actor, draft, DraftAct.VALIDATE)
        _current(draft)
        if not changes_between(base_content(draft), draft.content):
            raise Conflict(Problem("indicators.draft_unchanged"))
        problems = check_catalogue(catalogue_of_draft(draft))
        errors = [problem for problem in problems if problem.severity == "error"]
        if errors:
            raise InvalidInput(errors)
        draft.state = DraftState.VALIDATED.value
        draft.validated_by_id, draft.validated_at = person, now()
        draft.save(update_fields=["state", "validated_by", "validated_at"])
        record(
            actor,
            "indicators.draft_validated",
            target_type="catalogue_draft",
            target_id=draft.pk,
            after={"revision": draft.revision, "warnings": len(problems)},
        )
    return draft


def enforce(actor: Actor, draft_id: int, period: str, reason: str) -> CatalogueVersion:
    """Make a validated draft the next version, judging every period that ends in ``period`` or later.

    For a second person with CATALOGUE_MANAGE who had no hand in the draft. Periods before keep the version
    valid for them. Raises Conflict when another version was adopted since the draft was begun.
    """
    reason = required_reason(reason)
    asked = Period.parse(period.strip())
    try:
        with transaction.atomic():
            draft = draft_with(actor, draft_id, lock=True)
            person = require(actor, draft, DraftAct.ENFORCE)
            list(CatalogueVersion.objects.select_for_update().order_by("-number").values_list("pk")[:1])
            _current(draft)
            earliest = draft.base.applies_from
            if earliest is not None and asked.start < earliest:
                raise InvalidInput(
                    [
                        Problem(
                            "indicators.period_before_base",
                            {"base": draft.base.number, "day": earliest.isoformat()},
                            column="period",
                        )
                    ]
                )
            # Read once more from the text that is stored, as a file would be: what is in force can be read.
            catalogue = load_catalogue(dump_yaml(catalogue_of_draft(draft)))
            version = store_version(
                actor, catalogue, reason, asked.start, asked.start, action="indicators.catalogue_enforced"
            )
            draft.state, draft.version, draft.period = DraftState.ENFORCED.value, version, asked.key
            draft.decided_by_id, draft.decided_at, draft.decision = person, now(), reason
            draft.save(update_fields=["state", "version", "period", "decided_by", "decided_at", "decision"])
    except IntegrityError as error:
        raise Conflict(Problem("indicators.somebody_faster")) from error
    return version


def discard(actor: Actor, draft_id: int, reason: str) -> CatalogueDraft:
    """Give a draft up, with the reason; it stays readable."""
    reason = required_reason(reason)
    with transaction.atomic():
        draft = draft_with(actor, draft_id, lock=True)
        person = require(actor, draft, DraftAct.DISCARD)
        draft.state, draft.decision = DraftState.DISCARDED.value, reason
        draft.decided_by_id, draft.decided_at = person, now()
        draft.save(update_fields=["state", "decision", "decided_by", "decided_at"])
        record(
            actor,
            "indicators.draft_discarded",
            target_type="catalogue_draft",
            target_id=draft.pk,
            after={"revision": draft.revision},
            reason=reason,
        )
    return draft


def _current(draft: CatalogueDraft) -> None:
    newest = latest()
    if newest is not None and newest.pk != draft.base_id:
        raise Conflict(
            Problem("indicators.draft_outdated", {"base": draft.base.number, "newest": newest.number})
        )
