"""Bodies: committee, leading group, headquarters, office and teams; who sits in them; what the office has."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from jingtu.core.accounts.models import Unit
from jingtu.core.files.models import StoredFile
from jingtu.core.regions.models import Region
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language

from .rules import NAME_MOST, CapacityKind, Kind, ReportState, Team, Title


class Body(models.Model):
    """One body of a place. ``parent``: to which it answers. ``document``: what it rests on (code or code#article).
    ``indicators``: codes it answers for. Nothing is deleted: a body is dissolved on a day, with the reason."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="below")
    kind = models.CharField(max_length=16, choices=[(kind.value, kind.value) for kind in Kind])
    team = models.CharField(
        max_length=16, blank=True, choices=[(team.value, team.value) for team in Team], default=""
    )
    name = models.CharField(max_length=NAME_MOST)
    name_en = models.CharField(max_length=NAME_MOST, blank=True)
    duties = models.TextField(blank=True)
    document = models.CharField(max_length=130, blank=True)
    indicators = models.JSONField(default=list)
    founded = models.DateField(null=True)
    dissolved = models.DateField(null=True)
    dissolved_why = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("region__tree_id", "region__position", "kind", "team", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "name"], condition=Q(dissolved__isnull=True), name="body_name_once"
            ),
            models.CheckConstraint(
                condition=Q(dissolved__isnull=True) | ~Q(dissolved_why=""), name="body_dissolved_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """The name in the reader's language, where it has one."""
        return self.name_en if interface_language() == "en" and self.name_en else self.name

    @property
    def title_language(self) -> str:
        """In which language :attr:`title` stands, for the page to say so."""
        return "en" if interface_language() == "en" and self.name_en else "zh-Hans"


class Member(models.Model):
    """Somebody in a body by virtue of a post. ``post``: which post; ``user`` or ``name``: who holds it.
    The term's both days are inclusive; ``ended_why``: why it ended before its time."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="members")
    title = models.CharField(max_length=12, choices=[(title.value, title.value) for title in Title])
    post = models.CharField(max_length=128, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=64, blank=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    starts = models.DateField()
    ends = models.DateField(null=True)
    ended_why = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("body_id", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")), name="member_term_in_order"
            ),
            models.CheckConstraint(condition=Q(user__isnull=False) | ~Q(name=""), name="member_is_somebody"),
        ]
        indexes: ClassVar = [models.Index(fields=["body", "ends"], name="member_by_body_and_end")]

    def __str__(self) -> str:
        return self.who

    @property
    def who(self) -> str:
        """The holder's name."""
        return self.user.full_name if self.user else self.name


class Capacity(models.Model):
    """A dated record of what an office has: staff of a kind, the budget of a year, premises, an honour.

    ``planned``: establishment, or yuan in the budget; ``actual``: in post, or yuan spent. The latest of a
    category counts; a record that was wrong is withdrawn with a reason, never deleted.
    """

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="capacities")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in CapacityKind])
    day = models.DateField()
    year = models.PositiveSmallIntegerField(null=True)
    category = models.CharField(max_length=16, blank=True)
    planned = models.PositiveBigIntegerField(null=True)
    actual = models.PositiveBigIntegerField(null=True)
    text = models.CharField(max_length=255, blank=True)
    document = models.CharField(max_length=130, blank=True)
    recorded_by = models.CharField(max_length=128)
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ("kind", "-day", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_why=""),
                name="capacity_withdrawn_with_reason",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["body", "kind", "day"], name="capacity_by_body")]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"


class BodyReport(models.Model):
    """A periodic report of a body to the one above it. ``content``: what was found when it was drawn up;
    ``texts``: what people wrote (``overall``, ``problems``, ``next``). Once issued neither changes."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="reports")
    recipient = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=32)
    state = models.CharField(
        max_length=8,
        choices=[(state.value, state.value) for state in ReportState],
        default=ReportState.DRAFT.value,
    )
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    texts = models.JSONField(default=dict)
    number = models.CharField(max_length=64, blank=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    prepared_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    issued_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ("-prepared_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["body", "period"], name="body_report_once_a_period"),
            models.CheckConstraint(
                condition=Q(issued_by__isnull=True) | ~Q(issued_by=F("prepared_by")),
                name="body_report_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body_id} {self.period}"

    @property
    def period_label(self) -> str:
        """The period in the reader's language."""
        return Period.parse(self.period).label(interface_language())

    def label(self, language: Language) -> str:
        """The period in words."""
        return Period.parse(self.period).label(language)


class BodyReportFile(models.Model):
    """A printed form of an issued report: one format in one language."""

    report = models.ForeignKey(BodyReport, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=8)
    language = models.CharField(max_length=2)

    class Meta:
        ordering: ClassVar = ("-language", "format")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "format", "language"], name="body_report_file_once")
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.language} {self.format}"

    @property
    def label(self) -> str:
        """What a reader is offered: the program's name and the text's language."""
        program = {"docx": "Word", "pdf": "PDF"}[self.format]
        return f"{program} · {'English' if self.language == 'en' else '中文'}"
