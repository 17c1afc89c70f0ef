"""Appeals: one disputed number, what was said about it, and what was corrected because of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from jingtu.assessment.runs.models import Run
from jingtu.core.facts.models import FactBatch
from jingtu.core.files.models import StoredFile
from jingtu.core.regions.models import Region
from jingtu.core.ui.middleware import interface_language

from .rules import DECIDED_STATES, OPEN_STATES, AppealAction, AppealState, Disputed


class Appeal(models.Model):
    """One appeal. ``key`` names the disputed number within the derivation of ``indicator`` at ``region``;
    ``shown`` is what stood there, ``label`` and ``label_en`` what it was called, when it was filed."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="appeals")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    indicator = models.CharField(max_length=96)
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in Disputed])
    key = models.CharField(max_length=255)
    label = models.CharField(max_length=255)
    label_en = models.CharField(max_length=255)
    shown = models.CharField(max_length=64, blank=True)
    claimed = models.CharField(max_length=64, blank=True)
    text = models.TextField()
    state = models.CharField(
        max_length=12,
        choices=[(state.value, state.value) for state in AppealState],
        default=AppealState.FILED.value,
    )
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField()
    due = models.DateField(null=True)
    accepted_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    reminded_on = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ("-filed_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "region", "indicator", "key"],
                condition=Q(state__in=sorted(OPEN_STATES)),
                name="appeal_one_open_per_number",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(DECIDED_STATES))
                | (Q(decided_by__isnull=False) & Q(decided_at__isnull=False) & ~Q(decision="")),
                name="appeal_decided_by_a_person_with_reasons",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("filed_by")),
                name="appeal_decider_is_not_the_filer",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due"], name="appeal_by_state_and_due"),
            models.Index(fields=["run", "region"], name="appeal_by_run_and_region"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state}"

    @property
    def what(self) -> str:
        """What the disputed number is called in the reader's language."""
        return self.label_en if interface_language() == "en" else self.label

    @property
    def whose(self) -> str:
        """The place and what it disputes; a figure that the place reported itself is called by it already."""
        own = self.key.startswith(f"fact:{self.region_id}:")
        return self.what if own else f"{self.region.name} · {self.what}"


class AppealStep(models.Model):
    """What one person did with an appeal, when, in which words."""

    appeal = models.ForeignKey(Appeal, on_delete=models.CASCADE, related_name="steps")
    action = models.CharField(max_length=12, choices=[(item.value, item.value) for item in AppealAction])
    to_state = models.CharField(max_length=12)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ("at", "id")

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"


class AppealFile(models.Model):
    """A piece of evidence."""

    step = models.ForeignKey(AppealStep, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ("id",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["file"], name="appeal_file_once")]

    def __str__(self) -> str:
        return str(self.file_id)


class Correction(models.Model):
    """One figure that a decision changed, from what to what, and the batch that did it."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="corrections")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    element = models.CharField(max_length=96)
    period = models.CharField(max_length=32)
    category = models.CharField(max_length=96, blank=True)
    label = models.CharField(max_length=255)
    label_en = models.CharField(max_length=255)
    old = models.CharField(max_length=64, blank=True)
    new = models.CharField(max_length=64)
    batch = models.OneToOneField(FactBatch, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ("id",)

    def __str__(self) -> str:
        return f"{self.element} {self.old}→{self.new}"

    @property
    def what(self) -> str:
        """What the figure is called in the reader's language."""
        return self.label_en if interface_language() == "en" else self.label
