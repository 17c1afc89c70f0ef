"""Facts: definitions of elements, batches of values, and what became of each uploaded file."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jingtu.engine.problems import Problem


class ElementDefinition(models.Model):
    """One version of an element's definition; the newest version of a code is in force."""

    code = models.CharField(max_length=96)
    version = models.PositiveIntegerField()
    definition = models.JSONField()
    in_force = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("code", "version")
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="facts_element_version"),
            models.UniqueConstraint(
                fields=("code",), condition=models.Q(in_force=True), name="facts_element_one_in_force"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class FactBatch(models.Model):
    """Values that became visible together. The rows are an immutable Parquet file named by its hash;
    this row, written in the committing transaction, is what makes them visible.

    A later batch of the tree wins over an earlier one, key by key; a row without a value retracts.
    """

    class Kind(models.TextChoices):
        IMPORT = "import", _("导入")
        EDIT = "edit", _("修改")
        RETRACTION = "retraction", pgettext_lazy("kind", "撤回")
        UNDO = "undo", _("撤销导入")
        REPORT = "report", _("报表")

    tree = models.ForeignKey("regions.RegionTree", on_delete=models.PROTECT, related_name="+")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    sha256 = models.CharField(max_length=64)
    row_count = models.PositiveIntegerField()
    region = models.ForeignKey(
        "regions.Region",
        on_delete=models.PROTECT,
        related_name="+",
        help_text="nearest region whose subtree holds every row",
    )
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")
    actor_id = models.CharField(max_length=64)
    actor_label = models.CharField(max_length=128)
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("tree", "sequence")
        constraints = (
            models.UniqueConstraint(fields=("tree", "sequence"), name="facts_batch_sequence"),
            models.CheckConstraint(
                condition=models.Q(kind="import") | ~models.Q(note=""), name="facts_batch_change_has_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.tree_id}/{self.sequence}"


class TableImport(models.Model):
    """An uploaded table of something other than facts: refused with everything found wrong, or confirmed."""

    class State(models.TextChoices):
        READY = "ready", _("待确认")
        STORED = "stored", _("已入库")
        REFUSED = "refused", pgettext_lazy("confirmation", "已退回")

    tree = models.ForeignKey("regions.RegionTree", on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    marked_file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    actor_label = models.CharField(max_length=128)
    state = models.CharField(max_length=16, choices=State.choices)
    row_count = models.PositiveIntegerField(default=0)
    problem_count = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, help_text="the first problems: code, params, row, column")
    created_at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.file_id} {self.state}"

    def listed_problems(self) -> list[Problem]:
        """The kept problems as objects."""
        return [Problem(one["code"], one["params"], one["row"], one["column"]) for one in self.problems]

    def keep_problems(self, problems: Sequence[Problem], most: int = 500) -> None:
        """Note what is wrong, the first ``most`` in full."""
        self.problem_count = len(problems)
        self.problems = [
            {
                "code": problem.code,
                "params": {name: str(value) for name, value in problem.params.items()},
                "row": problem.row,
                "column": problem.column,
            }
            for problem in problems[:most]
        ]


class FactImport(models.Model):
    """One uploaded file on its way to becoming a batch, or refused with everything found wrong."""

    class State(models.TextChoices):
        CHECKING = "checking", _("校验中")
        READY = "ready", _("待确认")
        STORED = "stored", _("已入库")
        REFUSED = "refused", pgettext_lazy("confirmation", "已退回")

    tree = models.ForeignKey("regions.RegionTree", on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    actor_label = models.CharField(max_length=128)
    state = models.CharField(max_length=16, choices=State.choices, default=State.CHECKING)
    row_count = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    facts_upto = models.PositiveIntegerField(default=0, help_text="sequence the preview was compared with")
    problem_count = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list, help_text="the first problems: code, params, row, column")
    marked_file = models.ForeignKey("files.StoredFile", on_delete=models.PROTECT, null=True, related_name="+")
    batch = models.OneToOneField(FactBatch, on_delete=models.PROTECT, null=True, related_name="fact_import")
    job = models.ForeignKey("jobs.Job", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = (models.Index(fields=("tree", "-created_at"), name="facts_import_tree"),)

    def __str__(self) -> str:
        return f"{self.file_id} {self.state}"
