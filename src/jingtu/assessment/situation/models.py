"""Situation reports: what was found when they were drafted, who signed, and the files that were printed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from jingtu.core.files.models import StoredFile
from jingtu.core.kernel.clock import now
from jingtu.core.regions.models import Region
from jingtu.engine.periods import Period
from jingtu.engine.problems import Language

from .rules import ReportState


class SituationReport(models.Model):
    """The report of one region for a year or a quarter. ``content`` is what was found, as plain values; from
    the signature on neither it nor the files change, and a correction is a further version."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="situation_reports")
    period = models.CharField(max_length=16)
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(
        max_length=8, choices=[(state.value, state.value) for state in ReportState], default=ReportState.DRAFT
    )
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    number = models.CharField(max_length=64, blank=True)
    issuer_zh = models.CharField(max_length=64, blank=True)
    issuer_en = models.CharField(max_length=128, blank=True)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(default=now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-prepared_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["region", "period", "version"], name="situation_version_once"),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True) | ~models.Q(approved_by=models.F("prepared_by")),
                name="situation_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.period} v{self.version}"

    def period_label(self, language: Language) -> str:
        """The period in words."""
        return Period.parse(self.period).label(language)


class SituationFile(models.Model):
    """A printed form of a report: one format in one language."""

    report = models.ForeignKey(SituationReport, on_delete=models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    format = models.CharField(max_length=8)
    language = models.CharField(max_length=2)

    class Meta:
        ordering: ClassVar[list[str]] = ["-language", "format"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["report", "format", "language"], name="situation_file_once")
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.language} {self.format}"

    @property
    def label(self) -> str:
        """What a reader is offered: the program's name and the text's language."""
        program = {"docx": "Word", "pdf": "PDF", "xlsx": "Excel"}[self.format]
        return f"{program} · {'English' if self.language == 'en' else '中文'}"
