"""The catalogue in force: every version ever used, as full text."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class CatalogueVersion(models.Model):
    """One version of the catalogue of elements, indicators, groups and scorecards.

    ``text`` is the canonical YAML of everything; it is never changed, so a run can always be
    understood with the words that were valid when it was computed. The newest number is in force.
    """

    number = models.PositiveIntegerField(unique=True)
    code = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, db_index=True)
    text = models.TextField()
    in_force_from = models.DateField()
    note = models.TextField(blank=True)
    indicator_count = models.PositiveIntegerField()
    element_count = models.PositiveIntegerField()
    scorecard_count = models.PositiveIntegerField()
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    imported_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ("-number",)

    def __str__(self) -> str:
        return f"{self.code} v{self.number}"
