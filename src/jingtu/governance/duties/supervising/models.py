"""Notices of supervision, the steps of a notice, and the evidence of its answers."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from jingtu.assessment.runs.models import Run
from jingtu.core.accounts.models import Unit
from jingtu.core.files.models import StoredFile
from jingtu.core.regions.models import Region
from jingtu.governance.duties.plans.models import Task

from .rules import USUAL, Days, NoticeAction, NoticeState, Subject


def _choices(words: Any) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]


class Supervision(models.Model):
    """One notice: the office of ``region`` asks ``place`` (there ``unit``) for an answer by ``due``.

    ``label`` and ``label_en``: what the task or indicator was called when the notice was drawn up. ``first_due``: the
    last day at first; ``due`` moves on when an answer is returned. ``days``: its working days for reminders and for
    what is returned.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=12, choices=_choices(Subject))
    task = models.ForeignKey(Task, on_delete=models.PROTECT, null=True, related_name="supervisions")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="+")
    indicator = models.CharField(max_length=96, blank=True)
    label = models.CharField(max_length=300, blank=True)
    label_en = models.CharField(max_length=300, blank=True)
    title = models.CharField(max_length=200)
    text = models.TextField()
    issuer = models.CharField(max_length=64)
    number = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, choices=_choices(NoticeState), default=NoticeState.DRAFTED.value)
    first_due = models.DateField()
    due = models.DateField()
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    drafted_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    issued_at = models.DateTimeField(null=True)
    answered_on = models.DateField(null=True)
    first_answered_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    remind_before = models.PositiveSmallIntegerField(default=USUAL.before)
    remind_again = models.PositiveSmallIntegerField(default=USUAL.repeat)
    return_days = models.PositiveSmallIntegerField(default=USUAL.after_return)
    level = models.PositiveSmallIntegerField(default=0)
    reminded_on = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ("-drafted_at", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=[NoticeState.DRAFTED, NoticeState.WITHDRAWN])
                | Q(issued_at__isnull=False),
                name="supervision_open_only_when_issued",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[NoticeState.ANSWERED, NoticeState.ACCEPTED, NoticeState.RETURNED])
                | Q(first_answered_on__isnull=False),
                name="supervision_closed_only_when_answered",
            ),
            models.CheckConstraint(
                condition=Q(due__gte=models.F("first_due")), name="supervision_clock_runs_on"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due"], name="supervision_by_state"),
            models.Index(fields=["place", "state"], name="supervision_by_place"),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.pk} {self.state}"

    @property
    def days(self) -> Days:
        """The working days it bears, for the rules."""
        return Days(self.remind_before, self.remind_again, self.return_days)

    @property
    def what(self) -> str:
        """What the notice is about, in the reader's language."""
        english = (get_language() or "").startswith("en")
        return (self.label_en if english and self.label_en else self.label) or self.title

    @property
    def addressee(self) -> str:
        """Whom it is addressed to."""
        return self.unit.name if self.unit is not None else self.place.name


class SupervisionStep(models.Model):
    """What was done with a notice, by whom, when, in which words."""

    notice = models.ForeignKey(Supervision, on_delete=models.CASCADE, related_name="steps")
    action = models.CharField(max_length=12, choices=_choices(NoticeAction))
    to_state = models.CharField(max_length=12)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    text = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ("at", "id")

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"


class SupervisionFile(models.Model):
    """A piece of evidence."""

    step = models.ForeignKey(SupervisionStep, on_delete=models.CASCADE, related_name="files")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.file_id)
