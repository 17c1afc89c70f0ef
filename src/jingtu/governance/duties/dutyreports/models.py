"""Yearly duty reports of posts, what was said about them, and the office's evaluation of member units."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from jingtu.assessment.runs.models import Run
from jingtu.core.accounts.models import Unit
from jingtu.core.regions.models import Region

from .rules import State


class DutyReport(models.Model):
    """What the holder of a post reports of one year. ``content``: what the system knew when it was submitted.

    Nothing in it is a score, and no list ranks the people who wrote them.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    post = models.CharField(max_length=128)
    year = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=12, choices=[(state.value, state.value) for state in State], default=State.DRAFT.value
    )
    text = models.TextField(blank=True)
    content = models.JSONField(default=list)
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ("-year", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "region", "post", "year"], name="duty_report_once_a_year"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(submitted_at__isnull=False), name="duty_report_submitted"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.post}"


class DutyComment(models.Model):
    """What a named person said about a report (述职讲评)."""

    report = models.ForeignKey(DutyReport, on_delete=models.PROTECT, related_name="comments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        ordering: ClassVar = ("at", "id")

    def __str__(self) -> str:
        return f"{self.report_id} {self.at:%Y-%m-%d}"


class UnitEvaluation(models.Model):
    """The office's words on a member unit for the period of a published assessment of member units."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("run_id", "region_id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "region"], name="unit_evaluation_once_a_run")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.region_id}"
