"""The catalogue: every version ever used as full text, and the drafts of the next one."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from jingtu.core.regions.models import Region
from jingtu.engine.catalogue.editing import Change, from_json

from .rules import DraftAct, DraftState


class CatalogueVersion(models.Model):
    """One version of the catalogue of elements, indicators, groups, scorecards and alert rules.

    ``text`` is the canonical YAML of everything; it is never changed, so a run can always be
    understood with the words that were valid when it was computed. ``applies_from`` is the first day of
    the first period it judges, empty for every period computed since; earlier periods keep the version
    before.
    """

    number = models.PositiveIntegerField(unique=True)
    code = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, db_index=True)
    text = models.TextField()
    in_force_from = models.DateField()
    applies_from = models.DateField(null=True)
    note = models.TextField(blank=True)
    indicator_count = models.PositiveIntegerField()
    element_count = models.PositiveIntegerField()
    scorecard_count = models.PositiveIntegerField()
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    imported_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("-number",)

    def __str__(self) -> str:
        return f"{self.code} v{self.number}"


class CatalogueDraft(models.Model):
    """A next version in the making, begun from ``base``. Several may be open at once.

    ``text`` is the canonical content as JSON: every definition in it can be read; whether all of them
    fit together is found out when it is validated. ``revision`` counts the edits.
    """

    title = models.CharField(max_length=128)
    purpose = models.TextField(blank=True)
    base = models.ForeignKey(CatalogueVersion, on_delete=models.PROTECT, related_name="drafts")
    text = models.TextField()
    revision = models.PositiveIntegerField(default=0)
    state = models.CharField(
        max_length=16,
        choices=[(state.value, state.value) for state in DraftState],
        default=DraftState.DRAFT.value,
    )
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    edited_at = models.DateTimeField()
    validated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    validated_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    period = models.CharField(max_length=32, blank=True)
    version = models.OneToOneField(
        CatalogueVersion, on_delete=models.PROTECT, null=True, related_name="draft"
    )

    class Meta:
        ordering: ClassVar = ("-opened_at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state=DraftState.ENFORCED.value)
                | (
                    Q(version__isnull=False)
                    & Q(validated_by__isnull=False)
                    & Q(decided_by__isnull=False)
                    & ~Q(decided_by=F("opened_by"))
                    & ~Q(decided_by=F("validated_by"))
                    & ~Q(decision="")
                ),
                name="draft_enforced_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state=DraftState.DISCARDED.value) | ~Q(decision=""),
                name="draft_discarded_with_reason",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "-opened_at"], name="draft_state")]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"

    @cached_property
    def content(self) -> dict[str, Any]:
        """The definitions as plain data; never to be changed in place."""
        content: dict[str, Any] = json.loads(self.text)
        return content


class DraftEdit(models.Model):
    """One edit of a draft as somebody made it; undoing adds another. Nothing is ever taken out."""

    draft = models.ForeignKey(CatalogueDraft, on_delete=models.CASCADE, related_name="edits")
    number = models.PositiveIntegerField()
    act = models.CharField(max_length=16, choices=[(act.value, act.value) for act in DraftAct])
    changes = models.TextField()
    subjects = models.JSONField(default=list, help_text="[kind, code, what] of every definition changed")
    note = models.CharField(max_length=500, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("draft", "-number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draft", "number"], name="draft_edit_number"),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id}/{self.number} {self.act}"

    @cached_property
    def listed(self) -> list[Change]:
        """What it changed."""
        return from_json(self.changes)


class DraftImpact(models.Model):
    """What a draft, as it was after edit ``revision``, makes of the latest published figures of a region.

    Worked out from frozen files and definitions alone: it can be thrown away and worked out again. ``run``
    is the run's own id: runs are another app's.
    """

    draft = models.ForeignKey(CatalogueDraft, on_delete=models.CASCADE, related_name="impacts")
    revision = models.PositiveIntegerField()
    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="+")
    run = models.BigIntegerField()
    link = models.CharField(max_length=200)
    scorecard = models.CharField(max_length=64)
    period = models.CharField(max_length=32)
    result = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("scorecard", "region", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draft", "run"], name="draft_impact_once"),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id}/{self.run}"
