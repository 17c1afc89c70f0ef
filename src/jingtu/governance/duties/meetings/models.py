"""Series of meetings, meetings, what they talked about, who came, what was decided."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from jingtu.core.accounts.models import Unit
from jingtu.core.files.models import StoredFile
from jingtu.core.regions.models import Region
from jingtu.core.ui.middleware import interface_language
from jingtu.governance.duties.bodies.models import Body

from .rules import TITLE_MOST, MeetingState, Presence, Rhythm, Rule, Shift


def _in_language(zh: str, en: str) -> str:
    return (en or zh) if interface_language() == "en" else zh


class Series(models.Model):
    """A rhythm of meetings about one region: which body meets, which day, when, where, who leads and who usually
    comes."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=TITLE_MOST)
    preset = models.CharField(max_length=16, blank=True)
    rhythm = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Rhythm])
    weekday = models.PositiveSmallIntegerField(null=True)
    nth = models.PositiveSmallIntegerField(default=0)
    day = models.PositiveSmallIntegerField(default=0)
    month = models.PositiveSmallIntegerField(default=1)
    shift = models.CharField(
        max_length=8, choices=[(one.value, one.value) for one in Shift], default=Shift.LATER.value
    )
    at = models.TimeField()
    minutes = models.PositiveSmallIntegerField(default=60)
    place = models.CharField(max_length=TITLE_MOST, blank=True)
    chair = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ended_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("region__tree", "region__position", "name")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "name"], name="meeting_series_name_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> Rule:
        """On which day it meets, for the rules."""
        return Rule(Rhythm(self.rhythm), self.weekday, self.nth, self.day, self.month, Shift(self.shift))


class Person(models.Model):
    """Somebody named on a list: a user, or a guest by name; ``role`` is what they come as."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    name = models.CharField(max_length=64, blank=True)
    role = models.CharField(max_length=64, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        abstract = True

    @property
    def label(self) -> str:
        """The name, whether the person has an account or not."""
        return self.person.full_name if self.person is not None else self.name


class UsualAttendee(Person):
    """Who usually comes to the meetings of a series."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="usual")

    class Meta:
        ordering: ClassVar = ("position", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["series", "person"], condition=Q(person__isnull=False), name="usual_attendee_once"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Meeting(models.Model):
    """One meeting. Never deleted: cancelled or moved with a reason, which its steps keep.

    ``period``: which of its series; empty for an extraordinary one. ``planned_on``: the day its rule names;
    ``moved``: why a public holiday moved it, as a problem's code and parameters; ``day_off``: somebody wants it on a day
    on which offices do not work.
    """

    series = models.ForeignKey(Series, on_delete=models.PROTECT, null=True, related_name="meetings")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=16, blank=True)
    title = models.CharField(max_length=TITLE_MOST)
    planned_on = models.DateField()
    held_on = models.DateField()
    at = models.TimeField()
    minutes = models.PositiveSmallIntegerField(default=60)
    place = models.CharField(max_length=TITLE_MOST, blank=True)
    chair = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(
        max_length=12,
        choices=[(one.value, one.value) for one in MeetingState],
        default=MeetingState.PLANNED.value,
    )
    moved = models.JSONField(default=list)
    day_off = models.BooleanField(default=False)
    invited_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    agenda_at = models.DateTimeField()
    """When anything that the papers print was last changed."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("-held_on", "-at", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["series", "period"], condition=Q(series__isnull=False), name="meeting_period_once"
            ),
            models.CheckConstraint(
                condition=~Q(state=MeetingState.CONFIRMED.value) | Q(confirmed_by__isnull=False),
                name="meeting_confirmed_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["held_on"], name="meeting_by_day"),
            models.Index(fields=["region", "held_on"], name="meeting_by_place"),
            models.Index(fields=["state", "held_on"], name="meeting_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.held_on}"

    @property
    def frozen(self) -> bool:
        """Whether the invitation has gone out with the agenda."""
        return self.invited_at is not None


class Attendee(Person):
    """Who is asked to a meeting, and who came; ``substitute`` says who stood in."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendees")
    presence = models.CharField(
        max_length=12, choices=[(one.value, one.value) for one in Presence], default=Presence.EXPECTED.value
    )
    substitute = models.CharField(max_length=64, blank=True)
    substitute_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering: ClassVar = ("position", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["meeting", "person"], condition=Q(person__isnull=False), name="attendee_once"
            ),
            models.CheckConstraint(
                condition=~Q(presence=Presence.SUBSTITUTED.value)
                | ~Q(substitute="")
                | Q(substitute_person__isnull=False),
                name="attendee_substitute_is_named",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def substitute_label(self) -> str:
        """Who stood in."""
        return self.substitute_person.full_name if self.substitute_person is not None else self.substitute


class AgendaItem(models.Model):
    """One item. ``kind`` and ``key`` name what it came from; an own item has the kind "own"."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=32)
    key = models.CharField(max_length=64, blank=True)
    title_zh = models.CharField(max_length=255)
    title_en = models.CharField(max_length=255, blank=True)
    detail_zh = models.TextField(blank=True)
    detail_en = models.TextField(blank=True)
    url = models.CharField(max_length=255, blank=True)
    presenter = models.CharField(max_length=64, blank=True)
    presenter_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    minutes = models.PositiveSmallIntegerField(default=10)
    added_late = models.BooleanField(default=False)
    record = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ("position", "pk")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["meeting", "kind", "key"], condition=~Q(key=""), name="agenda_point_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title_zh

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return _in_language(self.title_zh, self.title_en)

    @property
    def detail(self) -> str:
        """What is said below the title, in the reader's language."""
        return _in_language(self.detail_zh, self.detail_en)

    @property
    def presenter_label(self) -> str:
        """Who presents it."""
        return self.presenter_person.full_name if self.presenter_person is not None else self.presenter


class Paper(models.Model):
    """A file handed in for an item; ``pages`` of a PDF, which is bound into the pack."""

    item = models.ForeignKey(AgendaItem, on_delete=models.CASCADE, related_name="papers")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    pages = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("pk",)

    def __str__(self) -> str:
        return self.file.name


class Decision(models.Model):
    """What a meeting decided: who does what by when. It becomes a task when the minutes are confirmed."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="decisions")
    item = models.ForeignKey(AgendaItem, on_delete=models.SET_NULL, null=True, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    due = models.DateField()

    class Meta:
        ordering: ClassVar = ("meeting", "number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["meeting", "number"], name="decision_number_once"),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def origin(self) -> str:
        """How its task names it."""
        return f"decision:{self.pk}"


class MeetingStep(models.Model):
    """One line of a meeting's history; ``told``: what the machine says of it, as a problem's code and parameters."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="steps")
    act = models.CharField(max_length=12)
    reason = models.CharField(max_length=500, blank=True)
    told = models.JSONField(default=list)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("pk",)

    def __str__(self) -> str:
        return f"{self.act} {self.at:%Y-%m-%d}"


class Pack(models.Model):
    """The papers of a meeting as they were bound; a newer one stands beside the older."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="packs")
    language = models.CharField(max_length=2)
    pages = models.PositiveSmallIntegerField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("-pk",)

    def __str__(self) -> str:
        return self.file.name
