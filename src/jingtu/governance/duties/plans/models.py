"""Plans and the tasks they are made of: who does what by when, and all that ever happened to it."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from jingtu.core.accounts.models import Unit
from jingtu.core.documents.models import NormativeDocument
from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.clock import now
from jingtu.core.regions.models import Region

from .rules import HEAVIEST, Measure, TaskState
from .sums import WHOLE, number_of


class Plan(models.Model):
    """A bundle of tasks for one place and period. ``kind`` says what it was made for (a plan, a meeting's
    decisions, the rectification of a listed place); ``origin`` names what it came from.

    ``progress``, ``leaves``, ``leaves_done`` and ``next_due`` are the sums of its top tasks.
    """

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, default="plan")
    starts = models.DateField()
    ends = models.DateField()
    document = models.CharField(max_length=96, blank=True)
    origin = models.CharField(max_length=96, blank=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now)
    progress = models.PositiveIntegerField(default=0)
    leaves = models.PositiveIntegerField(default=0)
    leaves_done = models.PositiveIntegerField(default=0)
    next_due = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ("-starts", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="plan_period_in_order"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["region", "kind"], name="plan_by_region"),
            models.Index(fields=["origin"], name="plan_by_origin"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def percent(self) -> Decimal:
        """Progress in percent."""
        return Decimal(self.progress) / 100


class Task(models.Model):
    """One thing to be done by ``region`` (which decides rights), there by ``unit`` and ``person``.

    ``path`` places it in its plan in pre-order, five digits a level. ``own_progress`` is its own, claimed or
    measured, ``progress`` what it counts above: the weighted mean of its live children where it has some.
    Both in hundredths of a percent. ``source``: the task above from which it was copied down, its due day
    ``due_offset`` days before that one's.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="tasks")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=192)
    depth = models.PositiveSmallIntegerField(default=0)
    child_count = models.PositiveIntegerField(default=0)
    title = models.CharField(max_length=300)
    requirement = models.TextField(blank=True)
    strand = models.CharField(max_length=64, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    supporting = models.ManyToManyField(Unit, related_name="+")
    leader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    starts = models.DateField(null=True)
    due = models.DateField()
    weight = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(
        max_length=12,
        choices=[(state.value, state.value) for state in TaskState],
        default=TaskState.NOT_STARTED.value,
    )
    state_reason = models.TextField(blank=True)
    started_on = models.DateField(null=True)
    submitted_on = models.DateField(null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    done_on = models.DateField(null=True)
    measure = models.CharField(
        max_length=12,
        choices=[(measure.value, measure.value) for measure in Measure],
        default=Measure.CLAIMED.value,
    )
    own_progress = models.PositiveSmallIntegerField(default=0)
    progress = models.PositiveSmallIntegerField(default=0)
    leaves = models.PositiveIntegerField(default=1)
    leaves_done = models.PositiveIntegerField(default=0)
    next_due = models.DateField(null=True)
    origin = models.CharField(max_length=96, blank=True)
    source = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="copies")
    due_offset = models.SmallIntegerField(default=0)
    reminded_on = models.DateField(null=True)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)
    needs: models.ManyToManyField[Task, Dependency] = models.ManyToManyField(
        "self", through="Dependency", symmetrical=False, related_name="needed_by"
    )

    class Meta:
        ordering: ClassVar = ("plan_id", "path")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "path"], name="task_place_once"),
            models.CheckConstraint(
                condition=Q(starts__isnull=True) | Q(due__gte=F("starts")), name="task_dates_in_order"
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=HEAVIEST), name="task_weight_in_range"
            ),
            models.CheckConstraint(
                condition=Q(progress__lte=WHOLE, own_progress__lte=WHOLE), name="task_progress_in_range"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[TaskState.PAUSED.value, TaskState.CANCELLED.value])
                | ~Q(state_reason=""),
                name="task_stopped_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=TaskState.DONE.value) | Q(done_on__isnull=False),
                name="task_done_on_a_day",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["region", "state", "due"], name="task_by_region"),
            models.Index(fields=["person", "state", "due"], name="task_by_person"),
            models.Index(fields=["unit", "state", "due"], name="task_by_unit"),
            models.Index(fields=["state", "due"], name="task_by_due"),
            models.Index(fields=["origin"], name="task_by_origin"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> str:
        """Its number in the plan: 2.13."""
        return number_of(self.path)

    @property
    def percent(self) -> Decimal:
        """Progress in percent."""
        return Decimal(self.progress) / 100


class Dependency(models.Model):
    """``task`` cannot be handed in as done before ``needed`` is."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="dependencies")
    needed = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="dependents")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "needed"], name="dependency_once"),
            models.CheckConstraint(condition=~Q(task=F("needed")), name="dependency_not_on_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.task_id}→{self.needed_id}"


class Milestone(models.Model):
    """A stretch of the route: what is to be reached by when, when it was, and when that was written down."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="milestones")
    title = models.CharField(max_length=200)
    due = models.DateField()
    reached_on = models.DateField(null=True)
    recorded_on = models.DateField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ("due", "id")

    def __str__(self) -> str:
        return self.title


class Deliverable(models.Model):
    """Something the task has to produce; its evidence hangs on it."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="deliverables")
    title = models.CharField(max_length=200)
    delivered_on = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ("id",)

    def __str__(self) -> str:
        return self.title


class TaskIndicator(models.Model):
    """An indicator that speaks about the task; ``measures``: progress is read off it, from ``start`` to ``target``."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="indicators")
    indicator = models.CharField(max_length=96)
    measures = models.BooleanField(default=False)
    start = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    target = models.DecimalField(max_digits=20, decimal_places=6, null=True)

    class Meta:
        ordering: ClassVar = ("-measures", "indicator")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "indicator"], name="task_indicator_once"),
            models.UniqueConstraint(fields=["task"], condition=Q(measures=True), name="task_measured_by_one"),
            models.CheckConstraint(
                condition=Q(measures=False) | Q(start__isnull=False, target__isnull=False),
                name="task_measure_has_both_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.indicator


class TaskCitation(models.Model):
    """A normative document the task stands on, and where in it."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="citations")
    document = models.ForeignKey(NormativeDocument, on_delete=models.PROTECT, related_name="+")
    article = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "document", "article"], name="task_citation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.article}"


class TaskStep(models.Model):
    """What one person (or the system) did to a task: when, in which words, from what to what.

    ``changes``: field → [before, after]. ``batch`` ties together what was done to many tasks at once;
    ``undoes``: the step whose changes this one took back.
    """

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="steps")
    action = models.CharField(max_length=16)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    text = models.TextField(blank=True)
    changes = models.JSONField(default=dict)
    batch = models.CharField(max_length=32, blank=True)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")

    class Meta:
        ordering: ClassVar = ("at", "id")
        indexes: ClassVar = [
            models.Index(fields=["task", "at"], name="task_step_by_task"),
            models.Index(fields=["batch"], name="task_step_by_batch"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M}"


class Evidence(models.Model):
    """A file that proves something about a task, one of its deliverables where it names one."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="evidence")
    step = models.ForeignKey(TaskStep, on_delete=models.CASCADE, related_name="files")
    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, null=True, related_name="files")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ("id",)

    def __str__(self) -> str:
        return str(self.file_id)


class CalendarFeed(models.Model):
    """The secret address from which a calendar program reads a person's days. Only its hash is kept."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.user_id)
