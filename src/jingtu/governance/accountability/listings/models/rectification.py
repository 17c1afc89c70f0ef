"""What follows a listing: progress by month, the acceptance with its team, the opinions asked."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from jingtu.core.ui.middleware import interface_language

from .listing import Listing, ListingCriterion

PERSON = settings.AUTH_USER_MODEL


class Progress(models.Model):
    """What was reported of one month of rectification."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="progress")
    month = models.DateField(help_text="the first day of the month")
    text = models.TextField()
    reported_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("month",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["listing", "month"], name="listings_progress_once_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} {self.month:%Y-%m}"


class ProgressValue(models.Model):
    """A criterion's value at the end of a month: from a published run, or entered with its source."""

    progress = models.ForeignKey(Progress, on_delete=models.CASCADE, related_name="values")
    criterion = models.ForeignKey(ListingCriterion, on_delete=models.CASCADE, related_name="values")
    value = models.DecimalField(max_digits=18, decimal_places=4)
    source = models.CharField(max_length=255, blank=True)
    run = models.ForeignKey("runs.Run", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["progress", "criterion"], name="listings_value_once"),
            models.CheckConstraint(
                condition=Q(run__isnull=False) | ~Q(source=""), name="listings_value_has_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.progress_id} {self.criterion_id}"


class Acceptance(models.Model):
    """An examination on the spot by the checklist; it counts when the whole team has signed."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="acceptances")
    held_on = models.DateField()
    findings = models.TextField()
    pass_mark = models.DecimalField(max_digits=6, decimal_places=2)
    total = models.DecimalField(max_digits=6, decimal_places=2)
    passed = models.BooleanField()
    text_hash = models.CharField(max_length=64)
    prepared_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    # Drawn up anew before everybody had signed, or the listing went back to rectification.
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["listing"],
                condition=Q(dropped_at__isnull=True),
                name="listings_one_acceptance_counts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} {self.held_on}"


class AcceptanceLine(models.Model):
    """A line of the checklist as it was scored."""

    acceptance = models.ForeignKey(Acceptance, on_delete=models.CASCADE, related_name="lines")
    code = models.CharField(max_length=32)
    name_zh = models.CharField(max_length=128)
    name_en = models.CharField(max_length=192, blank=True)
    points = models.DecimalField(max_digits=6, decimal_places=2)
    score = models.DecimalField(max_digits=6, decimal_places=2)
    note = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering: ClassVar = ("id",)

    def __str__(self) -> str:
        return f"{self.code} {self.score}/{self.points}"

    @property
    def name(self) -> str:
        """What was looked at, in the reader's language."""
        return self.name_en if interface_language() == "en" and self.name_en else self.name_zh


class TeamMember(models.Model):
    """A member of the acceptance team with the signature: when, over which text."""

    acceptance = models.ForeignKey(Acceptance, on_delete=models.CASCADE, related_name="team")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    leads = models.BooleanField(default=False)
    signed_at = models.DateTimeField(null=True)
    signed_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ("-leads", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["acceptance", "person"], name="listings_team_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.acceptance_id} {self.person_id}"


class Opinion(models.Model):
    """What a named unit was asked about delisting, and what it answered."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="opinions")
    acceptance = models.ForeignKey(Acceptance, on_delete=models.CASCADE, related_name="opinions")
    unit = models.CharField(max_length=128)
    asked_on = models.DateField()
    due_on = models.DateField()
    answered_on = models.DateField(null=True)
    agrees = models.BooleanField(null=True)
    text = models.TextField(blank=True)
    entered_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["acceptance", "unit"], name="listings_unit_asked_once"),
        ]

    def __str__(self) -> str:
        return self.unit
