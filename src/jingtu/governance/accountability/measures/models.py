"""Ladders, rules, proposals, measures with every step of their due process, recorded effects, bulletins."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from jingtu.assessment.runs.models import Run
from jingtu.core.files.models import StoredFile
from jingtu.core.regions.models import Region
from jingtu.core.ui.middleware import interface_language

from .clocks import Clock
from .clocks import Suspension as Stand
from .ladders import EFFECTS, Rung, rung_of
from .rules import Act, ProposalState, State


class DueStep(models.Model):
    """One step of a due process: what was done on which day, by whom, with which document. Nothing here is undone;
    ``frozen`` keeps the values its document is written from, as they were."""

    on = models.DateField()
    at = models.DateTimeField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    text = models.TextField(blank=True)
    number = models.CharField(max_length=64, blank=True)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    frozen = models.JSONField(default=dict)

    class Meta:
        abstract = True


class DueSuspension(models.Model):
    """Days on which the clocks of a due process stand still, and why; ``last`` empty while they still do."""

    first = models.DateField()
    last = models.DateField(null=True)
    reason = models.TextField()

    class Meta:
        abstract = True

    def days(self) -> Stand:
        """As clocks take it."""
        return Stand(self.first, self.last)


class Ladder(models.Model):
    """One version of an office's ladder. Measures keep the version they were decided under."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    name_zh = models.CharField(max_length=64)
    name_en = models.CharField(max_length=128)
    preset = models.CharField(max_length=32, blank=True)
    rungs = models.JSONField()
    note = models.CharField(max_length=255, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("region", "-version")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "version"], name="measure_ladder_version"),
        ]

    def __str__(self) -> str:
        return f"{self.name_zh} v{self.version}"

    @property
    def name(self) -> str:
        """Its name in the reader's language."""
        return self.name_en if interface_language() == "en" else self.name_zh

    @property
    def steps(self) -> list[Rung]:
        """The kinds of measure in their order."""
        return [rung_of(kept) for kept in self.rungs]


class Rule(models.Model):
    """A rule of an office that proposes: its kind, the parameters the office set, the measure it has in mind."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=64)
    parameters = models.JSONField(default=dict)
    rung = models.CharField(max_length=32, blank=True)
    enabled = models.BooleanField(default=True)
    note = models.CharField(max_length=255, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    changed_at = models.DateTimeField()
    looked_on = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ("region", "kind")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "kind"], name="measure_rule_once"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.kind}"


class Proposal(models.Model):
    """What a rule found about a place, with what speaks against a measure, and what a named person decided."""

    office = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    evidence = models.JSONField(default=list)
    against = models.JSONField(default=list)
    period = models.CharField(max_length=32, blank=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="+")
    publication_hash = models.CharField(max_length=64, blank=True)
    state = models.CharField(
        max_length=12,
        choices=[(one.value, one.value) for one in ProposalState],
        default=ProposalState.OPEN.value,
    )
    proposed_at = models.DateTimeField()
    rung = models.CharField(max_length=32, blank=True)
    post = models.CharField(max_length=128, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    facts = models.TextField(blank=True)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    prepared_at = models.DateTimeField(null=True)
    # Everybody who ever prepared its file; none of them decides.
    hands = models.JSONField(default=list)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    handed_to = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering: ClassVar = ("-proposed_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["office", "region", "key"], name="measure_facts_propose_once"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "filed"])
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(decision="")),
                name="measure_proposal_decided_by_a_person",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True)
                | Q(prepared_by__isnull=True)
                | ~Q(decided_by=F("prepared_by")),
                name="measure_proposal_decider_is_another",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["office", "state"], name="measure_proposal_state"),
            models.Index(fields=["region", "kind"], name="measure_proposal_region"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.region_id} {self.state}"


class Measure(models.Model):
    """A measure against an organisation, or against the holder of a post.

    ``post`` empty: the region's organisation. ``sealed_at``: its term is over and it has left every list.
    """

    office = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, null=True, related_name="measure")
    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, related_name="+")
    rung = models.CharField(max_length=32)
    post = models.CharField(max_length=128, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    facts = models.TextField()
    state = models.CharField(
        max_length=12, choices=[(one.value, one.value) for one in State], default=State.OPENED.value
    )
    opened_on = models.DateField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    hands = models.JSONField(default=list)
    served_on = models.DateField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_on = models.DateField(null=True)
    # How far below the top of the tree the post stands from which it was decided.
    decided_depth = models.PositiveSmallIntegerField(null=True)
    in_force_from = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    # The day of an objection that has not been reviewed yet; a term may end before its review does.
    objected_on = models.DateField(null=True)
    sealed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ("-opened_on", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["opened", "noticed", "served", "replied"])
                | Q(decided_by__isnull=False, decided_on__isnull=False),
                name="measure_leaves_only_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["decided", "in_force", "objected", "revoked", "ended"])
                | Q(served_on__isnull=False),
                name="measure_decided_after_notice",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | ~Q(post=""), name="measure_person_holds_a_post"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["region", "state"], name="measure_region_state"),
            models.Index(fields=["state", "ends_on"], name="measure_state_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.rung} {self.region_id} {self.state}"

    @property
    def kind(self) -> Rung:
        """The rung as it was in the ladder's version."""
        return next(rung for rung in self.ladder.steps if rung.code == self.rung)

    @property
    def name(self) -> str:
        """What kind of measure it is, in the reader's language."""
        return self.kind.name(interface_language())

    @property
    def concerns_person(self) -> bool:
        """Whether it is addressed to the holder of a post."""
        return bool(self.post)

    def stands(self) -> list[Stand]:
        """On which days its clocks stood still."""
        return [row.days() for row in self.suspensions.all()]

    def reply_clock(self) -> Clock | None:
        """The time to reply; None before the notice was served."""
        return Clock(self.served_on, self.kind.reply_days, self.stands()) if self.served_on else None

    def objection_clock(self) -> Clock | None:
        """The time to object; None before the decision was served."""
        if self.in_force_from is None:
            return None
        return Clock(self.in_force_from, self.kind.objection_days, self.stands())

    def review_clock(self) -> Clock | None:
        """The time to review an objection; None while none waits."""
        return Clock(self.objected_on, self.kind.review_days, self.stands()) if self.objected_on else None

    def last_day(self) -> dt.date | None:
        """The last day it stands: that of its term, or for one without a term that of the time to object and of a
        review that waits. None before it is in force, and while a clock stands still."""
        if self.ends_on is not None or self.kind.term:
            return self.ends_on
        clocks = [clock for clock in (self.objection_clock(), self.review_clock()) if clock is not None]
        days = [due for clock in clocks if (due := clock.due()) is not None]
        return max(days) if days and len(days) == len(clocks) else None


class MeasureStep(DueStep):
    """One step of a measure."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="steps")
    act = models.CharField(max_length=16, choices=[(act.value, act.value) for act in Act])

    class Meta:
        ordering: ClassVar = ("at", "id")

    def __str__(self) -> str:
        return f"{self.measure_id} {self.act} {self.on}"


class MeasureSuspension(DueSuspension):
    """Days on which a measure's clocks stand still."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="suspensions")

    class Meta:
        ordering: ClassVar = ("first", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["measure"], condition=Q(last__isnull=True), name="measure_one_open_suspension"
            ),
            models.CheckConstraint(
                condition=Q(last__isnull=True) | Q(last__gte=F("first")), name="measure_suspension_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id} {self.first}–{self.last or ''}"


class MeasureEffect(models.Model):
    """One effect, as the competent body decided it in a document of its own."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="effects")
    effect = models.CharField(max_length=16, choices=[(one, one) for one in EFFECTS])
    body = models.CharField(max_length=128)
    document_number = models.CharField(max_length=64)
    document_date = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("starts_on", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(body="") & ~Q(document_number=""), name="measure_effect_has_its_document"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="measure_effect_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.effect} {self.document_number}"


class QuarterBulletin(models.Model):
    """An issued quarterly bulletin of accountability, kept word for word in both languages."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=32)
    period_end = models.DateField()
    number = models.CharField(max_length=64)
    content = models.JSONField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("-period_end", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "period"], name="measure_bulletin_once"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.period}"
