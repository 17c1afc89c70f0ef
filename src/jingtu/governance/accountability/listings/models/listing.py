"""A listing itself: the place, its criteria, its course with evidence, its printed papers."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from jingtu.core.files.models import StoredFile
from jingtu.core.numbering.models import OfficialNumber
from jingtu.core.regions.models import Region
from jingtu.core.ui.middleware import interface_language

from ..definition import PROBLEMS
from ..rules import BEFORE, ENDED, RUNNING, Following, ListingState
from .rule_sets import RuleVersion

PERSON = settings.AUTH_USER_MODEL


class Venue(models.Model):
    """A place that is listed itself: a venue, a market, a workshop, within the region it lies in."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=128)
    kind = models.CharField(max_length=64)
    address = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering: ClassVar = ("region", "name")

    def __str__(self) -> str:
        return self.name


class Listing(models.Model):
    """A region (or a venue in it) from the proposal to list it until the case is closed.

    Terms begin on ``listed_on``; ``term_months`` and ``extended_months`` add up to ``due_on``. ``former`` is the
    listing that this one follows by relapse or by being raised to a higher class.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, null=True, related_name="listings")
    version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="listings")
    class_code = models.CharField(max_length=32)
    class_zh = models.CharField(max_length=64)
    class_en = models.CharField(max_length=128, blank=True)
    class_rank = models.PositiveSmallIntegerField()
    problem = models.CharField(max_length=16, choices=[(code, code) for code in PROBLEMS])
    level = models.CharField(max_length=16)
    state = models.CharField(
        max_length=16,
        choices=[(state.value, state.value) for state in ListingState],
        default=ListingState.PROPOSED.value,
    )
    former = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="followers")
    following = models.CharField(
        max_length=8, blank=True, choices=[(one.value, one.value) for one in Following if one.value]
    )
    grounds = models.TextField()
    # What it was proposed from: [{"criterion", "value", "required", "run", "period", "indicator"}]; and the
    # arguments against as [{"code", "params"}], worded when they are read.
    evidence = models.JSONField(default=list)
    against = models.JSONField(default=list)

    proposed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    noticed_on = models.DateField(null=True)
    hear_until = models.DateField(null=True)
    reply = models.TextField(blank=True)
    replied_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    replied_at = models.DateTimeField(null=True)
    hearing = models.TextField(blank=True)

    listed_on = models.DateField(null=True)
    term_months = models.PositiveSmallIntegerField(default=0)
    extended_months = models.PositiveSmallIntegerField(default=0)
    due_on = models.DateField(null=True)
    leader = models.CharField(max_length=128, blank=True)
    no_awards = models.BooleanField(default=False)
    no_promotion = models.BooleanField(default=False)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    document_number = models.CharField(max_length=64, blank=True)
    document_date = models.DateField(null=True)

    self_assessment = models.TextField(blank=True)
    delisted_on = models.DateField(null=True)
    watch_until = models.DateField(null=True)
    ended_on = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ("-listed_on", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=sorted(BEFORE | {ListingState.NOT_TAKEN, ListingState.WITHDRAWN}))
                | (
                    Q(decided_by__isnull=False, decided_at__isnull=False, listed_on__isnull=False)
                    & Q(noticed_on__isnull=False, due_on__isnull=False, document_date__isnull=False)
                    & ~Q(document_number="")
                    & ~Q(decision="")
                ),
                name="listings_listed_by_a_person_after_notice",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=models.F("proposed_by")), name="listings_decider_is_another"
            ),
            models.CheckConstraint(
                condition=Q(following="") | Q(former__isnull=False), name="listings_following_names_former"
            ),
            # A comparison with an empty day is neither true nor false, and passes.
            models.CheckConstraint(
                condition=Q(hear_until__gte=F("noticed_on"))
                & Q(listed_on__gte=F("noticed_on"))
                & Q(due_on__gte=F("listed_on"))
                & Q(delisted_on__gte=F("listed_on"))
                & Q(ended_on__gte=F("listed_on"))
                & Q(ended_on__gte=F("delisted_on")),
                name="listings_days_in_order",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_on"], name="listings_by_state"),
            models.Index(fields=["region", "state"], name="listings_by_region"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.class_code} {self.state}"

    @property
    def class_name(self) -> str:
        """The class in the reader's language."""
        return self.class_en if interface_language() == "en" and self.class_en else self.class_zh

    @property
    def running(self) -> bool:
        """Whether the term runs."""
        return self.state in RUNNING

    @property
    def open(self) -> bool:
        """Whether anything is still to be done."""
        return self.state not in ENDED

    @property
    def subject(self) -> str:
        """The place that is listed: the venue, else the region."""
        return f"{self.region.name} · {self.venue.name}" if self.venue else self.region.name


class ListingCriterion(models.Model):
    """One criterion of a listing: its value at the entry and what is required at the exit, frozen when it was listed."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="criteria")
    code = models.CharField(max_length=32)
    name_zh = models.CharField(max_length=128)
    name_en = models.CharField(max_length=192, blank=True)
    unit_zh = models.CharField(max_length=16, blank=True)
    unit_en = models.CharField(max_length=32, blank=True)
    measure = models.CharField(max_length=16)
    subject = models.CharField(max_length=96, blank=True)
    required = models.CharField(max_length=32, blank=True)
    entry_value = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    entry_source = models.CharField(max_length=255, blank=True)
    entry_run = models.ForeignKey("runs.Run", on_delete=models.PROTECT, null=True, related_name="+")
    entry_day = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["listing", "code"], name="listings_criterion_once"),
            models.CheckConstraint(
                condition=Q(entry_value__isnull=True) | Q(entry_run__isnull=False) | ~Q(entry_source=""),
                name="listings_entry_value_has_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} {self.code}"


class ListingStep(models.Model):
    """One thing that was done: the course of a listing. Nothing of it is ever changed."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="steps")
    act = models.CharField(max_length=16)
    state = models.CharField(max_length=16)
    on = models.DateField()
    at = models.DateTimeField()
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    # What the machine adds to a step, worded when it is read: {"code": …, "params": …}.
    note = models.JSONField(default=dict)
    document_number = models.CharField(max_length=64, blank=True)
    document_date = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ("at", "id")

    def __str__(self) -> str:
        return f"{self.listing_id} {self.act}"


class StepFile(models.Model):
    """Evidence or a paper that belongs to a step."""

    step = models.ForeignKey(ListingStep, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ("id",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["file"], name="listings_step_file_once")]

    def __str__(self) -> str:
        return str(self.file_id)


class ListingPaper(models.Model):
    """An official paper of a listing: printed once as Word and PDF, with its number."""

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=16)
    number = models.CharField(max_length=64)
    official = models.ForeignKey(OfficialNumber, on_delete=models.PROTECT, null=True, related_name="+")
    word = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    # A translation to be read beside it; what counts is the paper.
    reading = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("-id",)

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class Reminder(models.Model):
    """That somebody was told of a day to come, so that nobody is told twice."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)
    day = models.DateField()
    sent_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["listing", "kind", "day"], name="listings_reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} {self.kind} {self.day}"
