"""Bonus and deduction entries with their evidence, and vetoes with their course from notice to decision."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from jingtu.core.files.models import StoredFile
from jingtu.core.regions.models import Region, RegionTree
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language

from .rules import DECIDED, EntryState, VetoState


class Entry(models.Model):
    """A count on a bonus or deduction line of a card, for one place and one period."""

    tree = models.ForeignKey(RegionTree, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    scorecard = models.CharField(max_length=64)
    line = models.CharField(max_length=12, choices=[("bonus", "bonus"), ("deduction", "deduction")])
    indicator = models.CharField(max_length=96)
    period = models.CharField(max_length=32)
    period_end = models.DateField()
    count = models.DecimalField(max_digits=8, decimal_places=2)
    reason = models.TextField()
    state = models.CharField(
        max_length=12,
        choices=[(state.value, state.value) for state in EntryState],
        default=EntryState.PROPOSED.value,
    )
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawal = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ("-period_end", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(count__gt=0), name="entry_counts_something"),
            models.CheckConstraint(
                condition=~Q(state__in=[EntryState.APPROVED.value, EntryState.REFUSED.value])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="entry_decided_by_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(state=EntryState.APPROVED.value) | ~Q(decided_by=F("entered_by")),
                name="entry_approver_is_another",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tree", "scorecard", "period", "state"], name="entry_for_runs")
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.indicator} {self.period} {self.state}"

    @property
    def period_label(self) -> str:
        """The period as offices write it."""
        return Period.parse(self.period).label(_language())


class EntryFile(models.Model):
    """A piece of evidence."""

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="evidence")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ("id",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["file"], name="entry_file_once")]

    def __str__(self) -> str:
        return str(self.file_id)


class VetoCase(models.Model):
    """A veto that fired for a place: what it rests on, the reply of the place, the decision."""

    tree = models.ForeignKey(RegionTree, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    scorecard = models.CharField(max_length=64)
    indicator = models.CharField(max_length=96)
    period = models.CharField(max_length=32)
    period_end = models.DateField()
    name_zh = models.CharField(max_length=255)
    name_en = models.CharField(max_length=255)
    effect = models.CharField(max_length=16)
    value = models.CharField(max_length=64)
    person_based = models.BooleanField(default=False)
    state = models.CharField(
        max_length=12,
        choices=[(state.value, state.value) for state in VetoState],
        default=VetoState.PROPOSED.value,
    )
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    reply_until = models.DateField()
    reply = models.TextField(blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    replied_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ("-period_end", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "scorecard", "period", "indicator"], name="veto_case_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(DECIDED))
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision="")),
                name="veto_decided_by_a_person_with_reasons",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tree", "scorecard", "period", "state"], name="veto_for_runs")
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.period} {self.state}"

    @property
    def name(self) -> str:
        """What the veto says, in the reader's language."""
        return self.name_en if _language() == "en" else self.name_zh

    @property
    def period_label(self) -> str:
        """The period as offices write it."""
        return Period.parse(self.period).label(_language())


def _language() -> Language:
    return "en" if (get_language() or "").startswith("en") else "zh"
