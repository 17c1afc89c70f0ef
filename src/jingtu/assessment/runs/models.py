"""Runs: one assessment of the places of a level inside a region, from draft to publication."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from jingtu.assessment.indicators.models import CatalogueVersion
from jingtu.core.facts.models import FactBatch
from jingtu.core.numbering.models import NumberSeries
from jingtu.core.regions.models import Region, RegionTree
from jingtu.core.ui.middleware import interface_language
from jingtu.engine.periods import Period

from .findingrules import FindingAct
from .rules import DECIDE_DAYS, EXAMINE_DAYS, OBJECTION_DAYS, FindingState, RunAction, RunState, Severity


class Run(models.Model):
    """One version of one assessment.

    ``region`` is the region inside which the places of ``level`` are ranked. ``facts_upto`` is the
    sequence of the last batch of the tree that was read; with ``catalogue`` and ``tree_digest`` it
    says everything the figures rest on. ``snapshot_digest`` names the folder of frozen files.
    """

    tree = models.ForeignKey(RegionTree, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=32)
    scorecard = models.CharField(max_length=64)
    scorecard_zh = models.CharField(max_length=128)
    scorecard_en = models.CharField(max_length=128)
    catalogue = models.ForeignKey(CatalogueVersion, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=32)
    cadence = models.CharField(max_length=16)
    period_start = models.DateField()
    period_end = models.DateField()
    version = models.PositiveIntegerField()
    previous = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(
        max_length=16,
        choices=[(state.value, state.value) for state in RunState],
        default=RunState.DRAFT.value,
    )
    note = models.TextField(blank=True)

    facts_upto = models.BigIntegerField(null=True)
    tree_digest = models.CharField(max_length=64, blank=True)
    targets_digest = models.CharField(max_length=64, blank=True)
    snapshot_digest = models.CharField(max_length=64, blank=True, db_index=True)
    publication_hash = models.CharField(max_length=64, blank=True)
    places = models.PositiveIntegerField(default=0)

    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    prepared_at = models.DateTimeField()
    # Others who had a part in it without doing any of its steps: who set up the schedule that made it.
    hands = models.JSONField(default=list)
    computed_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # The days within which units may dispute what is not published yet; empty while none were given.
    appeal_from = models.DateField(null=True)
    appeal_until = models.DateField(null=True)
    # When a signed run becomes visible to its readers; empty for at once.
    release_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ("-period_end", "-period_start", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "level", "scorecard", "period", "version"], name="run_version_unique"
            ),
            models.UniqueConstraint(
                fields=["region", "level", "scorecard", "period"],
                condition=Q(state=RunState.PUBLISHED.value),
                name="run_one_published",
            ),
            models.UniqueConstraint(
                fields=["region", "level", "scorecard", "period"],
                condition=Q(state__in=["draft", "checked", "in_review", "appeal"]),
                name="run_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "superseded"])
                | (
                    ~Q(snapshot_digest="")
                    & ~Q(publication_hash="")
                    & Q(published_at__isnull=False)
                    & Q(facts_upto__isnull=False)
                    & Q(prepared_by__isnull=False)
                    & Q(approved_by__isnull=False)
                ),
                name="run_published_is_frozen",
            ),
            models.CheckConstraint(
                condition=~Q(state=RunState.EMBARGOED.value)
                | (
                    ~Q(snapshot_digest="")
                    & ~Q(publication_hash="")
                    & Q(release_at__isnull=False)
                    & Q(published_at__isnull=True)
                    & Q(approved_by__isnull=False)
                ),
                name="run_embargoed_is_frozen",
            ),
            models.UniqueConstraint(
                fields=["region", "level", "scorecard", "period"],
                condition=Q(state=RunState.EMBARGOED.value),
                name="run_one_embargoed",
            ),
            models.CheckConstraint(
                condition=Q(appeal_until__isnull=True) | Q(appeal_until__gte=F("appeal_from")),
                name="run_appeal_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("prepared_by")),
                name="run_approver_is_another",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["region", "level", "scorecard", "period_end"], name="run_comparable")
        ]

    def __str__(self) -> str:
        return f"{self.scorecard} {self.period} v{self.version}"

    @property
    def scorecard_name(self) -> str:
        """The scorecard's name in the reader's language, as it was when the run was made."""
        return self.scorecard_en if interface_language() == "en" else self.scorecard_zh

    @property
    def period_label(self) -> str:
        """The period as offices write it."""
        return Period.parse(self.period).label(interface_language())

    @property
    def level_name(self) -> str:
        """The name of the ranked level."""
        return self.tree.level_name(self.level)


class RunPlace(models.Model):
    """A ranked place of a run: what lists and trends need without opening the frozen files."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="ranked")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    rank = models.PositiveIntegerField(null=True)
    total = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    # Points of each section of the card, as texts in its order.
    sections = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ("run", "rank", "region")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "region"], name="run_place_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.region_id}"


class RunDelta(models.Model):
    """What one batch of facts does to an open draft: one step, from the batch before it to this one.

    Worked out from batches and definitions alone, so it can be thrown away and worked out again. ``facts``:
    the changed figures of the run's region, exact and scaled; read it through the queries, which decide
    who may see which of them. ``places`` and ``indicators``: what moved, from what to what.
    """

    class Effect(models.TextChoices):
        NONE = "none"
        MOVED = "moved"
        TOO_MANY = "too_many"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="deltas")
    batch = models.ForeignKey(FactBatch, on_delete=models.PROTECT, related_name="+")
    effect = models.CharField(max_length=8, choices=Effect.choices)
    fact_count = models.PositiveIntegerField()
    facts = models.JSONField(default=list)
    places = models.JSONField(default=list)
    indicators = models.JSONField(default=list)
    more = models.PositiveIntegerField(default=0, help_text="lines that moved and are not kept")
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("run", "batch__sequence")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "batch"], name="run_delta_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.batch_id} {self.effect}"


class RunFinding(models.Model):
    """Something the checks noticed in a run's figures, and what a person said to it."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="findings")
    code = models.CharField(max_length=64)
    severity = models.CharField(max_length=8, choices=[(item.value, item.value) for item in Severity])
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+")
    element = models.CharField(max_length=96, blank=True)
    indicator = models.CharField(max_length=96, blank=True)
    params = models.JSONField(default=dict)
    state = models.CharField(
        max_length=12,
        choices=[(item.value, item.value) for item in FindingState],
        default=FindingState.OPEN.value,
    )
    # Who is to see to it; nobody yet where empty. ``with_unit``: whoever reports for the place may reply.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    with_unit = models.BooleanField(default=False)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)
    # What was found before of the same thing and answered: in an earlier version, or before figures were corrected.
    carried_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ("severity", "code", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "gone"]) | ~Q(answer=""), name="run_finding_answer_given"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["run", "state"], name="run_finding_state"),
            models.Index(fields=["owner", "state"], name="run_finding_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.severity})"

    @property
    def kept_from(self) -> RunFinding | None:
        """The finding of an earlier version whose answer still stands here, since nothing of it has changed."""
        before = self.carried_from
        return before if before is not None and self.answered_at == before.answered_at else None

    @property
    def answered_before(self) -> RunFinding | None:
        """The finding that was answered before with other figures; its answer no longer counts."""
        return None if self.kept_from is not None else self.carried_from


class FindingStep(models.Model):
    """One step of a finding's life: who did what, in which words, and to whom it went."""

    finding = models.ForeignKey(RunFinding, on_delete=models.CASCADE, related_name="steps")
    act = models.CharField(max_length=12, choices=[(act.value, act.value) for act in FindingAct])
    text = models.TextField(blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("at", "id")

    def __str__(self) -> str:
        return f"{self.act} {self.at:%Y-%m-%d %H:%M}"


class RunReview(models.Model):
    """One step of a run's life as a person took it: what, why, who, when."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="reviews")
    action = models.CharField(max_length=16, choices=[(item.value, item.value) for item in RunAction])
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16)
    reason = models.TextField(blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("at", "id")

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"


class Publication(models.Model):
    """The receipt of one act of publishing: its running number, what was signed, by whom, when."""

    number = models.PositiveIntegerField(unique=True)
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="publication")
    publication_hash = models.CharField(max_length=64)
    snapshot_digest = models.CharField(max_length=64)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    official_number = models.CharField(max_length=64, blank=True)
    # The last day on which a reader may still dispute what is published.
    objections_until = models.DateField(null=True)
    # Why no (or a shorter) time for appeals was given before.
    skip_reason = models.TextField(blank=True)
    # What held the publication back, as codes with parameters, and why it went out all the same.
    held = models.JSONField(default=list)
    hold_reason = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ("-number",)

    def __str__(self) -> str:
        return f"{self.number} {self.publication_hash[:12]}"


class ReleaseRule(models.Model):
    """How an office lets the runs of a scorecard go: time for appeals and to settle them, the series of their numbers.

    A rule without scorecard holds for every card of the office that has none of its own.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    scorecard = models.CharField(max_length=64, blank=True)
    appeal_days = models.PositiveSmallIntegerField(default=0)
    objection_days = models.PositiveSmallIntegerField(default=OBJECTION_DAYS)
    # Working days from an appeal to its acceptance, and from then to the decision.
    examine_days = models.PositiveSmallIntegerField(default=EXAMINE_DAYS)
    decide_days = models.PositiveSmallIntegerField(default=DECIDE_DAYS)
    series = models.ForeignKey(NumberSeries, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ("region", "scorecard")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "scorecard"], name="run_release_rule_once"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.scorecard or '*'}"
