"""Waves of outside surveys: who asked whom, when and how, and the result of every place."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language

from jingtu.core.facts.models import FactBatch, TableImport
from jingtu.core.regions.models import Region, RegionTree
from jingtu.engine.periods import Period

LONGEST = {"agency": 128, "method": 255, "source": 255}
"""What may be said of a survey, in characters."""


class SurveyImport(TableImport):
    """An uploaded table of results; ``about`` is what was said of the survey."""

    about = models.JSONField(default=dict)

    class Meta(TableImport.Meta):
        abstract = False


class Wave(models.Model):
    """One round of a survey. Its results are facts of a reported element in the batch; ``region`` is the
    nearest region that holds all places asked. A wave whose batch was undone is taken back."""

    tree = models.ForeignKey(RegionTree, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    element = models.CharField(max_length=96)
    period = models.CharField(max_length=32)
    start = models.DateField()
    end = models.DateField()
    agency = models.CharField(max_length=LONGEST["agency"])
    method = models.CharField(max_length=LONGEST["method"], blank=True)
    source = models.CharField(max_length=LONGEST["source"], blank=True)
    fictional = models.BooleanField(default=False)
    batch = models.OneToOneField(FactBatch, on_delete=models.PROTECT, related_name="+")
    upload = models.OneToOneField(SurveyImport, on_delete=models.PROTECT, null=True, related_name="wave")
    stored_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    stored_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("-end", "element", "-pk")
        indexes: ClassVar = [
            models.Index(fields=["tree", "element", "period", "agency"], name="survey_wave_of")
        ]

    def __str__(self) -> str:
        return f"{self.element} {self.period}"

    @property
    def period_label(self) -> str:
        """The period as offices write it."""
        return Period.parse(self.period).label("en" if (get_language() or "").startswith("en") else "zh")


class Result(models.Model):
    """What one place answered: percent of positive answers, with its interval where one is known."""

    wave = models.ForeignKey(Wave, on_delete=models.CASCADE, related_name="results")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    value = models.DecimalField(max_digits=7, decimal_places=2)
    sample = models.PositiveIntegerField(null=True)
    positives = models.PositiveIntegerField(null=True)
    low = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    high = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    interval_given = models.BooleanField(default=False)
    source_row = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ("wave", "-value", "region")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wave", "region"], name="survey_result_once"),
            models.CheckConstraint(
                condition=Q(positives__isnull=True) | Q(positives__lte=F("sample")),
                name="survey_positives_within_sample",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_id}: {self.value}"
