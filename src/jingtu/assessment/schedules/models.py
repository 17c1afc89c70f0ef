"""Schedules, and what became of every period that fell due."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from jingtu.assessment.bulletins.models import DistributionList
from jingtu.assessment.runs.models import Run
from jingtu.core.regions.models import Region

from .rules import NAME_MOST, Cadence, Consent, OccurrenceState, Timing, WaitFor


class Schedule(models.Model):
    """A rhythm: which card over which region, how often, when due, on whose behalf. ``stopped``: why it was
    stopped by the machine, as a problem's code and parameters; empty while it runs or a person paused it."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=NAME_MOST)
    level = models.CharField(max_length=32, blank=True)
    scorecard = models.CharField(max_length=64)
    cadence = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Cadence])
    ranges = models.JSONField(default=list)
    offset_days = models.PositiveSmallIntegerField()
    in_working_days = models.BooleanField()
    at = models.TimeField()
    min_coverage = models.PositiveSmallIntegerField()
    wait_for = models.CharField(
        max_length=12, choices=[(one.value, one.value) for one in WaitFor], default=WaitFor.COVERAGE.value
    )
    # Codes of the forms whose reports must all be accepted, where it waits for reports.
    forms = models.JSONField(default=list)
    wait_days = models.PositiveSmallIntegerField()
    bulletin = models.CharField(max_length=8, blank=True)
    send_to = models.ForeignKey(DistributionList, on_delete=models.SET_NULL, null=True, related_name="+")
    on_behalf = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    consent = models.CharField(
        max_length=12,
        choices=[(one.value, one.value) for one in Consent],
        default=Consent.ASKED.value,
    )
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True)
    # Own ids of everybody who made or changed it: none of them signs what it prepares.
    set_up_by = models.JSONField(default=list)
    # What kept the whole schedule from being looked at, as a problem's code and parameters; when it is tried again.
    trouble = models.JSONField(default=list)
    trouble_at = models.DateTimeField(null=True)
    troubles = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    starts_on = models.DateField()
    enabled = models.BooleanField(default=True)
    stopped = models.JSONField(default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("region__tree", "region__position", "name")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "name"], name="schedule_name_once"),
            models.CheckConstraint(condition=Q(min_coverage__lte=100), name="schedule_coverage_is_percent"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def timing(self) -> Timing:
        """When it is due, for the rules."""
        return Timing(
            Cadence(self.cadence),
            self.offset_days,
            self.in_working_days,
            self.at,
            self.wait_days,
            tuple(self.ranges),
        )


class Occurrence(models.Model):
    """One period of a schedule. The constraint is what keeps two workers from making a run twice.

    ``note`` and ``late``: what happened and why late, as a problem's code and parameters.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="occurrences")
    period = models.CharField(max_length=32)
    period_end = models.DateField()
    due_at = models.DateTimeField()
    latest_at = models.DateTimeField()
    state = models.CharField(
        max_length=12,
        choices=[(state.value, state.value) for state in OccurrenceState],
        default=OccurrenceState.WAITING.value,
    )
    coverage = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    seen_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+")
    note = models.JSONField(default=list)
    late = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ("schedule", "period_end")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["schedule", "period"], name="schedule_period_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"], name="occurrence_by_state"),
            models.Index(fields=["due_at"], name="occurrence_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.period}"
