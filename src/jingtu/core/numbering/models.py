"""Official numbers (文号): the series of an office, and every number that was ever given out."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import get_language

from .rules import NumberState


class NumberSeries(models.Model):
    """One sequence of an office, counted from 1 every year: ``{office}〔{year}〕{n}号``."""

    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=64)
    office = models.CharField(max_length=32)
    pattern = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("region", "name")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "name"], name="numbering_series_name"),
            models.UniqueConstraint(fields=["office", "pattern"], name="numbering_series_text"),
        ]

    def __str__(self) -> str:
        return self.name


class OfficialNumber(models.Model):
    """A number that was given out. No row is ever deleted, so a gap is never silent."""

    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT, related_name="numbers")
    year = models.PositiveSmallIntegerField()
    n = models.PositiveIntegerField()
    text = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in NumberState])
    subject = models.CharField(max_length=255, blank=True)
    subject_en = models.CharField(max_length=255, blank=True)
    target = models.CharField(max_length=64, blank=True, db_index=True)
    link = models.CharField(max_length=255, blank=True)
    reason = models.TextField(blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("series", "-year", "-n")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["series", "year", "n"], name="numbering_number_once"),
            models.CheckConstraint(condition=models.Q(n__gte=1), name="numbering_number_from_one"),
            models.CheckConstraint(
                condition=models.Q(state=NumberState.ISSUED.value) | ~models.Q(reason=""),
                name="numbering_gap_explained",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def what(self) -> str:
        """What the number stands on, in the reader's language; a person's own words in theirs."""
        english = (get_language() or "").startswith("en")
        return self.subject_en if english and self.subject_en else self.subject
