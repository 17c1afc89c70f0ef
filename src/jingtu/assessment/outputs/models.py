"""Layouts of other evaluations with their versions, the sheets made by them, and what people did with each item."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from jingtu.core.files.models import StoredFile
from jingtu.core.regions.models import Region
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language

from .layout import Layout, from_json
from .rules import Origin


class LayoutVersion(models.Model):
    """One version of a layout as it was written; the newest is the one that new sheets take. Never changed."""

    code = models.SlugField(max_length=48)
    number = models.PositiveIntegerField()
    text = models.TextField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=255)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["code", "-number"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["code", "number"], name="outputs_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.number}"

    @property
    def layout(self) -> Layout:
        """The layout itself."""
        return from_json(self.content)


class Sheet(models.Model):
    """A layout filled in for one region and period. ``sent_at``: from then on it stays as it was."""

    version = models.ForeignKey(LayoutVersion, on_delete=models.PROTECT, related_name="sheets")
    code = models.SlugField(max_length=48)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=32)
    issue = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField()
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(null=True)
    frozen = models.JSONField(null=True)
    """What every item said when the sheet was sent out."""
    facts_upto = models.JSONField(default=list)
    """After which batches of facts the values stood that were sent out unpublished."""
    exports = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar[list[str]] = ["-made_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["code", "region", "period", "issue"], name="outputs_sheet_once"),
            models.UniqueConstraint(
                fields=["code", "region", "period"],
                condition=models.Q(sent_at__isnull=True),
                name="outputs_one_open_sheet",
            ),
            models.CheckConstraint(
                condition=models.Q(sent_at__isnull=True, frozen__isnull=True)
                | models.Q(sent_at__isnull=False, frozen__isnull=False),
                name="outputs_sent_is_frozen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.region_id} {self.period}"

    def period_label(self, language: Language) -> str:
        """The period in words."""
        return Period.parse(self.period).label(language)


class Item(models.Model):
    """What a person did with one row of a sheet: confirmed the value that stood there, or wrote the answer."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="items")
    row = models.SlugField(max_length=48)
    value = models.CharField(max_length=64, blank=True)
    origin = models.CharField(
        max_length=8, choices=[(origin.value, origin.value) for origin in Origin], blank=True
    )
    mark = models.CharField(max_length=96, blank=True)
    text = models.TextField(blank=True)
    note = models.CharField(max_length=255, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["sheet", "row"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sheet", "row"], name="outputs_item_once"),
            models.CheckConstraint(
                condition=models.Q(confirmed_at__isnull=True) | ~models.Q(value="", text=""),
                name="outputs_confirmed_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.row}"


class Evidence(models.Model):
    """A file that goes with an item."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="evidence")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar[list[str]] = ["item", "pk"]

    def __str__(self) -> str:
        return str(self.file_id)
