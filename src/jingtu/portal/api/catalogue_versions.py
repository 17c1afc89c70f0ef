"""Versions and drafts of the catalogue: what there is, what differs, what a draft would do."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jingtu.assessment.indicators import queries
from jingtu.assessment.indicators.models import CatalogueDraft
from jingtu.assessment.indicators.queries import Comparison
from jingtu.core.accounts.access import actor_of

from . import paging
from .schemas import Id

router = Router(tags=["catalogue"])
Number = Annotated[int, Field(ge=1, le=2**31 - 1, description="The number of a version.")]


class VersionOut(Schema):
    """A version. `applies_from`: the first day of the first period it judges, null for every period since."""

    number: int
    code: str
    digest: str
    in_force_from: dt.date
    applies_from: dt.date | None
    note: str


class Versions(Schema):
    """All versions, the newest first."""

    items: list[VersionOut]


class FieldOut(Schema):
    """A field that differs; an empty text where it is not given."""

    field: str
    old: str
    new: str


class ChangeOut(Schema):
    """A definition; `what`: added, removed or changed."""

    what: str
    kind: str
    code: str
    fields: list[FieldOut]


class Difference(Schema):
    """What the newer of two contents says otherwise."""

    items: list[ChangeOut]


class DraftOut(Schema):
    """A draft: `base` is the version it was begun from, `version` the one it became; `state`: draft, validated,
    enforced or discarded."""

    id: int
    title: str
    purpose: str
    base: int
    state: str
    edits: int
    opened_by: str
    opened_at: dt.datetime
    version: int | None
    decision: str


class DraftPage(Schema):
    """A page of drafts, the newest first."""

    items: list[DraftOut]
    next: str | None


class ImpactOut(Schema):
    """A published result as a draft would have it; `stale`: the draft was edited since this was worked out."""

    run: int
    scorecard: str
    region: int
    period: str
    stale: bool
    moved: int
    reranked: int
    places: list[dict[str, Any]]
    indicators: list[dict[str, Any]]


class Impacts(Schema):
    """What is known of a draft's impact, as far as the caller may see it."""

    items: list[ImpactOut]


@router.get("/catalogue/versions", response=Versions, summary="指标目录历次版本")
def list_versions(request: HttpRequest) -> Versions:
    """Every version, in force, to come or retired."""
    return Versions(
        items=[
            VersionOut(
                number=version.number,
                code=version.code,
                digest=version.digest,
                in_force_from=version.in_force_from,
                applies_from=version.applies_from,
                note=version.note,
            )
            for version in queries.versions(actor_of(request))
        ]
    )


@router.get("/catalogue/diff", response=Difference, summary="两版差异")
def get_difference(request: HttpRequest, old: Number, new: Number) -> Difference:
    """What two versions say differently, field by field."""
    _old, _new, found = queries.compare_versions(actor_of(request), old, new)
    return _difference(found)


@router.get("/catalogue/drafts", response=DraftPage, summary="目录草案列表")
def list_drafts(
    request: HttpRequest,
    state: Literal["", "open", "draft", "validated", "enforced", "discarded"] = "",
    cursor: paging.Cursor = "",
    limit: paging.Limit = 50,
) -> DraftPage:
    """Drafts of the next version, for those who draw up, manage or read drafts."""
    rows, following = paging.newest_first(
        queries.drafts(actor_of(request), state), limit, cursor, state=state
    )
    return DraftPage(items=[_draft(draft) for draft in rows], next=following)


@router.get("/catalogue/drafts/{draft_id}", response=DraftOut, summary="一个目录草案")
def get_draft(request: HttpRequest, draft_id: Id) -> DraftOut:
    """One draft."""
    return _draft(queries.get_draft(actor_of(request), draft_id))


@router.get("/catalogue/drafts/{draft_id}/diff", response=Difference, summary="草案改了什么")
def get_draft_difference(request: HttpRequest, draft_id: Id) -> Difference:
    """What a draft says otherwise than the version it was begun from."""
    return _difference(queries.compare_draft(actor_of(request), draft_id)[1])


@router.get("/catalogue/drafts/{draft_id}/impact", response=Impacts, summary="草案的影响")
def get_draft_impact(request: HttpRequest, draft_id: Id) -> Impacts:
    """What was last worked out of a draft's impact on published results, in the caller's own regions."""
    actor = actor_of(request)
    views = queries.impact_views(actor, queries.get_draft(actor, draft_id))
    return Impacts(
        items=[
            ImpactOut(
                run=view.impact.run,
                scorecard=view.impact.scorecard,
                region=view.impact.region_id,
                period=view.impact.period,
                stale=view.stale,
                moved=view.moved,
                reranked=view.reranked,
                places=[dict(place) for place in view.places],
                indicators=[dict(one) for _name, one in view.indicators],
            )
            for view in views
        ]
    )


def _difference(found: Comparison) -> Difference:
    return Difference(
        items=[
            ChangeOut(
                what=change.what,
                kind=change.kind,
                code=change.code,
                fields=[FieldOut(field=one.path, old=one.old, new=one.new) for one in fields],
            )
            for change, fields in found.changes
        ]
    )


def _draft(draft: CatalogueDraft) -> DraftOut:
    return DraftOut(
        id=draft.pk,
        title=draft.title,
        purpose=draft.purpose,
        base=draft.base.number,
        state=draft.state,
        edits=draft.revision,
        opened_by=draft.opened_by.full_name or draft.opened_by.username,
        opened_at=draft.opened_at,
        version=draft.version.number if draft.version else None,
        decision=draft.decision,
    )
