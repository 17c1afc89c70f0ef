"""Dated targets with their versions, and trajectories with their milestones."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jingtu.core.facts.models import TableImport
from jingtu.core.regions.models import Region, RegionTree
from jingtu.engine import targets as engine
from jingtu.engine.catalogue.thresholds import Threshold
from jingtu.engine.periods import Period
from jingtu.engine.trajectory import Milestone as Point
from jingtu.engine.trajectory import Trajectory as Path
from jingtu.engine.trajectory import TurningRule

from .rules import TargetState


class TargetImport(TableImport):
    """An uploaded table of targets."""

    class Meta(TableImport.Meta):
        abstract = False


class Target(models.Model):
    """One version of one dated target.

    Versions of the same (indicator, scope, place, period, basis) count up; at most one is in force and at
    most one is proposed. ``region`` is the place meant or the area of a level; for a peer group the root.
    """

    tree = models.ForeignKey(RegionTree, on_delete=models.PROTECT, related_name="+")
    indicator = models.CharField(max_length=96)
    scope = models.CharField(max_length=8, choices=[(code, code) for code in engine.SCOPES])
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    group = models.CharField(max_length=64, blank=True)
    level = models.CharField(max_length=32, blank=True)
    period = models.CharField(max_length=32)
    basis = models.CharField(max_length=12, choices=[(code, code) for code in engine.BASES])
    start = models.DateField()
    end = models.DateField(null=True)

    version = models.PositiveIntegerField()
    requirement = models.CharField(max_length=32, blank=True)
    red_line = models.CharField(max_length=32, blank=True)
    document = models.CharField(max_length=255, blank=True)
    document_code = models.CharField(max_length=96, blank=True)
    reason = models.TextField(blank=True)
    state = models.CharField(
        max_length=12,
        choices=[(state.value, state.value) for state in TargetState],
        default=TargetState.PROPOSED.value,
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    source = models.ForeignKey(TargetImport, on_delete=models.PROTECT, null=True, related_name="targets")
    source_row = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ("-start", "indicator", "region", "-version")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["indicator", "scope", "region", "group", "level", "period", "basis", "version"],
                name="target_version_once",
            ),
            models.UniqueConstraint(
                fields=["indicator", "scope", "region", "group", "level", "period", "basis"],
                condition=Q(state=TargetState.IN_FORCE.value),
                name="target_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["indicator", "scope", "region", "group", "level", "period", "basis"],
                condition=Q(state=TargetState.PROPOSED.value),
                name="target_one_proposed",
            ),
            models.CheckConstraint(
                condition=~Q(requirement="") | ~Q(red_line=""), name="target_asks_something"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["tree", "state", "indicator"], name="target_in_force")]

    def __str__(self) -> str:
        return f"{self.indicator} {self.period} v{self.version}"

    @property
    def period_label(self) -> str:
        """The period as offices write it."""
        return engine.span_label(self.period, _language())

    @property
    def basis_name(self) -> str:
        """How the period is meant, in the reader's language."""
        return engine.BASES[self.basis][0 if _language() == "zh" else 1]  # type: ignore[index]

    def as_target(self) -> engine.Target:
        """The target as the engine knows it."""
        whole = self.scope == "group"
        return engine.Target(
            self.indicator,
            self.scope,  # type: ignore[arg-type]
            self.period,
            self.basis,  # type: ignore[arg-type]
            ("", "") if whole else (self.region.level, self.region.code),
            self.group,
            self.level,
            Threshold.parse(self.requirement) if self.requirement else None,
            Threshold.parse(self.red_line) if self.red_line else None,
            self.document,
        )


class Trajectory(models.Model):
    """One version of a way to a dated goal for one place; the newest version is in force.

    ``cadence`` is the kind of period of the series that is held against it; ``turning_*`` is the rule by
    which the series is said to have turned.
    """

    class Interpolation(models.TextChoices):
        STEP = "step", _("阶梯：到期前沿用上一目标")
        LINEAR = "linear", _("直线：按天数均匀推进")

    tree = models.ForeignKey(RegionTree, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    indicator = models.CharField(max_length=96)
    name_zh = models.CharField(max_length=128)
    name_en = models.CharField(max_length=128, blank=True)
    version = models.PositiveIntegerField()
    in_force = models.BooleanField(default=True)
    better = models.CharField(max_length=4, choices=[("up", "up"), ("down", "down")])
    base_period = models.CharField(max_length=32)
    base_value = models.DecimalField(max_digits=18, decimal_places=4)
    interpolation = models.CharField(max_length=8, choices=Interpolation.choices)
    tolerance = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    cadence = models.CharField(max_length=16, default="year")
    turning_wrong_way = models.PositiveSmallIntegerField(default=2)
    turning_right_way = models.PositiveSmallIntegerField(default=2)
    turning_noise = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    document = models.CharField(max_length=255, blank=True)
    reason = models.TextField(blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    set_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("region", "indicator", "-version")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "indicator", "version"], name="trajectory_version_once"
            ),
            models.UniqueConstraint(
                fields=["region", "indicator"], condition=Q(in_force=True), name="trajectory_one_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name_zh} v{self.version}"

    @property
    def name(self) -> str:
        """The name in the reader's language; Chinese where there is no English."""
        return self.name_en if _language() == "en" and self.name_en else self.name_zh

    @property
    def base_label(self) -> str:
        """The base period as offices write it."""
        return Period.parse(self.base_period).label(_language())

    def path(self) -> Path:
        """The trajectory as the engine knows it; reads the milestones."""
        base = Period.parse(self.base_period)
        return Path(
            Point(base.end, Fraction(self.base_value)),
            tuple(Point(Period.parse(one.period).end, Fraction(one.value)) for one in self.milestones.all()),
            self.interpolation,  # type: ignore[arg-type]
            self.better,  # type: ignore[arg-type]
            Fraction(self.tolerance),
        )

    def turning_rule(self) -> TurningRule:
        """By what its series is said to have turned."""
        return TurningRule(
            self.better,  # type: ignore[arg-type]
            self.turning_wrong_way,
            self.turning_right_way,
            Fraction(self.turning_noise),
        )


class Milestone(models.Model):
    """A value to be reached by the end of a period; ``turning``: by then the series should have turned."""

    trajectory = models.ForeignKey(Trajectory, on_delete=models.CASCADE, related_name="milestones")
    period = models.CharField(max_length=32)
    day = models.DateField()
    value = models.DecimalField(max_digits=18, decimal_places=4)
    name_zh = models.CharField(max_length=128, blank=True)
    name_en = models.CharField(max_length=128, blank=True)
    turning = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ("day",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["trajectory", "day"], name="milestone_one_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.period}: {self.value}"

    @property
    def name(self) -> str:
        """The name in the reader's language; Chinese where there is no English."""
        return self.name_en if _language() == "en" and self.name_en else self.name_zh

    @property
    def period_label(self) -> str:
        """The period as offices write it."""
        return Period.parse(self.period).label(_language())


def _language() -> engine.Language:
    return "en" if (get_language() or "").startswith("en") else "zh"
