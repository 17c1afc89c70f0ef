"""Forms in versions, reports with their cells and history, proxies, and reminders already sent."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.periods import Period

from .definition import Definition, from_json
from .rules import ReportAction, ReportState


class Form(models.Model):
    """A form under its code; what it asks is in its versions. The names are those of the newest one published."""

    code = models.CharField(max_length=64, unique=True)
    tree = models.ForeignKey(RegionTree, on_delete=models.PROTECT, related_name="+")
    name_zh = models.CharField(max_length=128)
    name_en = models.CharField(max_length=128)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("code",)

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        """The form's name in the reader's language."""
        return self.name_en if interface_language() == "en" else self.name_zh


class FormVersion(models.Model):
    """What a form asks from a day on. A published version is never changed; a report keeps its version."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    note = models.CharField(max_length=500, blank=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    edited_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("form", "-number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["form", "number"], name="form_version_number"),
            models.UniqueConstraint(
                fields=["form"], condition=Q(published_at__isnull=True), name="form_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.form_id} v{self.number}"

    @cached_property
    def content(self) -> Definition:
        """The definition as an object."""
        return from_json(self.definition)


class Report(models.Model):
    """One unit's answer to one form for one period. It exists from the first cell that was typed.

    ``step`` is the number of the review step it waits for; ``passed_by`` those who passed earlier steps of this
    round; ``revision`` grows with every act, so that nobody decides on something they have not seen.
    """

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="reports")
    version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=32)
    period_start = models.DateField()
    period_end = models.DateField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=[(state.value, state.value) for state in ReportState])
    step = models.PositiveSmallIntegerField(default=0)
    revision = models.PositiveIntegerField(default=0)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    passed_by = models.JSONField(default=list)
    typed_cells = models.PositiveIntegerField(default=0)
    locked_cells = models.PositiveIntegerField(default=0)
    first_submitted_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # Sequence numbers of the batches of facts this report was accepted into.
    batches = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ("-period_end", "form", "region")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["form", "region", "period"], name="report_once"),
            models.CheckConstraint(
                condition=~Q(state=ReportState.ACCEPTED.value) | Q(accepted_at__isnull=False),
                name="report_accepted_when",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True)
                | Q(submitted_by__isnull=True)
                | ~Q(accepted_by=F("submitted_by")),
                name="report_accepted_by_another",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["form", "period", "state"], name="report_by_state"),
            models.Index(fields=["region", "period_end"], name="report_by_region"),
        ]

    def __str__(self) -> str:
        return f"{self.form_id}/{self.period}/{self.region_id}"

    @property
    def period_label(self) -> str:
        """The period as offices write it."""
        return Period.parse(self.period).label(interface_language())


class Cell(models.Model):
    """One figure of a report. ``version`` grows with every change; ``returned`` marks what was sent back."""

    class Origin(models.TextChoices):
        TYPED = "typed"
        SHEET = "sheet"
        API = "api"
        TOTAL = "total"
        BELOW = "below"
        FEED = "feed"
        GIVEN = "given"

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="cells")
    element = models.CharField(max_length=96)
    category = models.CharField(max_length=128, blank=True)
    value = models.BigIntegerField(null=True)
    qualifier = models.CharField(max_length=8, blank=True)
    note = models.CharField(max_length=300, blank=True)
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.TYPED)
    version = models.PositiveIntegerField(default=1)
    returned = models.BooleanField(default=False)
    return_reason = models.CharField(max_length=500, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    entered_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("report", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "element", "category"], name="report_cell_once"),
            models.CheckConstraint(
                condition=Q(returned=False) | ~Q(return_reason=""), name="report_cell_returned_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}/{self.element}|{self.category}"

    @property
    def key(self) -> str:
        """How the cell is called."""
        return f"{self.element}|{self.category}" if self.category else self.element


class ReportEvent(models.Model):
    """What somebody did: to one cell, or (``element`` empty) to the whole report."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="events")
    action = models.CharField(
        max_length=16, choices=[(action.value, action.value) for action in ReportAction]
    )
    element = models.CharField(max_length=96, blank=True)
    category = models.CharField(max_length=128, blank=True)
    value = models.BigIntegerField(null=True)
    qualifier = models.CharField(max_length=8, blank=True)
    note = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=16, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    person_label = models.CharField(max_length=160)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("at", "id")
        indexes: ClassVar = [models.Index(fields=["report", "element"], name="report_event_of_cell")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.action}"


class Proxy(models.Model):
    """Somebody who fills in for a reporter from one day to another (both inclusive), once approved."""

    class State(models.TextChoices):
        ASKED = "asked"
        APPROVED = "approved"
        REFUSED = "refused"
        ENDED = "ended"

    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proxy = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField()
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=16, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ("-asked_at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(valid_to__gte=F("valid_from")), name="proxy_dates_in_order"),
            models.CheckConstraint(condition=~Q(reporter=F("proxy")), name="proxy_is_another"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | (~Q(decided_by=F("reporter")) & ~Q(decided_by=F("proxy"))),
                name="proxy_decided_by_another",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["proxy", "state"], name="proxy_in_force")]

    def __str__(self) -> str:
        return f"{self.proxy_id} for {self.reporter_id}"


class Reminder(models.Model):
    """A reminder that was sent: each of the three once for a unit, form and period; by hand once a day."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="+")
    period = models.CharField(max_length=32)
    kind = models.CharField(max_length=24)  # before, at, after, or "by hand" with its day
    sent_at = models.DateTimeField()
    people = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ("-sent_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["form", "region", "period", "kind"], name="reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.form_id}/{self.period}/{self.region_id} {self.kind}"
