"""Alerts: one episode of one rule at one place, its periods, its history, who has read it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from jingtu.assessment.runs.models import Run
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.periods import Period

from .rules import OPEN_STATES, AlertState, Severity

OPEN = sorted(state.value for state in OPEN_STATES)


class Alert(models.Model):
    """One episode. ``disclosed``: whether what it rests on is published; until then it is a draft's and
    seen by those who see drafts of ``within``, the region that was assessed. ``sensitive``: it would tell a count of persons
    that was suppressed when the run was watched; :mod:`.smallness` says what is suppressed today."""

    rule = models.CharField(max_length=64)
    rule_zh = models.CharField(max_length=128)
    rule_en = models.CharField(max_length=128)
    kind = models.CharField(max_length=16)
    severity = models.CharField(max_length=8, choices=[(item.value, item.value) for item in Severity])
    tree = models.ForeignKey(RegionTree, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    within = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=96, blank=True)
    cadence = models.CharField(max_length=16)
    state = models.CharField(
        max_length=12, choices=[(item.value, item.value) for item in AlertState], default=AlertState.NEW.value
    )
    disclosed = models.BooleanField(default=False)
    sensitive = models.BooleanField(default=False)
    first_period = models.CharField(max_length=32)
    last_period = models.CharField(max_length=32)
    last_start = models.DateField()
    last_end = models.DateField()
    eased_in = models.CharField(max_length=32, blank=True)
    times = models.PositiveIntegerField(default=1)
    strength = models.FloatField()
    settled_strength = models.FloatField(default=0)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    due_on = models.DateField()
    snoozed_until = models.DateField(null=True)
    raised_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ("-last_end", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule", "region", "subject", "cadence"],
                condition=Q(state__in=OPEN),
                name="alert_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(state=AlertState.SNOOZED.value) | Q(snoozed_until__isnull=False),
                name="alert_snoozed_until_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, closed_at__isnull=True)
                | (~Q(state__in=OPEN) & Q(closed_at__isnull=False)),
                name="alert_closed_has_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_on"], name="alert_state_due"),
            models.Index(fields=["tree", "region", "state"], name="alert_place"),
            models.Index(fields=["owner", "state"], name="alert_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.region_id} {self.last_period}"

    @property
    def rule_name(self) -> str:
        """The rule's name in the reader's language, as it was when the alert was raised."""
        return self.rule_en if interface_language() == "en" else self.rule_zh

    @property
    def period_label(self) -> str:
        """The latest period as offices write it."""
        return Period.parse(self.last_period).label(interface_language())

    @property
    def open(self) -> bool:
        """Whether anything is still to be done."""
        return self.state in OPEN


class AlertOccurrence(models.Model):
    """One period of an episode, with the numbers the detection rests on."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="occurrences")
    period = models.CharField(max_length=32)
    period_end = models.DateField()
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="+")
    code = models.CharField(max_length=64)
    evidence = models.JSONField(default=dict)
    strength = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("-period_end", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["alert", "period"], name="alert_occurrence_once"),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} {self.period}"


class AlertEvent(models.Model):
    """One line of an alert's history: what happened, who did it (nobody: the machine), why."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12)
    period = models.CharField(max_length=32, blank=True)
    reason = models.TextField(blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class AlertReading(models.Model):
    """The receipt: who has opened an alert, when first and when last."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="readings")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("first_at",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["alert", "person"], name="alert_reading_once"),
        ]

    def __str__(self) -> str:
        return f"{self.alert_id}/{self.person_id}"


class WatchedRun(models.Model):
    """A run the rules have been applied to: of which content, and whether as a published one."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    disclosed = models.BooleanField(default=False)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.run_id} {self.digest[:12]}"


class Sweep(models.Model):
    """A day on which absent reports were looked for."""

    day = models.DateField(unique=True)
    raised = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day}"
